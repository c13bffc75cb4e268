//! An import as pages and API clients see it, and the choices that a person has.

use crate::ids::{ImportId, JobId};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use std::{collections::BTreeMap, fmt, str::FromStr};

/// A text that names none of the choices.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("Choose one of: {0}.")]
pub struct UnknownChoice(String);

/// An enum whose values travel, are stored and are chosen from a list under fixed names.
macro_rules! choice {
    ($(#[$doc:meta])* $name:ident { $($(#[$vdoc:meta])* $variant:ident = $text:literal, $label:literal;)+ }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
        #[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
        pub enum $name { $($(#[$vdoc])* #[serde(rename = $text)] $variant,)+ }

        impl $name {
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            /// The name on the wire and in the database.
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $text,)+ }
            }

            /// For people.
            pub const fn label(self) -> &'static str {
                match self { $(Self::$variant => $label,)+ }
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(self.as_str())
            }
        }

        impl FromStr for $name {
            type Err = UnknownChoice;
            fn from_str(text: &str) -> Result<Self, UnknownChoice> {
                Self::ALL.iter().copied().find(|v| v.as_str() == text).ok_or_else(|| {
                    UnknownChoice(Self::ALL.iter().map(|v| v.as_str()).collect::<Vec<_>>().join(", "))
                })
            }
        }
    };
}

choice! {
    /// What the rows of a file become.
    Target {
        Transactions = "transactions", "Transactions";
        Payments = "payments", "Payments";
        Budgets = "budgets", "Budgets";
        Materials = "materials", "Materials";
        Categories = "categories", "Categories";
    }
}

choice! {
    /// How the file's bytes become text.
    Encoding {
        Utf8 = "utf-8", "UTF-8";
        Utf16Le = "utf-16le", "UTF-16, little endian";
        Utf16Be = "utf-16be", "UTF-16, big endian";
        Windows1252 = "windows-1252", "Windows-1252 (Western European)";
    }
}

choice! {
    /// What stands between two cells.
    Separator {
        Comma = "comma", "Comma";
        Semicolon = "semicolon", "Semicolon";
        Tab = "tab", "Tab";
        Pipe = "pipe", "Vertical bar";
    }
}

impl Separator {
    pub const fn byte(self) -> u8 {
        match self {
            Self::Comma => b',',
            Self::Semicolon => b';',
            Self::Tab => b'\t',
            Self::Pipe => b'|',
        }
    }
}

choice! {
    /// Which sign stands before the cents.
    DecimalMark {
        Point = "point", "Point: 1,234.56";
        Comma = "comma", "Comma: 1.234,56";
    }
}

choice! {
    /// The order of the parts of a date. ISO dates and dates with month names are understood in each of them.
    DateOrder {
        DayFirst = "day_first", "Day first: 31/12/2026";
        MonthFirst = "month_first", "Month first: 12/31/2026";
        YearFirst = "year_first", "Year first: 2026-12-31";
    }
}

choice! {
    /// What happens when some rows cannot be stored.
    OnError {
        Nothing = "nothing", "Store nothing unless every row is right";
        SkipRows = "skip_rows", "Store the right rows and skip the others";
    }
}

choice! {
    /// What happens to a row whose reference is stored already.
    OnExisting {
        Update = "update", "Update the stored row";
        Skip = "skip", "Leave the stored row as it is";
    }
}

choice! {
    /// What becomes of the rows that are stored when a load is cancelled.
    OnCancel {
        Keep = "keep", "Keep what is stored so far";
        Remove = "remove", "Remove what is stored so far";
    }
}

choice! {
    /// Where an import is on its way.
    ImportStatus {
        Uploading = "uploading", "Uploading";
        /// The file is here whole; a person looks at the preview.
        Ready = "ready", "Ready to start";
        Queued = "queued", "Waiting";
        Checking = "checking", "Checking";
        Loading = "loading", "Loading";
        Finished = "finished", "Finished";
        /// Nothing, or not all, was stored; `error` says why.
        Failed = "failed", "Failed";
        Cancelled = "cancelled", "Cancelled";
        Undoing = "undoing", "Undoing";
        Undone = "undone", "Undone";
    }
}

impl ImportStatus {
    /// Whether a worker has it, or will have it.
    pub const fn is_running(self) -> bool {
        matches!(self, Self::Queued | Self::Checking | Self::Loading | Self::Undoing)
    }
}

/// How to read a file and what to do with its rows. Everything here was detected or defaulted first, and may be
/// changed by the person.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
pub struct ImportOptions {
    pub encoding: Encoding,
    pub separator: Separator,
    pub decimal_mark: DecimalMark,
    pub date_order: DateOrder,
    /// Our field → the file's column, counted from 0. A field that is not here is not read from the file.
    pub columns: BTreeMap<String, u32>,
    /// Our field → what to store where the file has no column for it, or an empty cell.
    pub defaults: BTreeMap<String, String>,
    pub on_error: OnError,
    pub on_existing: OnExisting,
}

/// Changes to the proposed options. What is absent stays.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct OptionsPatch {
    pub encoding: Option<Encoding>,
    pub separator: Option<Separator>,
    pub decimal_mark: Option<DecimalMark>,
    pub date_order: Option<DateOrder>,
    /// Our field → the name of the file's column, or its number counted from 1 as `#3`; an empty text leaves the
    /// field out.
    #[serde(default)]
    pub columns: BTreeMap<String, String>,
    /// Our field → a fixed value; an empty text takes it away.
    #[serde(default)]
    pub defaults: BTreeMap<String, String>,
    pub on_error: Option<OnError>,
    pub on_existing: Option<OnExisting>,
}

