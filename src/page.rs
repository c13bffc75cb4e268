//! Lists, a page at a time.

use crate::error::AppError;
use serde::{Deserialize, Serialize};

/// Rows on a page unless the reader asks for another number.
const USUAL: u16 = 50;
/// The most rows on one page of the lists that take no more.
const MOST: u16 = 200;

/// One page of a list, and where the next one begins.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
pub struct Page<T> {
    pub items: Vec<T>,
    /// Opaque; absent on the last page. Rows added meanwhile neither repeat nor hide any.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next_cursor: Option<String>,
}

/// How many rows a page shall have: as many as the reader says, or a refusal, never another number.
///
/// # Errors
/// `Invalid` under `limit`.
pub fn limit(asked: Option<u16>) -> Result<u16, AppError> {
    let asked = asked.unwrap_or(USUAL);
    check_limit(asked.into(), MOST.into()).map(|_| asked).map_err(|message| AppError::field("limit", message))
}

/// The same where a list takes other numbers.
///
/// # Errors
/// In words.
pub fn check_limit(asked: u32, most: u32) -> Result<u32, String> {
    if (1..=most).contains(&asked) { Ok(asked) } else { Err(format!("The limit must be from 1 to {most}.")) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_limit_is_kept_or_refused_and_never_made_another() {
        assert_eq!(limit(None), Ok(50));
        assert_eq!(limit(Some(1)), Ok(1));
        assert_eq!(limit(Some(200)), Ok(200));
        for wrong in [0, 201, u16::MAX] {
            let refused = limit(Some(wrong));
            assert!(refused.is_err_and(|error| error.for_field("limit").is_some()), "{wrong}");
        }
    }
}
