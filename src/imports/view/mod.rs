//! Pages: the list of imports, the upload, and one import from preview to result.

mod list;
mod mapping;
mod new;
mod one;
mod progress;
mod result;

pub use list::ImportsPage;
pub use new::NewImportPage;
pub use one::ImportPage;

use super::model::{ImportStatus, Target};
use crate::ui::Tone;

impl ImportStatus {
    const fn tone(self) -> Tone {
        match self {
            Self::Finished => Tone::Good,
            Self::Failed => Tone::Bad,
            Self::Cancelled | Self::Undone => Tone::Warn,
            Self::Queued | Self::Checking | Self::Loading | Self::Undoing => Tone::Info,
            Self::Uploading | Self::Ready => Tone::Neutral,
        }
    }
}

impl Target {
    /// Where the rows of an import can be seen.
    fn page(self) -> &'static str {
        match self {
            Self::Transactions => "/transactions",
            Self::Payments => "/payments",
            Self::Budgets => "/budgets",
            Self::Materials => "/stock",
            Self::Categories => "/categories",
        }
    }
}
