//! Does the jobs. Server only.

use super::{
    JobContext, JobError, JobHandler, Schedule, registry, schedule,
    store::lease::{self, CancelRequested, End, Taken},
};
use crate::{
    error::AppError,
    server::{AppState, request},
};
use futures::FutureExt;
use std::{collections::HashMap, panic::AssertUnwindSafe, sync::Arc, time::Duration};
use tokio::{
    sync::{Notify, Semaphore},
    task::JoinSet,
    time::{Instant, sleep},
};
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

/// How a worker behaves.
#[derive(Clone, Debug)]
pub struct WorkerOptions {
    /// Jobs done at the same time.
    pub concurrency: usize,
    /// How long a silent worker keeps its job; renewed three times as often.
    pub lease: Duration,
    /// How often to look for jobs whose time has come, and for dead workers. New jobs wake the worker by themselves.
    pub poll: Duration,
    /// How long a handler may go on after somebody asked its job to stop.
    pub cancel_grace: Duration,
}

impl Default for WorkerOptions {
    fn default() -> Self {
        Self {
            concurrency: 2,
            lease: Duration::from_secs(30),
            poll: Duration::from_secs(2),
            cancel_grace: Duration::from_secs(20),
        }
    }
}

/// Takes jobs of every organisation and runs their handlers, and does the chores that are due.
pub struct Worker {
    id: Uuid,
    /// For people who look for it: host and process.
    name: String,
    state: AppState,
    handlers: HashMap<&'static str, Arc<dyn JobHandler>>,
    schedules: Vec<Schedule>,
    options: WorkerOptions,
}

impl Worker {
    /// A worker that knows every kind of job and every chore.
    pub fn new(state: AppState) -> Self {
        let concurrency = state.settings.worker.concurrency.get().try_into().unwrap_or(usize::MAX);
        let options = WorkerOptions { concurrency, ..WorkerOptions::default() };
        Self::with(state, registry::handlers(), registry::schedules(), options)
    }

    /// A worker that knows only these.
    pub fn with(
        state: AppState,
        handlers: Vec<Arc<dyn JobHandler>>,
        schedules: Vec<Schedule>,
        options: WorkerOptions,
    ) -> Self {
        let host = std::fs::read_to_string("/proc/sys/kernel/hostname").unwrap_or_default();
        Self {
            id: Uuid::now_v7(),
            name: format!("{}:{}", host.trim(), std::process::id()),
            state,
            handlers: handlers.into_iter().map(|handler| (handler.kind(), handler)).collect(),
            schedules,
            options,
        }
    }

    /// Works until `shutdown`, then puts what it was at back into the queue, for another worker to take at once.
    /// Dropping the future instead leaves the jobs to be found when their leases end.
    pub async fn run(self, shutdown: CancellationToken) {
        let worker = Arc::new(self);
        let wake = Arc::new(Notify::new());
        let mut background = JoinSet::new();
        background.spawn(worker.clone().listen(wake.clone()));
        background.spawn(worker.clone().watch(wake.clone()));
        background.spawn(worker.clone().keep_house());
        background.spawn(crate::accounts::courier::run(worker.state.clone()));
        tracing::info!(worker = %worker.name, concurrency = worker.options.concurrency, "worker started");
        worker.clone().dispatch(&wake, &shutdown).await;
        background.shutdown().await;
        if let Err(error) = lease::retire(&worker.state.db, worker.id).await {
            tracing::warn!(%error, "the worker could not sign off; it will be forgotten in an hour");
        }
        tracing::info!(worker = %worker.name, "worker stopped");
    }

    /// Hands out jobs while there is room.
    async fn dispatch(self: Arc<Self>, wake: &Notify, shutdown: &CancellationToken) {
        let kinds: Vec<&'static str> = self.handlers.keys().copied().collect();
        let room = Arc::new(Semaphore::new(self.options.concurrency.max(1)));
        let mut running = JoinSet::new();
        while !shutdown.is_cancelled() {
            let permit = tokio::select! {
                () = shutdown.cancelled() => break,
                permit = room.clone().acquire_owned() => match permit {
                    Ok(permit) => permit,
                    Err(_) => break, // never closed
                },
            };
            while running.try_join_next().is_some() {}
            // Not inside a select: a claim that was made must not be forgotten half-way.
            match lease::claim(&self.state.db, &self.name, &kinds, self.options.lease).await {
                Ok(Some(taken)) => {
                    let (worker, shutdown) = (self.clone(), shutdown.clone());
                    running.spawn(async move {
                        worker.work(taken, &shutdown).await;
                        drop(permit);
                    });
                }
                // An outage was logged where it was met; the next look comes after the same pause.
                Ok(None) | Err(_) => {
                    drop(permit);
                    tokio::select! {
                        () = shutdown.cancelled() => {}
                        () = wake.notified() => {}
                        () = sleep(self.options.poll) => {}
                    }
                }
            }
        }
        while running.join_next().await.is_some() {}
    }

