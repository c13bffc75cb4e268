//! How somebody has turned a table over, sorted by another column or at another page, or a calendar to another month. It
//! stands in the page's address and changes nothing of the dashboard.

use crate::ids::WidgetId;
use serde::{Deserialize, Serialize};
use std::{fmt, str::FromStr};

/// One table or calendar of a dashboard, turned over. In addresses `ID:-amount:2`: sorted by the amount, the largest first,
/// and at the second page; `ID:2026-11` for a month.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Turn {
    pub widget: WidgetId,
    /// As in the settings: a field, with a minus before it for the largest first; or a calendar's month. `None`: as the
    /// settings say.
    pub sort: Option<String>,
    /// From 0.
    pub page: u32,
}

/// Nobody turns so many pages over one by one.
const MOST_PAGES: u32 = 1_000_000;

impl Turn {
    /// Those that can be read, of each table the one that was said last.
    pub fn all(texts: impl IntoIterator<Item = String>) -> Vec<Self> {
        let mut turns: Vec<Self> = Vec::new();
        for turn in texts.into_iter().filter_map(|text| text.parse::<Self>().ok()) {
            turns.retain(|other| other.widget != turn.widget);
            turns.push(turn);
        }
        turns
    }
}

impl FromStr for Turn {
    type Err = String;
    fn from_str(text: &str) -> Result<Self, String> {
        let refused = || format!("“{text}” is no table, sort and page.");
        let mut parts = text.split(':');
        let widget = parts.next().and_then(|id| id.parse().ok()).ok_or_else(refused)?;
        let sort = parts.next().filter(|sort| !sort.is_empty());
        if sort.is_some_and(|sort| !sort.bytes().all(|c| matches!(c, b'a'..=b'z' | b'0'..=b'9' | b'_' | b'-'))) {
            return Err(refused());
        }
        let page: u32 = parts.next().map_or(Ok(1), str::parse).map_err(|_| refused())?;
        if page == 0 || page > MOST_PAGES || parts.next().is_some() {
            return Err(refused());
        }
        Ok(Self { widget, sort: sort.map(str::to_owned), page: page - 1 })
    }
}

impl fmt::Display for Turn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.widget, self.sort.as_deref().unwrap_or_default())?;
        if self.page > 0 { write!(f, ":{}", self.page + 1) } else { Ok(()) }
    }
}

impl TryFrom<String> for Turn {
    type Error = String;
    fn try_from(text: String) -> Result<Self, String> {
        text.parse()
    }
}

impl From<Turn> for String {
    fn from(turn: Turn) -> Self {
        turn.to_string()
    }
}

#[cfg(feature = "ssr")]
impl super::Widget {
    /// The widget as `turn` has it. What it says that this table cannot do is left as it is.
    pub fn turned(&self, turn: &Turn) -> Self {
        use super::settings::{TableSettings, WidgetSettings};
        let mut widget = self.clone();
        match &mut widget.settings {
            WidgetSettings::DataTable(TableSettings::Records(table)) => {
                let source = crate::metrics::catalogue::source(&table.source);
                let field = |sort: &&String| source.and_then(|s| s.field(sort.trim_start_matches('-'))).is_some();
                table.sort = turn.sort.as_ref().filter(field).cloned().or(table.sort.take());
                table.page = turn.page;
            }
            WidgetSettings::DataTable(TableSettings::Metric(table)) => {
                let order = turn.sort.clone().and_then(|sort| serde_json::from_value(sort.into()).ok());
                table.order = order.unwrap_or(table.order);
            }
            WidgetSettings::Calendar(calendar) => {
                let month = turn.sort.as_ref().and_then(|month| format!("{month}-01").parse().ok());
                calendar.month = month.or(calendar.month);
            }
            _ => {}
        }
        widget
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, reason = "tests")]
    use super::*;

    const ID: &str = "018f0000-0000-7000-8000-000000000001";

    #[test]
    fn what_is_written_is_read() {
        for (text, sort, page) in
            [("", None, 0), (":-amount", Some("-amount"), 0), (":due_date:3", Some("due_date"), 2), ("::2", None, 1)]
        {
            let turn: Turn = format!("{ID}{text}").parse().unwrap();
            assert_eq!((turn.sort.as_deref(), turn.page), (sort, page));
            assert_eq!(turn.to_string().parse::<Turn>().unwrap(), turn);
            assert_eq!(serde_json::from_value::<Turn>(serde_json::to_value(&turn).unwrap()).unwrap(), turn);
        }
        for wrong in [
            "",
            "x",
            ":amount",
            &format!("{ID}:a b"),
            &format!("{ID}:a:0"),
            &format!("{ID}:a:x"),
            &format!("{ID}:a:1:1"),
        ] {
            assert!(wrong.parse::<Turn>().is_err(), "{wrong}");
        }
    }

    #[cfg(feature = "ssr")]
    #[test]
    fn a_calendar_turns_to_a_month_and_to_nothing_else() {
        use crate::widgets::{Widget, WidgetKind, settings::WidgetSettings};
        let widget =
            Widget::new(ID.parse().unwrap(), WidgetKind::Calendar, (0, 0, 6, 5), &serde_json::json!({})).unwrap();
        for (text, month) in
            [("2026-10", Some("2026-10-01")), ("2026-13", None), ("2026-10-01", None), ("amount", None)]
        {
            let WidgetSettings::Calendar(turned) = widget.turned(&format!("{ID}:{text}").parse().unwrap()).settings
            else {
                panic!("still a calendar");
            };
            assert_eq!(turned.month, month.map(|day| day.parse().unwrap()), "{text}");
        }
    }

    #[test]
    fn the_last_word_counts() {
        let texts = [format!("{ID}:a"), "nonsense".into(), format!("{ID}:b:2")];
        assert_eq!(Turn::all(texts), [format!("{ID}:b:2").parse::<Turn>().unwrap()]);
    }
}
