//! Whether a file's metrics, fields and conditions mean something here. Server only.

use super::model::Problem;
use crate::{
    accounts::OrganizationSummary,
    dashboards::editing::model::Content,
    error::AppError,
    metrics::{DEFAULT_RANGE, definitions},
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
    let known = definitions::list(tx).await?;
    let context = DrawContext { range: DEFAULT_RANGE.range(), now: Utc::now(), ..DrawContext::default() };
    let mut problems = Vec::new();
    for (n, draft) in content.widgets.iter().enumerate() {
        let widget = draft.check()?;
        let place = format!("widgets[{n}].settings");
        if let Some(message) = widget.settings.metric().and_then(|code| definitions::lack_of(code, &known)) {
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