    /// Runs one job and writes how it ended.
    async fn work(&self, taken: Taken, shutdown: &CancellationToken) {
        let Taken { claimed, kind, payload, attempts, cancel_requested } = taken;
        let (id, begun) = (claimed.id(), Instant::now());
        let Some(handler) = self.handlers.get(kind.as_str()) else { return };
        let job = JobContext {
            state: self.state.clone(),
            claimed: claimed.clone(),
            payload,
            attempt: attempts,
            lease: self.options.lease,
        };
        tracing::info!(job = %id, kind, attempt = attempts, "job started");
        let run = async { if cancel_requested { Err(JobError::Cancelled) } else { handler.run(&job).await } };
        let run = request::scope(format!("job-{id}"), AssertUnwindSafe(run).catch_unwind());
        let end = tokio::select! {
            biased;
            outcome = run => match outcome {
                Ok(Ok(result)) => End::Completed(result),
                Ok(Err(JobError::Retry(error))) => End::Failed(error.to_string()),
                Ok(Err(JobError::Fatal(error))) => End::Dead(error),
                Ok(Err(JobError::Cancelled)) => End::Cancelled,
                Ok(Err(JobError::Lost)) => {
                    tracing::warn!(job = %id, kind, "job lost to another worker");
                    return;
                }
                // What was wrong is in the log already: the panic hook writes it.
                Err(_) => End::Failed(format!("The job broke off because of a fault in Belvedere. The log has it under job-{id}.")),
            },
            () = shutdown.cancelled() => End::Released,
            end = self.keep(&job) => match end {
                Some(end) => end,
                None => {
                    tracing::warn!(job = %id, kind, "job lost to another worker");
                    return;
                }
            },
        };
        // A lease that ends brings the job back to this point.
        if matches!(end, End::Cancelled)
            && let Err(error) = handler.cancelled(&job).await
        {
            tracing::error!(job = %id, kind, %error, "what a cancelled job leaves could not be tidied up");
            return;
        }
        let how = match &end {
            End::Completed(_) => "completed",
            End::Failed(_) | End::Dead(_) => "failed",
            End::Cancelled => "cancelled",
            End::Released => "released",
        };
        tracing::info!(job = %id, kind, attempt = attempts, how, seconds = begun.elapsed().as_secs_f32(), "job ended");
        self.settle(&job, &kind, end).await;
    }

    /// Renews the lease for as long as the job runs. Ends when the job has to be stopped from outside: with
    /// `Cancelled` when its handler does not stop by itself, with `None` when the lease was lost.
    async fn keep(&self, job: &JobContext) -> Option<End> {
        let mut asked: Option<Instant> = None;
        loop {
            sleep(self.options.lease / 3).await;
            match lease::renew(&self.state.db, &job.claimed, self.options.lease).await {
                Ok(None) => return None,
                Ok(Some(CancelRequested(true))) => {
                    let since = *asked.get_or_insert_with(Instant::now);
                    if since.elapsed() >= self.options.cancel_grace {
                        return Some(End::Cancelled);
                    }
                }
                Ok(Some(CancelRequested(false))) => asked = None,
                // The database is away. The handler will meet that too, or the lease can be renewed in time.
                Err(_) => {}
            }
        }
    }

    /// Writes how a run ended, trying for as long as the lease is ours if the database is away.
    async fn settle(&self, job: &JobContext, kind: &str, end: End) {
        let deadline = Instant::now() + self.options.lease;
        loop {
            match lease::finish(&self.state.db, &job.claimed, kind, end.clone(), rand::random()).await {
                Ok(true) => return,
                Ok(false) => {
                    tracing::warn!(job = %job.claimed.id(), kind, "the lease ended before the job did; nothing written");
                    return;
                }
                Err(AppError::Unavailable) if Instant::now() < deadline => sleep(Duration::from_millis(500)).await,
                Err(error) => {
                    tracing::error!(job = %job.claimed.id(), kind, %error, "the job's end could not be written");
                    return;
                }
            }
        }
    }

    /// Wakes the worker when a job is added.
    async fn listen(self: Arc<Self>, wake: Arc<Notify>) {
        loop {
            if let Ok(mut listener) = self.state.db.listener().await
                && listener.listen("jobs").await.is_ok()
            {
                wake.notify_one(); // for what came before we listened
                // `None`: the connection was lost and is made again; there may have been news meanwhile.
                while listener.try_recv().await.is_ok() {
                    wake.notify_one();
                }
            }
            sleep(self.options.poll).await;
        }
    }

    /// Frees the jobs of workers that fell silent.
    async fn watch(self: Arc<Self>, wake: Arc<Notify>) {
        loop {
            if lease::reap(&self.state.db).await.is_ok_and(|count| count > 0) {
                wake.notify_one();
            }
            sleep(self.options.poll).await;
        }
    }

    /// Shows that the worker is alive, and does the chores that are due.
    async fn keep_house(self: Arc<Self>) {
        let alive = async {
            loop {
                // Failures were logged where they were met.
                let _ = lease::report(&self.state.db, self.id, &self.name).await;
                sleep(Duration::from_secs(10)).await;
            }
        };
        let chores = async {
            loop {
                let _ = schedule::run_due(&self.state.db, &self.schedules).await;
                sleep(Duration::from_secs(30)).await;
            }
        };
        tokio::join!(alive, chores);
    }
}
