//! What an import does, first in words and then in deed. Server only.

use super::{
    check, form,
    model::{Outcome, Preview, Problem},
};
use crate::{
    accounts::{Editor, Member},
    dashboards::{
        editing::{
            changes,
            model::{Content, DraftWidget, note_errors},
        },
        model::DashboardRow,
        store,
    },
    error::{AppError, FieldErrors},
    ids::DashboardId,
    server::TenantTx,
};
use std::str::FromStr;

/// Where a file goes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Goal {
    /// To the dashboard of the file's name, if there is one.
    #[default]
    SameName,
    New,
    Into(DashboardId),
}

impl FromStr for Goal {
    type Err = AppError;
    /// Empty, `new` or a dashboard's id.
    fn from_str(text: &str) -> Result<Self, AppError> {
        match text.trim() {
            "" => Ok(Self::SameName),
            "new" => Ok(Self::New),
            id => id
                .parse()
                .map(Self::Into)
                .map_err(|_| AppError::field("into", "This must be “new” or a dashboard’s id.")),
        }
    }
}

async fn find_goal(
    tx: &mut TenantTx,
    member: &Member,
    goal: Goal,
    name: &str,
) -> Result<Option<DashboardRow>, AppError> {
    // By its name alone, nobody means a dashboard that they may not change.
    let changes = |row: &DashboardRow| row.owner_id.is_some() || member.role().can_administer();
    Ok(match goal {
        Goal::New => None,
        Goal::SameName => {
            let mut found = store::list(tx).await?.into_iter().filter(|row| row.name == name && changes(row));
            let first = found.next();
            if found.next().is_some() {
                let several =
                    format!("Several dashboards are called “{name}”: give the id, or choose one in the list.");
                return Err(AppError::conflict(several));
            }
            first
        }
        Goal::Into(id) => Some(store::find(tx, id).await?.row),
    })
}

/// What importing `text` would do.
///
/// # Errors
/// `NotFound` for a goal that is not there, `Conflict` for a name that several dashboards have. What is wrong with the text
/// is in the answer.
pub async fn preview(tx: &mut TenantTx, member: &Member, text: &str, goal: Goal) -> Result<Preview, AppError> {
    let content = match form::read(text) {
        Ok(content) => content,
        Err(problems) => {
            let name = form::read_name(text).unwrap_or_default();
            let outcome = outcome(find_goal(tx, member, goal, &name).await?.as_ref());
            return Ok(Preview { name, outcome, changes: Vec::new(), problems, warnings: Vec::new() });
        }
    };
    let warnings = check::check(tx, member.organization(), &content).await?;
    let row = find_goal(tx, member, goal, &content.name).await?;
    let changes = match &row {
        Some(row) => {
            let before = visible(tx, member, row).await?;
            changes(&before, &recognised(&before, content.clone()))
        }
        None => content.widgets.iter().map(|w| format!("“{}” is added", w.title())).collect(),
    };
    Ok(Preview { name: content.name, outcome: outcome(row.as_ref()), changes, problems: Vec::new(), warnings })
}

fn outcome(row: Option<&DashboardRow>) -> Outcome {
    row.map_or(Outcome::Create, |row| Outcome::Replace { id: row.id, name: row.name.clone() })
}

/// Imports `text`, and gives the dashboard and whether it is new.
///
/// # Errors
/// `Invalid`, with the places of everything that is wrong; `Conflict` for a dashboard that comes from a file, and for a name
/// that several have.
pub async fn import(
    tx: &mut TenantTx,
    editor: &Editor,
    text: &str,
    goal: Goal,
) -> Result<(DashboardId, bool), AppError> {
    let content = form::read(text).map_err(refusal)?;
    match find_goal(tx, editor, goal, &content.name).await? {
        Some(row) => {
            let board = store::editable(tx, editor, row.id).await?;
            let before = board.visible(store::content::read(tx, &board).await?);
            let after = recognised(&before, content);
            store::content::write(tx, &board, &after, vec!["A file was imported".into()]).await?;
            Ok((row.id, false))
        }
        None => {
            let mut errors = FieldErrors::default();
            for (n, draft) in content.widgets.iter().enumerate() {
                let checked = draft.check().and_then(|widget| widget.check_author(editor.role()));
                note_errors(&mut errors, n, checked)?;
            }
            errors.into_result()?;
            let owner_id = store::owner_of(editor, None)?;
            Ok((store::create_content(tx, owner_id, content, false).await?, true))
        }
    }
}

/// What the member may know of a dashboard.
pub async fn visible(tx: &mut TenantTx, member: &Member, row: &DashboardRow) -> Result<Content, AppError> {
    Ok(store::content_of(tx, row).await?.seen_by(member.role()))
}

/// Problems as an error of the API.
pub fn refusal(problems: Vec<Problem>) -> AppError {
    let mut errors = FieldErrors::default();
    for Problem { place, message } in problems {
        errors.add(if place.is_empty() { "file".to_owned() } else { place }, message);
    }
    errors.into_error()
}

/// The new content with the ids of the widgets that were there before, by the most that they have in common.
pub fn recognised(before: &Content, mut after: Content) -> Content {
    type Same = fn(&DraftWidget, &DraftWidget) -> bool;
    let rules: [Same; 4] = [
        |a, b| a.kind == b.kind && a.settings == b.settings && (a.x, a.y) == (b.x, b.y),
        |a, b| a.kind == b.kind && a.settings == b.settings,
        |a, b| a.kind == b.kind && a.title() == b.title(),
        |a, b| a.kind == b.kind && (a.x, a.y) == (b.x, b.y),
    ];
    let mut free: Vec<&DraftWidget> = before.widgets.iter().collect();
    let mut found = vec![false; after.widgets.len()];
    for same in rules {
        for (widget, found) in after.widgets.iter_mut().zip(&mut found).filter(|(_, found)| !**found) {
            if let Some(at) = free.iter().position(|old| same(old, widget)) {
                widget.id = free.remove(at).id;
                *found = true;
            }
        }
    }
    after
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, reason = "tests")]
    use super::*;

    fn content(widgets: &str) -> Content {
        form::read(&format!(r#"{{"belvedere": 1, "name": "x", "widgets": [{widgets}]}}"#)).unwrap()
    }

    #[test]
    fn widgets_are_recognised_and_no_id_is_used_twice() {
        let kpi = |x: u16, metric: &str| {
            format!(r#"{{"kind": "kpi", "x": {x}, "y": 0, "w": 3, "h": 2, "settings": {{"metric": "{metric}"}}}}"#)
        };
        let before = content(&[kpi(0, "cash_in"), kpi(3, "cash_in"), kpi(6, "cash_out")].join(","));
        let after =
            recognised(&before, content(&[kpi(0, "net_profit"), kpi(3, "cash_in"), kpi(9, "cash_out")].join(",")));
        let ids: Vec<_> = after.widgets.iter().map(|w| before.widgets.iter().position(|b| b.id == w.id)).collect();
        assert_eq!(ids, [Some(0), Some(1), Some(2)]);
        let words = changes(&before, &after);
        assert_eq!(words.len(), 3, "{words:?}");
        assert!(changes(&before, &recognised(&before, before.clone())).is_empty());
    }
}
