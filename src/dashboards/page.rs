//! What the page asks for and what it gets; the same on both sides of the wire.

use super::{
    filters::model::Choosing, model::DashboardRow, personal::model::Standing, selection::Selection,
    views::model::ViewLink,
};
use crate::{
    error::AppError,
    ids::{DashboardId, WidgetId},
    metrics::{ActiveFilter, Comparison, DEFAULT_RANGE, Filters, Lack, TimeRange},
    widgets::{WidgetKind, turn::Turn},
};
use chrono::NaiveDate;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::sync::Arc;

/// The part of the address that says what is shown.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct PageQuery {
    /// The one that the person sees first, when `None`.
    #[serde(default)]
    pub dashboard: Option<DashboardId>,
    #[serde(default)]
    pub from: Option<String>,
    /// The end of the range, in the range language: not included.
    #[serde(default)]
    pub to: Option<String>,
    /// A last day that is included, as people mean it when they pick a date.
    #[serde(default)]
    pub until: Option<String>,
    #[serde(default)]
    pub compare: Option<String>,
    /// A dashboard that was just put into the bin, to offer a way back.
    #[serde(default)]
    pub deleted: Option<DashboardId>,
    /// Tables that are sorted otherwise than their settings say, or at another page.
    #[serde(default)]
    pub turns: Vec<Turn>,
    #[serde(default)]
    pub filters: Filters,
    /// What all of the above begins with: `standard`, or the id of a saved view. Without one, and when nothing else is said
    /// either, what the person looked at last.
    #[serde(default)]
    pub view: Option<String>,
    /// The filter whose values somebody wants to choose among.
    #[serde(default)]
    pub choose: Option<String>,
}

impl PageQuery {
    /// What the address says, by its parameters.
    pub fn read<N: AsRef<str>, V: AsRef<str>>(
        dashboard: Option<DashboardId>,
        parameters: impl IntoIterator<Item = (N, V)>,
    ) -> Self {
        let parameters: Vec<(N, V)> = parameters.into_iter().collect();
        let get = |wanted: &str| {
            let found = parameters.iter().find(|(name, _)| name.as_ref() == wanted);
            found.map(|(_, value)| value.as_ref().to_owned())
        };
        let deleted = get("deleted").and_then(|id| id.parse().ok());
        let [from, to, until, compare, view, choose] = ["from", "to", "until", "compare", "view", "choose"].map(get);
        let filters = Filters::read(parameters.iter().map(|(name, value)| (name.as_ref(), value.as_ref())));
        let tables = parameters.iter().filter(|(name, _)| name.as_ref() == "table");
        let turns = Turn::all(tables.map(|(_, turn)| turn.as_ref().to_owned()));
        Self { dashboard, from, to, until, compare, deleted, turns, filters, view, choose }
    }

    /// Whether anything is said of what to show: then nothing that a person looked at before counts.
    pub fn is_explicit(&self) -> bool {
        let said = [&self.from, &self.to, &self.until, &self.compare, &self.view, &self.choose];
        said.into_iter().any(Option::is_some) || self.deleted.is_some() || !self.filters.is_empty()
    }

    /// What is to be shown, once the view that it begins with is known.
    pub fn selection(&self) -> Selection {
        Selection { range: self.range(), comparison: self.comparison(), filters: self.filters.clone() }
    }

    /// The range asked for; twelve whole months when nothing is said, all time when both ends are empty.
    pub fn range(&self) -> TimeRange {
        if self.from.is_none() && self.to.is_none() && self.until.is_none() {
            return DEFAULT_RANGE.range();
        }
        let given = |text: &Option<String>| text.as_deref().map(str::trim).filter(|t| !t.is_empty()).map(str::to_owned);
        let to = match given(&self.until) {
            // What is no date stays as it is, to be refused with its own words.
            Some(day) => Some(day.parse::<NaiveDate>().ok().and_then(|d| d.succ_opt()).map_or(day, |d| d.to_string())),
            None => given(&self.to),
        };
        TimeRange { from: given(&self.from), to }
    }

