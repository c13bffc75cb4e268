//! `belvedere worker`: does jobs, beside servers that do not.

use super::{CommandError, database, serve::cancel_on_signal};
use crate::{
    jobs::Worker,
    server::{Application, Settings},
};
use tokio_util::sync::CancellationToken;

/// Works until the process is told to stop, then puts what is under way back into the queue.
pub async fn run(settings: Settings) -> Result<(), CommandError> {
    let shutdown = CancellationToken::new();
    tokio::spawn(cancel_on_signal(shutdown.clone()));
    let database = database::open(&settings, &shutdown).await?;
    let application = Application::build(settings, database.db.clone());
    Worker::new(application.state).run(shutdown).await;
    database.close().await;
    Ok(())
}
