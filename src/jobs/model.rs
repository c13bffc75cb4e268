//! Jobs as pages and clients see them, and the rules of trying again.

use crate::{
    error::AppError,
    ids::{ImportId, JobId},
    page,
};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use std::{fmt, str::FromStr, time::Duration};

/// Where a job stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum JobStatus {
    /// Waits for a worker, or for its time.
    Pending,
    /// A worker is at it.
    Processing,
    Completed,
    /// Will not be tried again by itself.
    Failed,
    Cancelled,
}

impl JobStatus {
    pub const ALL: [JobStatus; 5] = [Self::Pending, Self::Processing, Self::Completed, Self::Failed, Self::Cancelled];

    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Processing => "processing",
            Self::Completed => "completed",
            Self::Failed => "failed",
            Self::Cancelled => "cancelled",
        }
    }

    /// For people: "Waiting".
    pub const fn label(self) -> &'static str {
        match self {
            Self::Pending => "Waiting",
            Self::Processing => "Running",
            Self::Completed => "Completed",
            Self::Failed => "Failed",
            Self::Cancelled => "Cancelled",
        }
    }

    /// Whether more is to come without anybody doing anything.
    pub const fn is_open(self) -> bool {
        matches!(self, Self::Pending | Self::Processing)
    }

    /// Whether it can be done again, if nothing else speaks against it.
    pub const fn can_retry(self) -> bool {
        matches!(self, Self::Failed | Self::Cancelled)
    }
}

impl fmt::Display for JobStatus {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for JobStatus {
    type Err = String;
    fn from_str(s: &str) -> Result<Self, String> {
        Self::ALL.into_iter().find(|status| status.as_str() == s).ok_or_else(|| {
            format!("“{s}” is not a state of a job. Use pending, processing, completed, failed or cancelled.")
        })
    }
}

impl TryFrom<String> for JobStatus {
    type Error = String;
    fn try_from(s: String) -> Result<Self, String> {
        s.parse()
    }
}

/// A job, for its organisation's admins.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
pub struct Job {
    pub id: JobId,
    #[serde(rename = "type")]
    pub kind: String,
    pub status: JobStatus,
    /// What the job was asked to do; only where one job is looked at.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub payload: Option<serde_json::Value>,
    /// The import that it loads or takes back.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub import_id: Option<ImportId>,
    /// The name of that import's file.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub file_name: Option<String>,
    /// Whether it takes that import back.
    pub undoes_import: bool,
    /// Whether an admin may have it done again: it failed or was cancelled, and what it worked on has not ended with it.
    pub can_retry: bool,
    pub result: Option<serde_json::Value>,
    /// Of the last attempt that failed.
    pub error: Option<String>,
    pub attempts: i16,
    pub max_attempts: i16,
    pub priority: i16,
    /// How much is done, in units of the job's own: rows, mails.
    pub done: i64,
    /// Of how many, if that is known.
    pub total: Option<i64>,
    pub note: String,
    pub cancel_requested: bool,
    /// Name of the person; absent when nobody asked, or when they have left.
    pub requested_by: Option<String>,
    /// Not before.
    pub run_at: DateTime<Utc>,
    pub created_at: DateTime<Utc>,
    pub started_at: Option<DateTime<Utc>>,
    pub finished_at: Option<DateTime<Utc>>,
}

impl Job {
    /// "csv_import" as people read it, with the file that it is about: "Csv import of orders.csv".
    pub fn title(&self) -> String {
        let words = self.kind.replace(['_', '.'], " ");
        let mut letters = words.chars();
        let kind: String =
            letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default();
        match &self.file_name {
            Some(file) if self.undoes_import => format!("Undo of the import of {file}"),
            Some(file) => format!("{kind} of {file}"),
            None => kind,
        }
    }
}

/// How far a job has come, for the page of whatever it works on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
pub struct JobProgress {
    pub id: JobId,
    pub status: JobStatus,
    pub done: i64,
    pub total: Option<i64>,
    pub note: String,
    pub error: Option<String>,
    pub attempts: i16,
    pub max_attempts: i16,
    pub cancel_requested: bool,
    pub started_at: Option<DateTime<Utc>>,
    pub finished_at: Option<DateTime<Utc>>,
}

/// Which jobs to list.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::IntoParams), into_params(parameter_in = Query))]
#[serde(default, deny_unknown_fields)]
pub struct JobQuery {
    /// Only those in this state.
    pub status: Option<JobStatus>,
    /// 1 to 200; 50 if absent.
    pub limit: Option<u16>,
    /// Where the page before ended.
    pub cursor: Option<String>,
}

impl JobQuery {
    pub fn limit(&self) -> Result<i64, AppError> {
        page::limit(self.limit).map(i64::from)
    }
}

/// The pause before the next attempt once `attempts` have failed: 5 seconds, doubled each time up to 15
/// minutes, give or take a quarter, so that jobs that failed together do not come back together.
/// `luck` is 0 to 1.
pub fn backoff(attempts: i16, luck: f64) -> Duration {
    const FIRST: u64 = 5;
    const LONGEST: u64 = 15 * 60;
    let doublings = u32::try_from(attempts.saturating_sub(1)).unwrap_or(0).min(16);
    let seconds = FIRST.saturating_mul(1 << doublings).min(LONGEST);
    Duration::from_secs(seconds).mul_f64(0.75 + 0.5 * luck.clamp(0.0, 1.0))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, reason = "tests")]
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_state_reads_back_as_it_is_written() {
        for status in JobStatus::ALL {
            assert_eq!(status.as_str().parse::<JobStatus>().unwrap(), status);
            assert_eq!(serde_json::to_value(status).unwrap(), status.as_str());
        }
        assert!("done".parse::<JobStatus>().is_err());
    }

    #[test]
    fn pauses_double_until_the_longest() {
        let middle = |attempts| backoff(attempts, 0.5).as_secs();
        assert_eq!([middle(1), middle(2), middle(3), middle(4)], [5, 10, 20, 40]);
        assert_eq!(middle(30), 900);
    }

    proptest! {
        #[test]
        fn a_pause_is_never_zero_nor_longer_than_the_limit(attempts in any::<i16>(), luck in any::<f64>()) {
            let pause = backoff(attempts, if luck.is_nan() { 0.0 } else { luck });
            prop_assert!(pause >= Duration::from_secs(3) && pause <= Duration::from_secs(15 * 60 * 5 / 4));
        }
    }
}
