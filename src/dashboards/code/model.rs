//! What an import would do, in words, for both sides of the wire.

use crate::ids::DashboardId;
use serde::{Deserialize, Serialize};

/// What is wrong, and where: `widgets[2].settings.metric`, `line 3, column 7`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
pub struct Problem {
    pub place: String,
    pub message: String,
}

/// What becomes of the file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
#[serde(tag = "action", rename_all = "snake_case")]
pub enum Outcome {
    /// A new dashboard.
    Create,
    /// This dashboard gets the file's contents; its widgets keep their ids where they are recognised.
    Replace {
        id: DashboardId,
        /// Stands beside the file's own name.
        #[serde(rename = "dashboard_name")]
        name: String,
    },
}

/// What an import would do.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
pub struct Preview {
    /// The name in the file.
    pub name: String,
    #[serde(flatten)]
    pub outcome: Outcome,
    /// In words; empty when nothing would change.
    pub changes: Vec<String>,
    /// With any of these, nothing is imported.
    pub problems: Vec<Problem>,
    /// These widgets would show an error: metrics or fields that there are not, here and now.
    pub warnings: Vec<Problem>,
}

/// The import page after a file was sent.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sent {
    pub text: String,
    pub into: String,
    pub preview: Option<Preview>,
    /// Why there is no preview.
    pub error: Option<String>,
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use super::*;

    #[test]
    fn a_preview_arrives_as_it_was_sent() {
        let replace = Outcome::Replace { id: DashboardId::new(), name: "Cash".into() };
        for outcome in [Outcome::Create, replace] {
            let preview = Preview {
                name: "Cash flow".into(),
                outcome,
                changes: vec!["“A” is added".into()],
                problems: Vec::new(),
                warnings: Vec::new(),
            };
            let sent = serde_json::to_string(&preview).unwrap();
            assert_eq!(serde_json::from_str::<Preview>(&sent).unwrap(), preview, "{sent}");
        }
    }
}