    /// The year before, unless something else, or nothing, is asked for.
    pub fn comparison(&self) -> Option<Comparison> {
        match self.compare.as_deref() {
            Some("none") => None,
            Some("previous_period") => Some(Comparison::PreviousPeriod),
            _ => Some(Comparison::YearBefore),
        }
    }
}

/// A widget's body: HTML that the server drew, escaped and free of scripts. Cheap to clone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Body(pub Arc<str>);

impl Default for Body {
    fn default() -> Self {
        Self(Arc::from(""))
    }
}

impl Serialize for Body {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for Body {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer).map(|html| Self(html.into()))
    }
}

/// A card without its body.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Card {
    pub id: WidgetId,
    pub kind: WidgetKind,
    pub title: String,
    /// Whose page explains the number.
    pub metric: Option<String>,
    pub x: u16,
    pub y: u16,
    pub w: u16,
    pub h: u16,
    /// Its own time range in words, where it has one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub range: Option<String>,
    /// Seconds between two looks, where they are its own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub refresh: Option<u32>,
    /// The filters in force that it has no field for, in words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unmet: Option<String>,
    /// Changes when the body does.
    pub hash: String,
    /// In place of the body, when it could not be drawn.
    pub error: Option<AppError>,
}

/// The dashboard that is shown, all but its bodies.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Shown {
    pub row: DashboardRow,
    pub standing: Standing,
    pub range: TimeRange,
    /// "Last 12 months".
    pub range_label: String,
    /// "1 Nov 2025 – 31 Oct 2026".
    pub period_label: String,
    /// The period's ends as a date picker has them: the last day is included.
    pub first_day: Option<NaiveDate>,
    pub last_day: Option<NaiveDate>,
    /// What zooming out shows, from a range that has no name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub wider: Option<TimeRange>,
    pub comparison: Option<Comparison>,
    /// All that are in force, also those that nothing on this dashboard has a field for.
    pub filters: Filters,
    /// The same in words, in step.
    pub active: Vec<ActiveFilter>,
    /// Names and labels of the filters that something on this dashboard honours.
    pub offered: Vec<(String, String)>,
    /// What of the address means nothing here, a sentence each.
    pub notices: Vec<String>,
    /// The saved views of this dashboard that the person may choose among: the organisation's first.
    pub views: Vec<ViewLink>,
    /// The values of the filter that the address wants chosen.
    pub choosing: Option<Choosing>,
    /// Why the range in the address could not be used; the usual one is shown instead.
    pub range_error: Option<String>,
    /// How many transactions fall into the period.
    pub transactions: Option<i64>,
    /// The kinds of record that it is about, when there is none of any of them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub missing: Vec<Missing>,
    /// The file that the dashboard comes from, where it is changed in a file alone.
    pub provisioned: Option<String>,
    /// Whether it has widgets, none of which is for the person.
    #[serde(default)]
    pub closed: bool,
    /// In reading order.
    pub cards: Vec<Card>,
}

/// A kind of record that a dashboard has none of, and where the first comes from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Missing {
    /// As imports name it.
    pub source: String,
    /// "material", and several.
    pub noun: (String, String),
    /// The page of its list.
    pub page: String,
    pub lack: Lack,
}

impl Shown {
    pub fn selection(&self) -> Selection {
        Selection { range: self.range.clone(), comparison: self.comparison, filters: self.filters.clone() }
    }

    /// Whether something on this dashboard honours the filter.
    pub fn offers(&self, filter: &str) -> bool {
        self.offered.iter().any(|(name, _)| name == filter)
    }
}

/// One tab.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Tab {
    pub id: DashboardId,
    pub name: String,
    /// The person's own.
    #[serde(default)]
    pub personal: bool,
    #[serde(default)]
    pub favourite: bool,
}

