//! `belvedere import`: loads a CSV file into an organisation.

use super::{CommandError, database};
use crate::{
    accounts::store::operator,
    error::AppError,
    imports::cli::{self, ImportArgs},
    server::{Database, Settings},
};
use tokio_util::sync::CancellationToken;

#[derive(Clone, Debug, clap::Args)]
pub struct ImportCommand {
    /// On whose behalf: the address of somebody who may change the organisation's records.
    #[arg(long = "as", value_name = "EMAIL")]
    user: String,
    /// Into which of their organisations, if they have several.
    #[arg(long)]
    organization: Option<String>,
    #[command(flatten)]
    import: ImportArgs,
}

pub async fn run(settings: Settings, command: ImportCommand) -> Result<(), CommandError> {
    let database = database::open(&settings, &CancellationToken::new()).await?;
    let outcome = perform(&database.db, &command).await;
    database.close().await;
    Ok(outcome?)
}

async fn perform(db: &Database, command: &ImportCommand) -> Result<(), AppError> {
    let member = operator::act_as(db, &command.user, command.organization.as_deref()).await?;
    cli::run(db, &member.editor()?, &command.import).await
}
