//! Why there is no record to show: one rule, in the same words on every page.

use serde::{Deserialize, Serialize};

/// What keeps records from being shown.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Lack {
    /// There is none of the kind at all: nothing else is to blame.
    pub none_yet: bool,
    /// A time range leaves some out.
    pub ranged: bool,
    /// So do filters of the whole page.
    pub filtered: bool,
    /// And so do the card's own.
    pub conditions: bool,
    /// Whoever asks may add the first one.
    pub may_add: bool,
}

impl Lack {
    /// `many`: what there is none of, "payments".
    pub fn sentence(self, many: &str) -> String {
        let of_range = if self.ranged { " of this time range" } else { "" };
        match self {
            Self { none_yet: true, .. } => format!("There are no {many} yet."),
            Self { filtered: true, conditions: true, .. } => {
                format!("No {many}{of_range} match the filters and the card’s own conditions.")
            }
            Self { filtered: true, .. } => format!("No {many}{of_range} match the filters."),
            Self { conditions: true, .. } => format!("No {many}{of_range} meet the card’s own conditions."),
            Self { ranged: true, .. } => format!("No {many} fall into this time range. Choose a longer one."),
            _ => format!("There are no {many} yet."),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_there_at_all_is_blamed_on_nothing_else() {
        let (range, filters) = (Lack { ranged: true, ..Lack::default() }, Lack { filtered: true, ..Lack::default() });
        let said = |lack: Lack| lack.sentence("payments");
        assert_eq!(said(Lack { none_yet: true, conditions: true, ..range }), "There are no payments yet.");
        assert_eq!(said(range), "No payments fall into this time range. Choose a longer one.");
        assert_eq!(said(filters), "No payments match the filters.");
        assert_eq!(said(Lack { ranged: true, ..filters }), "No payments of this time range match the filters.");
    }

    #[test]
    fn a_card_s_own_conditions_are_not_the_page_s_filters() {
        let own = Lack { conditions: true, ..Lack::default() };
        assert_eq!(own.sentence("payments"), "No payments meet the card’s own conditions.");
        let both = Lack { filtered: true, ranged: true, ..own }.sentence("payments");
        assert_eq!(both, "No payments of this time range match the filters and the card’s own conditions.");
    }
}
