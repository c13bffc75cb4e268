//! Dashboards from the files of a folder, at the start of the server. Server only.
//!
//! The file is the truth: its dashboard is made when it is missing and changed when the file has changed. A file that is
//! gone leaves its dashboard behind, as one that people may change again. A file with problems changes nothing; the
//! log says what they are, and the server starts all the same.

use super::{form, plan::recognised, store as files};
use crate::{
    dashboards::store,
    error::AppError,
    ids::{OrganizationId, UserId},
    server::{Database, TenantScope, Topic},
};
use sha2::{Digest, Sha256};
use std::path::Path;

/// The organisation that the operator has named in the settings, for work that no person asks for.
#[derive(Clone, Copy, Debug)]
pub struct Provisioning {
    organization: OrganizationId,
}

impl TenantScope for Provisioning {
    fn organization_id(&self) -> OrganizationId {
        self.organization
    }
    fn user_id(&self) -> Option<UserId> {
        None
    }
}

/// What became of a folder.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Report {
    pub made: usize,
    pub changed: usize,
    pub unchanged: usize,
    /// Files that are gone; their dashboards can be changed again.
    pub released: usize,
    /// Files that could not be used, and why.
    pub refused: Vec<(String, String)>,
}

/// Brings the dashboards of `organization`, by name or id, in line with the files of `folder`.
///
/// # Errors
/// When the folder cannot be read, or there is no such organisation, or several.
pub async fn run(db: &Database, folder: &Path, organization: &str) -> Result<Report, AppError> {
    let scope = Provisioning { organization: find_organization(db, organization).await? };
    let mut report = Report::default();
    let texts =
        read_folder(folder).map_err(|e| AppError::invalid(format!("{} cannot be read: {e}", folder.display())))?;
    for (file, text) in &texts {
        match one(db, scope, file, text).await {
            Ok(Done::Made) => report.made += 1,
            Ok(Done::Changed) => report.changed += 1,
            Ok(Done::Unchanged) => report.unchanged += 1,
            Err(AppError::Unavailable) => return Err(AppError::Unavailable),
            Err(AppError::Invalid { message, fields }) => {
                let each = fields.iter().map(|f| format!("{}: {}", f.field, f.message)).collect::<Vec<_>>();
                report.refused.push((file.clone(), if each.is_empty() { message } else { each.join(" ") }));
            }
            Err(other) => report.refused.push((file.clone(), other.to_string())),
        }
    }
    let mut tx = db.tenant(&scope).await?;
    for known in files::list(&mut tx).await? {
        if !texts.iter().any(|(file, _)| *file == known.file) {
            files::forget(&mut tx, known.dashboard_id).await?;
            tx.changed(Topic::Dashboards);
            report.released += 1;
        }
    }
    tx.commit().await?;
    Ok(report)
}

enum Done {
    Made,
    Changed,
    Unchanged,
}

async fn one(db: &Database, scope: Provisioning, file: &str, text: &str) -> Result<Done, AppError> {
    let digest: String = Sha256::digest(text).iter().map(|byte| format!("{byte:02x}")).collect();
    let mut tx = db.tenant(&scope).await?;
    // Several instances may start at once: the second one waits here, and finds nothing left to do.
    store::lock(&mut tx).await?;
    files::unlock(&mut tx).await?;
    let known = files::list(&mut tx).await?.into_iter().find(|known| known.file == file);
    if known.as_ref().is_some_and(|known| known.digest == digest) {
        return Ok(Done::Unchanged);
    }
    let content = form::read(text).map_err(super::plan::refusal)?;
    let (id, done) = match known {
        Some(known) => {
            let board = store::provisioned(&mut tx, scope, known.dashboard_id).await?;
            let before = store::content::read(&mut tx, &board).await?;
            let words = vec![format!("The file {file} was changed")];
            store::content::write(&mut tx, &board, &recognised(&before, content), words).await?;
            (known.dashboard_id, Done::Changed)
        }
        None => (store::create_content(&mut tx, None, content, false).await?, Done::Made),
    };
    files::keep(&mut tx, id, file, &digest).await?;
    tx.commit().await?;
    Ok(done)
}

/// Names and texts of the folder's JSON files, by name.
fn read_folder(folder: &Path) -> std::io::Result<Vec<(String, String)>> {
    let mut texts = Vec::new();
    for entry in std::fs::read_dir(folder)? {
        let path = entry?.path();
        let Some(name) = path.file_name().and_then(|name| name.to_str()) else { continue };
        if path.is_file() && path.extension().is_some_and(|e| e == "json") && !name.starts_with('.') {
            texts.push((name.to_owned(), std::fs::read_to_string(&path)?));
        }
    }
    texts.sort();
    Ok(texts)
}

async fn find_organization(db: &Database, named: &str) -> Result<OrganizationId, AppError> {
    match files::organizations(db, named).await?.as_slice() {
        [only] => Ok(*only),
        [] => Err(AppError::not_found(format!("The organisation “{named}”"))),
        _ => Err(AppError::conflict(format!("Several organisations are called “{named}”: give the id."))),
    }
}