/// The page without bodies: what the browser needs to wake up the HTML that it has got already.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct PageHead {
    /// In the person's order.
    pub tabs: Vec<Tab>,
    /// `None` while the organisation has no dashboard.
    pub shown: Option<Shown>,
    /// A dashboard in the bin that can be taken out again.
    pub deleted: Option<Tab>,
    /// The query string that the page has to be asked for with: what the person looked at last, or a saved view.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub goes_to: Option<String>,
}

/// The whole page.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct PageData {
    pub head: PageHead,
    /// In step with the cards.
    pub bodies: Vec<Body>,
}

/// [`PageData`] as a page's resource. A resource's value is sent once more beside the HTML for hydration; the bodies are in
/// that HTML already and hydration leaves `inner_html` alone, so they are left out.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Hydrated(pub PageData);

impl Serialize for Hydrated {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.0.head.serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Hydrated {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        PageHead::deserialize(deserializer).map(|head| Self(PageData { head, bodies: Vec::new() }))
    }
}

/// What a page in the browser has of one card.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Known {
    pub id: WidgetId,
    pub hash: String,
}

/// A card that looks different now.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Redrawn {
    pub id: WidgetId,
    pub hash: String,
    pub error: Option<AppError>,
    pub body: Body,
}

/// What has changed since the browser last looked.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Refreshed {
    /// The dashboard itself is another one now: the whole page has to be asked for again.
    pub rearranged: bool,
    pub cards: Vec<Redrawn>,
    pub period_label: String,
    pub transactions: Option<i64>,
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, reason = "tests")]
    use super::*;
    use crate::dashboards::selection::STANDARD;

    #[test]
    fn nothing_said_is_twelve_months_beside_the_year_before() {
        let query = PageQuery::default();
        assert_eq!(query.range(), DEFAULT_RANGE.range());
        assert_eq!(query.comparison(), Some(Comparison::YearBefore));
        assert_eq!(query.selection(), Selection::default());
        assert!(!query.is_explicit());
    }

    #[test]
    fn two_empty_ends_are_all_time() {
        let query = PageQuery { from: Some(String::new()), to: Some(String::new()), ..PageQuery::default() };
        assert_eq!(query.range(), TimeRange::default());
    }

    #[test]
    fn a_picked_last_day_is_included() {
        let query = PageQuery {
            from: Some("2026-01-01".into()),
            until: Some("2026-01-31".into()),
            to: Some("now".into()),
            ..PageQuery::default()
        };
        assert_eq!(query.range().to.as_deref(), Some("2026-02-01"));
        let wrong = PageQuery { until: Some("soon".into()), ..PageQuery::default() };
        assert_eq!(wrong.range().to.as_deref(), Some("soon"));
    }

    #[test]
    fn an_address_is_read_as_a_whole() {
        let read = |pairs: &[(&str, &str)]| PageQuery::read(None, pairs.iter().copied());
        let query = read(&[("f.category", "Freight"), ("kiosk", ""), ("f.category", "Payroll"), ("compare", "none")]);
        assert_eq!(query.filters.get("category"), ["Freight", "Payroll"]);
        assert!(query.is_explicit() && query.comparison().is_none());
        assert!(!read(&[("kiosk", ""), ("f.category", "")]).is_explicit(), "that says nothing");
        assert!(read(&[("view", STANDARD)]).is_explicit());
        assert_eq!(read(&[("view", STANDARD)]).selection(), Selection::default());
    }

    #[test]
    fn bodies_do_not_travel_twice() {
        let data = PageData { bodies: vec![Body("<b>1</b>".into())], ..PageData::default() };
        let hydration = serde_json::to_string(&Hydrated(data.clone())).unwrap();
        assert!(!hydration.contains("<b>"), "{hydration}");
        let back: Hydrated = serde_json::from_str(&hydration).unwrap();
        assert_eq!(back.0.head, data.head);
        let wire = serde_json::to_string(&data).unwrap();
        assert_eq!(serde_json::from_str::<PageData>(&wire).unwrap(), data);
    }
}
