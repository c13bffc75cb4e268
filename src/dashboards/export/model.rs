//! What may be asked for, by which address, and what comes out.

use crate::ids::{DashboardId, WidgetId};

/// A form in which a dashboard or a widget leaves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    Csv,
    Xlsx,
    Json,
    Svg,
    Png,
    Pdf,
}

impl Format {
    pub const ALL: [Format; 6] = [Self::Pdf, Self::Png, Self::Svg, Self::Xlsx, Self::Csv, Self::Json];

    /// As files end on it.
    pub const fn extension(self) -> &'static str {
        match self {
            Self::Csv => "csv",
            Self::Xlsx => "xlsx",
            Self::Json => "json",
            Self::Svg => "svg",
            Self::Png => "png",
            Self::Pdf => "pdf",
        }
    }

    /// For people.
    pub const fn label(self) -> &'static str {
        match self {
            Self::Csv => "CSV",
            Self::Xlsx => "Spreadsheet (XLSX)",
            Self::Json => "JSON",
            Self::Svg => "Drawing (SVG)",
            Self::Png => "Picture (PNG)",
            Self::Pdf => "Document (PDF)",
        }
    }

    pub fn parse(extension: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|format| format.extension() == extension)
    }

    #[cfg(feature = "ssr")]
    pub const fn content_type(self) -> &'static str {
        match self {
            Self::Csv => "text/csv; charset=utf-8",
            Self::Xlsx => "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
            Self::Json => "application/json",
            Self::Svg => "image/svg+xml",
            Self::Png => "image/png",
            Self::Pdf => "application/pdf",
        }
    }
}

/// What an address with one of our endings names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Address {
    pub dashboard: DashboardId,
    pub widget: Option<WidgetId>,
    pub format: Format,
    /// Whether a program asks, or a person.
    pub api: bool,
}

impl Address {
    /// `/dashboards/ID.pdf`, `/dashboards/ID/widgets/ID.png`, and the same under `/api/v1`.
    pub fn parse(path: &str) -> Option<Self> {
        let (path, api) = match path.strip_prefix("/api/v1") {
            Some(path) => (path, true),
            None => (path, false),
        };
        let (ids, extension) = path.strip_prefix("/dashboards/")?.rsplit_once('.')?;
        let format = Format::parse(extension)?;
        let (dashboard, widget) = match ids.split_once("/widgets/") {
            Some((dashboard, widget)) => (dashboard, Some(widget.parse().ok()?)),
            None => (ids, None),
        };
        Some(Self { dashboard: dashboard.parse().ok()?, widget, format, api })
    }
}

/// The address of a file: what the menus link to. `search` is the page's query string, with its question mark.
pub fn href(dashboard: DashboardId, widget: Option<WidgetId>, format: Format, search: &str) -> String {
    let extension = format.extension();
    match widget {
        Some(widget) => format!("/dashboards/{dashboard}/widgets/{widget}.{extension}{search}"),
        None => format!("/dashboards/{dashboard}.{extension}{search}"),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, reason = "tests")]
    use super::*;

    const ID: &str = "018f0000-0000-7000-8000-000000000001";

    #[test]
    fn what_is_linked_is_understood() {
        let (dashboard, widget) = (ID.parse().unwrap(), ID.parse().unwrap());
        for format in Format::ALL {
            for widget in [None, Some(widget)] {
                let path = href(dashboard, widget, format, "");
                assert_eq!(Address::parse(&path), Some(Address { dashboard, widget, format, api: false }), "{path}");
                assert!(Address::parse(&format!("/api/v1{path}")).unwrap().api);
            }
        }
    }

    #[test]
    fn other_addresses_are_left_alone() {
        for path in ["/dashboards/new", "/dashboards/x.pdf", "/dashboards", "/payments.csv", "/dashboards/.pdf"] {
            assert_eq!(Address::parse(path), None, "{path}");
        }
        assert_eq!(Address::parse(&format!("/dashboards/{ID}")), None);
        assert_eq!(Address::parse(&format!("/dashboards/{ID}.exe")), None);
        assert_eq!(Address::parse(&format!("/dashboards/{ID}/widgets/x.png")), None);
    }
}
