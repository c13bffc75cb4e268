//! Light or dark: the system's wish until the person chooses. The choice travels in a cookie, so that the
//! server draws the first page in it.

use serde::{Deserialize, Serialize};

/// Name of the cookie that holds the choice.
pub const COOKIE: &str = "theme";

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Theme {
    /// What the system says.
    #[default]
    System,
    Light,
    Dark,
}

impl Theme {
    pub const ALL: [Theme; 3] = [Theme::System, Theme::Light, Theme::Dark];

    pub const fn as_str(self) -> &'static str {
        match self {
            Self::System => "system",
            Self::Light => "light",
            Self::Dark => "dark",
        }
    }

    pub const fn label(self) -> &'static str {
        match self {
            Self::System => "System",
            Self::Light => "Light",
            Self::Dark => "Dark",
        }
    }

    /// Anything else than a theme's name is the system's wish.
    pub fn parse(name: &str) -> Self {
        Self::ALL.into_iter().find(|t| t.as_str() == name).unwrap_or_default()
    }

    /// `data-theme` of the document; absent while the system decides.
    pub const fn attribute(self) -> Option<&'static str> {
        match self {
            Self::System => None,
            Self::Light => Some("light"),
            Self::Dark => Some("dark"),
        }
    }
}

/// The value of one cookie out of a `Cookie` header.
pub fn cookie<'a>(header: &'a str, name: &str) -> Option<&'a str> {
    header.split(';').filter_map(|pair| pair.trim().split_once('=')).find(|(key, _)| *key == name).map(|(_, v)| v)
}

/// The value of a cookie of the request that is being answered.
#[cfg(feature = "ssr")]
pub fn request_cookie(name: &str) -> Option<String> {
    let parts = leptos::prelude::use_context::<http::request::Parts>()?;
    cookie_of(&parts.headers, name).map(str::to_owned)
}

#[cfg(feature = "ssr")]
fn cookie_of<'a>(headers: &'a http::HeaderMap, name: &str) -> Option<&'a str> {
    let headers = headers.get_all(http::header::COOKIE).iter();
    headers.filter_map(|header| header.to_str().ok()).find_map(|header| cookie(header, name))
}

/// The theme that the person chose.
#[cfg(feature = "ssr")]
pub fn chosen() -> Theme {
    request_cookie(COOKIE).map(|name| Theme::parse(&name)).unwrap_or_default()
}

/// The theme that a request's sender chose.
#[cfg(feature = "ssr")]
pub fn of(headers: &http::HeaderMap) -> Theme {
    cookie_of(headers, COOKIE).map(Theme::parse).unwrap_or_default()
}

/// The theme that the document is shown in.
#[cfg(not(feature = "ssr"))]
pub fn chosen() -> Theme {
    let root = leptos::prelude::document().document_element();
    root.and_then(|root| root.get_attribute("data-theme")).map(|name| Theme::parse(&name)).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cookie_is_found_by_its_whole_name() {
        assert_eq!(cookie("xtheme=light; theme=dark; vw=390", "theme"), Some("dark"));
        assert_eq!(cookie("vw=390", "theme"), None);
        assert_eq!(cookie("", "theme"), None);
    }

    #[test]
    fn an_unknown_theme_is_the_system_s() {
        assert_eq!(Theme::parse("purple"), Theme::System);
        assert_eq!(Theme::parse("dark").attribute(), Some("dark"));
        assert_eq!(Theme::System.attribute(), None);
    }
}
