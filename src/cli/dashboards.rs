//! `belvedere dashboards`: dashboards as code, for operators and pipelines.

use super::{CommandError, database};
use crate::{
    accounts::{Member, store::operator},
    dashboards::{
        code::{
            form,
            model::{Outcome, Problem},
            plan::{self, Goal},
        },
        export::head::file_name,
        model::DashboardRow,
        store,
    },
    error::AppError,
    server::{Database, Settings, TenantTx},
};
use std::path::{Path, PathBuf};
use tokio_util::sync::CancellationToken;

/// On whose behalf.
#[derive(Clone, Debug, clap::Args)]
pub struct Person {
    /// The address of a member of the organisation.
    #[arg(long = "as", value_name = "EMAIL")]
    user: String,
    /// In which of their organisations, if they have several.
    #[arg(long)]
    organization: Option<String>,
}

#[derive(Clone, Debug, clap::Subcommand)]
pub enum DashboardsCommand {
    /// Write dashboards as code: one to standard output, or several into a folder.
    Export {
        #[command(flatten)]
        person: Person,
        /// Name or id; all of them when left out.
        dashboard: Option<String>,
        /// The file, or with several dashboards the folder, to write to.
        #[arg(long, short, value_name = "PATH")]
        out: Option<PathBuf>,
    },
    /// Make or replace dashboards from files. All of a file or nothing.
    Import {
        #[command(flatten)]
        person: Person,
        #[arg(required = true, value_name = "FILE")]
        files: Vec<PathBuf>,
        /// Replace this dashboard, by name or id. Left out: the one of the file's name, or a new one.
        #[arg(long, conflicts_with = "new")]
        into: Option<String>,
        /// Make a new dashboard even when there is one of the name.
        #[arg(long)]
        new: bool,
        /// Say what would change, and change nothing.
        #[arg(long)]
        dry_run: bool,
    },
    /// Check files without a database: their form, kinds, sizes and settings.
    Validate {
        #[arg(required = true, value_name = "FILE")]
        files: Vec<PathBuf>,
    },
    /// Say what importing a file would change, and which of its metrics are missing. Ends with 1 when anything would.
    Diff {
        #[command(flatten)]
        person: Person,
        #[arg(value_name = "FILE")]
        file: PathBuf,
        /// The dashboard to compare with, by name or id. Left out: the one of the file's name.
        #[arg(long)]
        with: Option<String>,
    },
}

pub(super) async fn run(settings: Settings, command: DashboardsCommand) -> Result<(), CommandError> {
    if let DashboardsCommand::Validate { files } = &command {
        return Ok(validate(files)?);
    }
    let database = database::open(&settings, &CancellationToken::new()).await?;
    let outcome = perform(&database.db, command).await;
    database.close().await;
    Ok(outcome?)
}

/// All but `validate`, which needs no database.
pub async fn perform(db: &Database, command: DashboardsCommand) -> Result<(), AppError> {
    match command {
        DashboardsCommand::Validate { files } => validate(&files),
        DashboardsCommand::Export { person, dashboard, out } => {
            let member = person.find(db).await?;
            export(db, &member, dashboard.as_deref(), out.as_deref()).await
        }
        DashboardsCommand::Import { person, files, into, new, dry_run } => {
            let member = person.find(db).await?;
            for file in &files {
                import(db, &member, file, into.as_deref(), new, dry_run).await?;
            }
            Ok(())
        }
        DashboardsCommand::Diff { person, file, with } => {
            let member = person.find(db).await?;
            let changes = import(db, &member, &file, with.as_deref(), false, true).await?;
            if changes == 0 { Ok(()) } else { Err(AppError::conflict("The file and the dashboard differ.")) }
        }
    }
}

impl Person {
    async fn find(&self, db: &Database) -> Result<Member, AppError> {
        operator::act_as(db, &self.user, self.organization.as_deref()).await
    }
}

fn read(file: &Path) -> Result<String, AppError> {
    std::fs::read_to_string(file).map_err(|e| AppError::invalid(format!("{} cannot be read: {e}", file.display())))
}

