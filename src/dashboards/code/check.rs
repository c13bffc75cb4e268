//! Whether a file's metrics, fields and conditions mean something here. Server only.

use super::model::Problem;
use crate::{
    accounts::OrganizationSummary,
    dashboards::editing::model::Content,
    error::AppError,
    metrics::{DEFAULT_RANGE, definitions, nearest},
    server::TenantTx,
    widgets::draw::{self, DrawContext},
};
use chrono::Utc;

/// What would not show, with the nearest name that would: every widget's question is asked.
pub async fn check(
    tx: &mut TenantTx,
    organization: &OrganizationSummary,
    content: &Content,
) -> Result<Vec<Problem>, AppError> {
    let known: Vec<String> = definitions::list(tx).await?.into_iter().map(|d| d.code).collect();
    let context = DrawContext { range: DEFAULT_RANGE.range(), now: Utc::now(), ..DrawContext::default() };
    let mut problems = Vec::new();
    for (n, draft) in content.widgets.iter().enumerate() {
        let widget = draft.check()?;
        let place = format!("widgets[{n}].settings");
        if let Some(metric) = widget.settings.metric().filter(|metric| !known.iter().any(|code| code == metric)) {
            let hint = nearest(metric, known.iter().map(String::as_str));
            let hint = hint.map(|code| format!(" Did you mean “{code}”?")).unwrap_or_default();
            let message = format!("There is no metric “{metric}” in this organisation.{hint}");
            problems.push(Problem { place: format!("{place}.metric"), message });
            continue;
        }
        match draw::find(tx, organization, &widget, &context).await {
            Ok(_) => {}
            Err(AppError::Invalid { message, fields }) if fields.is_empty() => {
                problems.push(Problem { place, message });
            }
            Err(AppError::Invalid { fields, .. }) => problems.extend(
                fields.into_iter().map(|f| Problem { place: format!("{place}.{}", f.field), message: f.message }),
            ),
            Err(error @ AppError::NotFound { .. }) => problems.push(Problem { place, message: error.to_string() }),
            Err(other) => return Err(other),
        }
    }
    Ok(problems)
}