/// What happened to the rows of a file so far. Every row is counted once, apart from the header.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
pub struct Counts {
    pub read: i64,
    pub inserted: i64,
    pub updated: i64,
    /// Stored already: with the same content, or left alone because of [`OnExisting::Skip`].
    pub skipped: i64,
    /// Refused, each with at least one row error.
    pub bad: i64,
}

/// One import.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
pub struct Import {
    pub id: ImportId,
    pub target: Target,
    pub status: ImportStatus,
    pub file_name: String,
    /// In bytes.
    pub file_size: i64,
    pub file_sha256: String,
    pub options: Option<ImportOptions>,
    pub job_id: Option<JobId>,
    /// Of the pass that runs now; after the end, of the whole.
    pub counts: Counts,
    /// How much of the file the running pass has behind it, in bytes.
    pub bytes_done: i64,
    /// Known once a checking pass has ended.
    pub total_rows: Option<i64>,
    /// Why it failed, in words for the person.
    pub error: Option<String>,
    /// While it is undone: how many of the rows that it stored are taken back.
    pub taken_back: i64,
    /// After an undo: how many rows were kept because they were changed since.
    pub kept_rows: i64,
    /// Some of them by name.
    pub kept_names: Vec<String>,
    pub created_by: Option<String>,
    pub created_at: DateTime<Utc>,
    pub started_at: Option<DateTime<Utc>>,
    /// When the pass began that runs now, or ran last: checking, then loading.
    pub pass_started_at: Option<DateTime<Utc>>,
    pub finished_at: Option<DateTime<Utc>>,
    /// When the numbers above were read.
    pub as_of: DateTime<Utc>,
    /// Whether the file is still here; it is removed some time after the end.
    pub has_file: bool,
}

impl Import {
    /// Rows a second in the pass that runs now, or ran last; `None` before there is anything to tell.
    pub fn rows_per_second(&self) -> Option<i64> {
        let elapsed = (self.finished_at.unwrap_or(self.as_of) - self.pass_started_at?).num_milliseconds();
        (elapsed > 0 && self.counts.read > 0).then(|| self.counts.read.saturating_mul(1000) / elapsed)
    }

    /// Seconds until the running pass ends at the speed so far.
    pub fn seconds_left(&self) -> Option<i64> {
        if !self.status.is_running() || self.bytes_done <= 0 || self.bytes_done >= self.file_size {
            return None;
        }
        let elapsed = (self.as_of - self.pass_started_at?).num_milliseconds();
        let left = i128::from(elapsed) * i128::from(self.file_size - self.bytes_done) / i128::from(self.bytes_done);
        i64::try_from(left / 1000 + 1).ok()
    }

    /// Whether the file can be loaded again with other choices: it is here, and nothing of it is stored.
    pub fn can_reopen(&self) -> bool {
        let ended = matches!(self.status, ImportStatus::Failed | ImportStatus::Cancelled | ImportStatus::Undone);
        let stored = self.counts.inserted + self.counts.updated > 0 && self.status != ImportStatus::Undone;
        ended && !stored && self.kept_rows == 0 && self.has_file
    }

    /// Whether [`crate::imports`] can take its rows away again.
    pub fn can_undo(&self) -> bool {
        matches!(self.status, ImportStatus::Finished | ImportStatus::Cancelled | ImportStatus::Failed)
            && self.counts.inserted + self.counts.updated > 0
    }
}

/// Why one cell, or a row as a whole, cannot be stored.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
pub struct RowError {
    /// The line of the file in which the row begins, as an editor counts it: the header is line 1.
    pub line: i64,
    /// The file's own name of the column; empty when the row as a whole is wrong.
    pub column: String,
    /// The cell as it stands in the file, cut if it is very long.
    pub value: String,
    pub reason: String,
}

/// A field that a column of the file may go to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
pub struct FieldChoice {
    pub name: String,
    pub label: String,
    pub required: bool,
    /// The column that it is read from now, counted from 0.
    pub column: Option<u32>,
    /// The fixed value where there is no column or an empty cell.
    pub default: Option<String>,
    /// The only possible values with their labels; empty where anything goes.
    pub choices: Vec<(String, String)>,
    /// Numbers are shown right-aligned.
    pub numeric: bool,
}

/// A cell of the preview: what will be stored, or why it cannot be.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
pub struct PreviewCell {
    /// What will be stored; with an error, what stands in the file.
    pub text: String,
    pub error: Option<String>,
}

/// A row of the preview, in the order of the preview's `fields`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
pub struct PreviewRow {
    pub line: i64,
    pub cells: Vec<PreviewCell>,
    /// What is wrong with the row as a whole.
    pub error: Option<String>,
}

/// The first rows of a file as they will be stored.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
pub struct Preview {
    /// The file's own column names.
    pub header: Vec<String>,
    pub fields: Vec<FieldChoice>,
    pub rows: Vec<PreviewRow>,
    /// What was decided for the person and may want a look: an ambiguous date order, a default type.
    pub notes: Vec<String>,
    /// What must be settled before the import can start.
    pub problems: Vec<String>,
    pub options: ImportOptions,
}

/// How many rows a preview shows.
pub const PREVIEW_ROWS: usize = 20;

/// How many row errors are kept for reading and downloading; all are counted.
pub const MAX_STORED_ERRORS: i64 = 10_000;