fn validate(files: &[PathBuf]) -> Result<(), AppError> {
    let mut wrong = 0;
    for file in files {
        match form::read(&read(file)?) {
            Ok(content) => println!("{}: “{}” is right", file.display(), content.name),
            Err(problems) => {
                wrong += 1;
                println!("{}:", file.display());
                print(&problems);
            }
        }
    }
    if wrong == 0 { Ok(()) } else { Err(AppError::invalid(format!("{wrong} of {} files are wrong.", files.len()))) }
}

fn print(problems: &[Problem]) {
    for Problem { place, message } in problems {
        println!("  {place}: {message}");
    }
}

async fn named(tx: &mut TenantTx, name: &str) -> Result<DashboardRow, AppError> {
    let mut found: Vec<DashboardRow> = store::list(tx).await?;
    found.retain(|row| row.name == name || row.id.to_string() == name);
    match (found.pop(), found.pop()) {
        (Some(row), None) => Ok(row),
        (Some(_), Some(_)) => Err(AppError::conflict(format!("Several dashboards are called “{name}”: give the id."))),
        (None, _) => Err(AppError::not_found(format!("The dashboard “{name}”"))),
    }
}

async fn export(db: &Database, member: &Member, name: Option<&str>, out: Option<&Path>) -> Result<(), AppError> {
    let mut tx = db.tenant(member).await?;
    let rows = match name {
        Some(name) => vec![named(&mut tx, name).await?],
        None => store::list(&mut tx).await?,
    };
    let mut taken = std::collections::BTreeSet::new();
    for row in &rows {
        let text = form::write(&plan::visible(&mut tx, member, row).await?);
        let path = match out {
            None if name.is_some() => {
                print!("{text}");
                continue;
            }
            None => return Err(AppError::invalid("Say where to with --out FOLDER, or name one dashboard.")),
            Some(out) if name.is_some() && !out.is_dir() => out.to_owned(),
            Some(folder) => {
                std::fs::create_dir_all(folder).map_err(|e| cannot_write(folder, &e))?;
                let mut file = file_name(&row.name, "json");
                if !taken.insert(file.clone()) {
                    file = file_name(&format!("{} {}", row.name, row.id), "json");
                }
                folder.join(file)
            }
        };
        std::fs::write(&path, text).map_err(|e| cannot_write(&path, &e))?;
        println!("“{}” was written to {}", row.name, path.display());
    }
    Ok(())
}

fn cannot_write(path: &Path, cause: &std::io::Error) -> AppError {
    AppError::invalid(format!("{} cannot be written: {cause}", path.display()))
}

/// Gives how many changes there are.
async fn import(
    db: &Database,
    member: &Member,
    file: &Path,
    into: Option<&str>,
    new: bool,
    dry_run: bool,
) -> Result<usize, AppError> {
    let text = read(file)?;
    let mut tx = db.tenant(member).await?;
    let goal = match into {
        Some(name) => Goal::Into(named(&mut tx, name).await?.id),
        None if new => Goal::New,
        None => Goal::SameName,
    };
    let preview = plan::preview(&mut tx, member, &text, goal).await?;
    drop(tx);
    if !preview.problems.is_empty() {
        println!("{}:", file.display());
        print(&preview.problems);
        return Err(AppError::invalid(format!("{} was not imported.", file.display())));
    }
    match &preview.outcome {
        Outcome::Create => println!("{}: a new dashboard, “{}”", file.display(), preview.name),
        Outcome::Replace { name, .. } if preview.changes.is_empty() => {
            println!("{}: “{name}” is the same already", file.display());
        }
        Outcome::Replace { name, .. } => println!("{}: “{name}” changes", file.display()),
    }
    for change in &preview.changes {
        println!("  {change}");
    }
    if !preview.warnings.is_empty() {
        println!("  These widgets will show an error:");
        print(&preview.warnings);
    }
    let created = usize::from(preview.outcome == Outcome::Create);
    if !dry_run {
        let editor = member.editor()?;
        let mut tx = db.tenant(&editor).await?;
        plan::import(&mut tx, &editor, &text, goal).await?;
        tx.commit().await?;
    }
    Ok(preview.changes.len().max(created))
}
