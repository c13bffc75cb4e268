//! `belvedere check`: whether what the database keeps twice agrees, and mending it.

use super::{CommandError, database};
use crate::{
    error::AppError,
    metrics::rollup,
    server::{Database, Settings},
};
use tokio_util::sync::CancellationToken;

#[derive(Clone, Copy, Debug, clap::Args)]
pub struct CheckCommand {
    /// Make the sums anew where they differ.
    #[arg(long)]
    repair: bool,
}

pub async fn run(settings: Settings, command: CheckCommand) -> Result<(), CommandError> {
    let database = database::open(&settings, &CancellationToken::new()).await?;
    let outcome = perform(&database.db, command.repair).await;
    database.close().await;
    Ok(outcome?)
}

async fn perform(db: &Database, repair: bool) -> Result<(), AppError> {
    let found = rollup::differences(db).await?;
    if found.is_empty() {
        println!("The monthly sums of all organisations equal their transactions.");
        return Ok(());
    }
    for difference in &found {
        let keys = crate::format::count(difference.keys, "monthly sum", "monthly sums");
        println!("{} ({}): {keys} differ from the transactions", difference.organization, difference.organization_id);
        if repair {
            rollup::rebuild(db, difference.organization_id).await?;
        }
    }
    if repair {
        println!("They are made anew.");
        return Ok(());
    }
    Err(AppError::conflict("The monthly sums are wrong. Mend them with `belvedere check --repair`."))
}
