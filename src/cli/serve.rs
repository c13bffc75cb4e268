//! `belvedere serve`.

use super::{CommandError, database};
use crate::{
    jobs::Worker,
    server::{self, Application, Settings, StartError},
};
use tokio::{net::TcpListener, signal};
use tokio_util::sync::CancellationToken;

/// Serves until the process is told to stop, then ends what is under way.
pub async fn run(settings: Settings) -> Result<(), CommandError> {
    let address = settings.server.address;
    let listener = TcpListener::bind(address)
        .await
        .map_err(|e| StartError(format!("cannot listen on {address} (server.address): {e}")))?;
    let shutdown = CancellationToken::new();
    tokio::spawn(cancel_on_signal(shutdown.clone()));
    let database = database::open(&settings, &shutdown).await?;
    let application = Application::build(settings, database.db.clone());
    let worker = application.state.settings.worker.in_process.then(|| {
        let worker = Worker::new(application.state.clone());
        tokio::spawn(worker.run(shutdown.clone()))
    });
    tracing::info!(%address, "serving");
    server::serve(listener, application.router, &application.state.settings.server, shutdown).await;
    if let Some(worker) = worker
        && let Err(cause) = worker.await
    {
        tracing::error!(%cause, "the worker ended badly");
    }
    database.close().await;
    tracing::info!("stopped");
    Ok(())
}

/// Cancels `token` at SIGINT or SIGTERM.
pub async fn cancel_on_signal(token: CancellationToken) {
    let mut terminate = match signal::unix::signal(signal::unix::SignalKind::terminate()) {
        Ok(terminate) => terminate,
        Err(cause) => {
            tracing::error!(%cause, "cannot listen for SIGTERM");
            return;
        }
    };
    tokio::select! {
        _ = signal::ctrl_c() => {}
        _ = terminate.recv() => {}
    }
    tracing::info!("told to stop");
    token.cancel();
}
