//! `belvedere serve`.

use super::{CommandError, database};
use crate::{
    dashboards::code::provision,
    jobs::Worker,
    server::{self, Application, Database, Settings, StartError},
};
use tokio::signal;
use tokio_util::sync::CancellationToken;

/// Serves until the process is told to stop, then ends what is under way.
pub async fn run(settings: Settings) -> Result<(), CommandError> {
    let address = settings.server.address;
    let listener =
        server::bind(address).map_err(|e| StartError(format!("cannot listen on {address} (server.address): {e}")))?;
    let shutdown = CancellationToken::new();
    tokio::spawn(cancel_on_signal(shutdown.clone()));
    let database = database::open(&settings, &shutdown).await?;
    provision(&settings, &database.db).await?;
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

/// Dashboards from files, where the operator has set a folder.
async fn provision(settings: &Settings, db: &Database) -> Result<(), CommandError> {
    let Some(folder) = &settings.dashboards.provision else { return Ok(()) };
    let Some(organization) = &settings.dashboards.provision_organization else {
        return Err(StartError("dashboards.provision needs dashboards.provision_organization".into()).into());
    };
    let report = provision::run(db, folder, organization).await?;
    for (file, cause) in &report.refused {
        tracing::error!(file, cause, "a dashboard’s file cannot be used");
    }
    let provision::Report { made, changed, unchanged, released, .. } = report;
    tracing::info!(made, changed, unchanged, released, "dashboards were provisioned");
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
