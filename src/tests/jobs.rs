//! The queue: a job is done by one worker at a time, survives its worker, and stays inside its tenant.

use crate::support;
use async_trait::async_trait;
use belvedere::{
    accounts::Member,
    error::AppError,
    ids::JobId,
    jobs::{
        Job, JobContext, JobError, JobHandler, JobProgress, JobQuery, JobStatus, NewJob, Schedule, Worker,
        WorkerOptions, store,
    },
    server::Database,
};
use serde_json::{Value, json};
use std::{
    future::Future,
    pin::Pin,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};
use tokio::{
    sync::Semaphore,
    task::JoinHandle,
    time::{sleep, timeout},
};
use tokio_util::sync::CancellationToken;

type Run<'a> = Pin<Box<dyn Future<Output = Result<Value, JobError>> + Send + 'a>>;

/// A handler of kind "test" made from a function.
struct Handler<F>(F);

#[async_trait]
impl<F> JobHandler for Handler<F>
where
    F: for<'a> Fn(&'a JobContext) -> Run<'a> + Send + Sync + 'static,
{
    fn kind(&self) -> &'static str {
        "test"
    }
    async fn run(&self, job: &JobContext) -> Result<Value, JobError> {
        (self.0)(job).await
    }
}

fn handler<F>(run: F) -> Vec<Arc<dyn JobHandler>>
where
    F: for<'a> Fn(&'a JobContext) -> Run<'a> + Send + Sync + 'static,
{
    vec![Arc::new(Handler(run))]
}

/// Leases of a second or so, so that tests can wait for their end.
fn quick() -> WorkerOptions {
    WorkerOptions {
        concurrency: 4,
        lease: Duration::from_millis(900),
        poll: Duration::from_millis(100),
        cancel_grace: Duration::from_millis(300),
    }
}

/// A worker that runs until the token is cancelled, or dies at once when the handle is aborted.
fn start(db: &Database, handlers: Vec<Arc<dyn JobHandler>>) -> (JoinHandle<()>, CancellationToken) {
    let shutdown = CancellationToken::new();
    let worker = Worker::with(support::state(db), handlers, vec![], quick());
    (tokio::spawn(worker.run(shutdown.clone())), shutdown)
}

async fn enqueue(db: &Database, member: &Member, max_attempts: i16) -> JobId {
    let mut tx = db.tenant(member).await.unwrap();
    let id =
        store::enqueue(&mut tx, NewJob { max_attempts, ..NewJob::new("test", json!({ "rows": 3 })) }).await.unwrap();
    tx.commit().await.unwrap();
    id
}

async fn progress(db: &Database, member: &Member, id: JobId) -> JobProgress {
    store::progress(&mut db.tenant(member).await.unwrap(), id).await.unwrap()
}

async fn find(db: &Database, member: &Member, id: JobId) -> Job {
    store::find(&mut db.tenant(member).await.unwrap(), &member.admin().unwrap(), id).await.unwrap()
}

/// Waits until the job is in `status`.
async fn until(db: &Database, member: &Member, id: JobId, status: JobStatus) -> JobProgress {
    support::eventually(&format!("the job is {status}"), async || {
        let seen = progress(db, member, id).await;
        (seen.status == status).then_some(seen)
    })
    .await
}

/// As if the pause after a failed attempt were over.
async fn skip_pause(db: &Database, id: JobId) {
    sqlx::query("update jobs set run_at = now() where id = $1 and status = 'pending'")
        .bind(id)
        .execute(db.pool_for_tests())
        .await
        .unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn every_job_is_done_once_by_one_of_two_workers() {
    let db = support::database().await;
    let ada = support::tenant(&db, "Ada").await;
    let (running, most, runs) =
        (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
    let counting = {
        let (running, most, runs) = (running.clone(), most.clone(), runs.clone());
        move || {
            let (running, most, runs) = (running.clone(), most.clone(), runs.clone());
            handler(move |job| {
                let (running, most, runs) = (running.clone(), most.clone(), runs.clone());
                Box::pin(async move {
                    runs.fetch_add(1, Ordering::SeqCst);
                    most.fetch_max(running.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
                    job.progress(3, Some(3), "three rows").await?;
                    sleep(Duration::from_millis(20)).await;
                    running.fetch_sub(1, Ordering::SeqCst);
                    Ok(json!({ "rows": job.payload["rows"] }))
                })
            })
        }
    };
    let mut ids = Vec::new();
    for _ in 0..30 {
        ids.push(enqueue(&db, &ada, 1).await);
    }
    let workers = [start(&db, counting()), start(&db, counting())];
    for id in &ids {
        let end = until(&db, &ada, *id, JobStatus::Completed).await;
        assert_eq!((end.done, end.total, end.note.as_str(), end.attempts), (3, Some(3), "three rows", 1));
    }
    assert_eq!(runs.load(Ordering::SeqCst), 30);
    assert!(most.load(Ordering::SeqCst) <= 8, "four jobs at a time per worker");
    assert_eq!(find(&db, &ada, ids[0]).await.result, Some(json!({ "rows": 3 })));
    assert!(store::worker_alive(&db).await.unwrap());
    for (worker, shutdown) in workers {
        shutdown.cancel();
        timeout(Duration::from_secs(5), worker).await.expect("an idle worker stops at once").unwrap();
    }
    assert!(!store::worker_alive(&db).await.unwrap());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_new_job_wakes_the_worker() {
    let db = support::database().await;
    let ada = support::tenant(&db, "Ada").await;
    let worker = Worker::with(
        support::state(&db),
        handler(|_| Box::pin(async { Ok(Value::Null) })),
        vec![],
        WorkerOptions { poll: Duration::from_secs(60), ..quick() },
    );
    let shutdown = CancellationToken::new();
    tokio::spawn(worker.run(shutdown.clone()));
    let first = enqueue(&db, &ada, 1).await;
    until(&db, &ada, first, JobStatus::Completed).await;
    let second = enqueue(&db, &ada, 1).await;
    timeout(Duration::from_secs(5), until(&db, &ada, second, JobStatus::Completed))
        .await
        .expect("no need to wait for the poll");
    shutdown.cancel();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_job_of_a_killed_worker_is_taken_up_again_and_its_effect_happens_once() {
    let db = support::database().await;
    let ada = support::tenant(&db, "Ada").await;
    let id = enqueue(&db, &ada, 3).await;
    // Writes ten rows, each in one transaction with its position; the first worker dies in the middle.
    let rows = |gate: Arc<Semaphore>| {
        handler(move |job| {
            let gate = gate.clone();
            Box::pin(async move {
                let begin = store::progress(&mut job.tenant().await?, job.claimed.id()).await?.done;
                for row in begin..10 {
                    gate.acquire().await.unwrap().forget();
                    let mut tx = job.tenant().await?;
                    sqlx::query(
                        "insert into deleted_records (organization_id, entity_type, id, record)
                         values (app_organization(), 'test', gen_random_uuid(), to_jsonb($1::bigint))",
                    )
                    .bind(row)
                    .execute(tx.conn())
                    .await
                    .map_err(AppError::from)?;
                    job.progress_in(&mut tx, u64::try_from(row).unwrap() + 1, Some(10), "").await?;
                    tx.commit().await?;
                }
                Ok(json!({ "began_at": begin }))
            })
        })
    };
    let (killed, _) = start(&db, rows(Arc::new(Semaphore::new(4))));
    support::eventually("four rows are done", async || (progress(&db, &ada, id).await.done == 4).then_some(())).await;
    killed.abort();
    let (_, shutdown) = start(&db, rows(Arc::new(Semaphore::new(100))));
    let end = until(&db, &ada, id, JobStatus::Completed).await;
    assert_eq!((end.done, end.attempts), (10, 2));
    assert_eq!(find(&db, &ada, id).await.result, Some(json!({ "began_at": 4 })));
    let written: Vec<i64> = sqlx::query_scalar("select (record #>> '{}')::bigint from deleted_records order by 1")
        .fetch_all(db.pool_for_tests())
        .await
        .unwrap();
    assert_eq!(written, (0..10).collect::<Vec<_>>());
    shutdown.cancel();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_worker_that_lost_its_lease_changes_nothing_any_more() {
    let db = support::database().await;
    let ada = support::tenant(&db, "Ada").await;
    let id = enqueue(&db, &ada, 5).await;
    let late = Arc::new(Semaphore::new(0));
    let refused = Arc::new(AtomicUsize::new(0));
    // The first attempt sleeps through the end of its lease, then tries to write; the second is quick.
    let handlers = {
        let (late, refused) = (late.clone(), refused.clone());
        handler(move |job| {
            let (late, refused) = (late.clone(), refused.clone());
            Box::pin(async move {
                if job.attempt > 1 {
                    job.progress(2, None, "second").await?;
                    return Ok(json!("second"));
                }
                late.acquire().await.unwrap().forget();
                let end = job.progress(1, None, "first").await;
                if matches!(end, Err(JobError::Lost)) {
                    refused.fetch_add(1, Ordering::SeqCst);
                }
                end.map(|()| json!("first"))
            })
        })
    };
    let slow = Worker::with(
        support::state(&db),
        handlers,
        vec![],
        // Renews so rarely that it does not notice by itself.
        WorkerOptions { lease: Duration::from_secs(60), ..quick() },
    );
    let shutdown = CancellationToken::new();
    tokio::spawn(slow.run(shutdown.clone()));
    until(&db, &ada, id, JobStatus::Processing).await;
    sqlx::query("update jobs set lease_until = now() - interval '1 second'")
        .execute(db.pool_for_tests())
        .await
        .unwrap();
    let end = until(&db, &ada, id, JobStatus::Completed).await;
    late.add_permits(1);
    support::eventually("the late worker is told", async || (refused.load(Ordering::SeqCst) == 1).then_some(())).await;
    assert_eq!((end.note.as_str(), end.attempts), ("second", 2));
    assert_eq!(find(&db, &ada, id).await.result, Some(json!("second")));
    assert_eq!(progress(&db, &ada, id).await.note, "second");
    shutdown.cancel();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_job_that_fails_pauses_and_is_kept_as_failed_when_its_attempts_are_used_up() {
    let db = support::database().await;
    let ada = support::tenant(&db, "Ada").await;
    let id = enqueue(&db, &ada, 2).await;
    let (_, shutdown) = start(
        &db,
        handler(|job| {
            Box::pin(async move {
                assert!(job.attempt > 1, "the first attempt panics");
                Err(JobError::Retry(AppError::conflict("The mail server said no.")))
            })
        }),
    );
    // It is pending before its first attempt too, which may be over before anybody looks.
    let mut waiting = until(&db, &ada, id, JobStatus::Pending).await;
    while waiting.attempts == 0 || waiting.error.is_none() {
        sleep(Duration::from_millis(20)).await;
        waiting = until(&db, &ada, id, JobStatus::Pending).await;
    }
    assert_eq!(waiting.attempts, 1);
    assert!(waiting.error.unwrap().contains("fault in Belvedere"), "a panic fails the attempt, not the worker");
    let pause = find(&db, &ada, id).await.run_at - chrono::Utc::now();
    assert!((2..8).contains(&pause.num_seconds()), "about five seconds before the second attempt: {pause}");
    skip_pause(&db, id).await;
    let end = until(&db, &ada, id, JobStatus::Failed).await;
    assert_eq!((end.attempts, end.error.as_deref()), (2, Some("The mail server said no.")));

    let told: Vec<String> = sqlx::query_scalar("select title from activities where action = 'failed'")
        .fetch_all(db.tenant(&ada).await.unwrap().conn())
        .await
        .unwrap();
    assert_eq!(told, ["The job “test” failed"]);

    // An admin may have it tried again, from the first attempt on.
    let mut tx = db.tenant(&ada).await.unwrap();
    store::retry(&mut tx, &ada.admin().unwrap(), id).await.unwrap();
    tx.commit().await.unwrap();
    let again = until(&db, &ada, id, JobStatus::Pending).await;
    assert!(again.attempts <= 1);
    shutdown.cancel();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_waiting_job_is_cancelled_at_once_and_a_running_one_when_it_looks() {
    let db = support::database().await;
    let ada = support::tenant(&db, "Ada").await;
    let editor = ada.editor().unwrap();
    let waiting = enqueue(&db, &ada, 1).await;
    let mut tx = db.tenant(&ada).await.unwrap();
    assert_eq!(store::cancel(&mut tx, &editor, waiting).await.unwrap(), JobStatus::Cancelled);
    tx.commit().await.unwrap();

    let polite = enqueue(&db, &ada, 5).await;
    let deaf = enqueue(&db, &ada, 5).await;
    let (_, shutdown) = start(
        &db,
        handler(move |job| {
            Box::pin(async move {
                loop {
                    sleep(Duration::from_millis(20)).await;
                    if job.claimed.id() == polite {
                        job.progress(1, None, "working").await?;
                    }
                }
            })
        }),
    );
    for id in [polite, deaf] {
        until(&db, &ada, id, JobStatus::Processing).await;
        let mut tx = db.tenant(&ada).await.unwrap();
        assert_eq!(store::cancel(&mut tx, &editor, id).await.unwrap(), JobStatus::Processing);
        tx.commit().await.unwrap();
        until(&db, &ada, id, JobStatus::Cancelled).await;
    }
    assert_eq!(progress(&db, &ada, waiting).await.attempts, 0, "it never ran");
    let again = store::cancel(&mut db.tenant(&ada).await.unwrap(), &editor, deaf).await;
    assert!(matches!(again, Err(AppError::Conflict { .. })));
    shutdown.cancel();
}

/// Never ends by itself; counts its runs, and how often it was tidied up after.
#[derive(Default)]
struct Endless {
    runs: AtomicUsize,
    tidied: AtomicUsize,
}

#[async_trait]
impl JobHandler for Endless {
    fn kind(&self) -> &'static str {
        "test"
    }
    async fn run(&self, _: &JobContext) -> Result<Value, JobError> {
        self.runs.fetch_add(1, Ordering::SeqCst);
        std::future::pending().await
    }
    async fn cancelled(&self, _: &JobContext) -> Result<(), AppError> {
        self.tidied.fetch_add(1, Ordering::SeqCst);
        Ok(())
    }
}

/// Whether it was cut off or its worker died, a cancelled job is tidied up after, and is not begun again.
#[tokio::test(flavor = "multi_thread")]
async fn a_cancelled_job_is_tidied_up_after_however_it_stopped() {
    let db = support::database().await;
    let ada = support::tenant(&db, "Ada").await;
    let endless = Arc::new(Endless::default());
    let (worker, shutdown) = start(&db, vec![endless.clone()]);
    let cancel = async |id| {
        until(&db, &ada, id, JobStatus::Processing).await;
        let mut tx = db.tenant(&ada).await.unwrap();
        assert_eq!(store::cancel(&mut tx, &ada.editor().unwrap(), id).await.unwrap(), JobStatus::Processing);
        tx.commit().await.unwrap();
    };
    let cut_off = enqueue(&db, &ada, 1).await;
    cancel(cut_off).await;
    until(&db, &ada, cut_off, JobStatus::Cancelled).await;
    assert_eq!(endless.tidied.load(Ordering::SeqCst), 1);

    let orphaned = enqueue(&db, &ada, 1).await;
    until(&db, &ada, orphaned, JobStatus::Processing).await;
    worker.abort();
    let _ = worker.await;
    cancel(orphaned).await;
    let (_, next) = start(&db, vec![endless.clone()]);
    until(&db, &ada, orphaned, JobStatus::Cancelled).await;
    assert_eq!((endless.runs.load(Ordering::SeqCst), endless.tidied.load(Ordering::SeqCst)), (2, 2));
    shutdown.cancel();
    next.cancel();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_worker_that_is_shut_down_hands_its_job_on_at_once() {
    let db = support::database().await;
    let ada = support::tenant(&db, "Ada").await;
    let id = enqueue(&db, &ada, 1).await;
    let (first, shutdown) = start(&db, handler(|_| Box::pin(std::future::pending())));
    until(&db, &ada, id, JobStatus::Processing).await;
    shutdown.cancel();
    timeout(Duration::from_secs(5), first).await.expect("stops without waiting for the job").unwrap();
    let released = progress(&db, &ada, id).await;
    assert_eq!((released.status, released.attempts), (JobStatus::Pending, 0), "a deploy costs no attempt");
    let (_, shutdown) = start(&db, handler(|_| Box::pin(async { Ok(Value::Null) })));
    until(&db, &ada, id, JobStatus::Completed).await;
    shutdown.cancel();
}

#[tokio::test(flavor = "multi_thread")]
async fn higher_priority_goes_first_and_later_jobs_wait_for_their_time() {
    let db = support::database().await;
    let ada = support::tenant(&db, "Ada").await;
    let mut tx = db.tenant(&ada).await.unwrap();
    let tomorrow = chrono::Utc::now() + chrono::Duration::days(1);
    for (name, priority, run_at) in
        [("low", -1, None), ("plain", 0, None), ("high", 5, None), ("later", 9, Some(tomorrow))]
    {
        let new = NewJob { priority, run_at, ..NewJob::new("test", json!(name)) };
        store::enqueue(&mut tx, new).await.unwrap();
    }
    tx.commit().await.unwrap();
    let (send, mut seen) = tokio::sync::mpsc::unbounded_channel();
    let worker = Worker::with(
        support::state(&db),
        handler(move |job| {
            let send = send.clone();
            Box::pin(async move {
                send.send(job.payload.clone()).unwrap();
                Ok(Value::Null)
            })
        }),
        vec![],
        WorkerOptions { concurrency: 1, ..quick() },
    );
    let shutdown = CancellationToken::new();
    tokio::spawn(worker.run(shutdown.clone()));
    for expected in ["high", "plain", "low"] {
        let next = timeout(Duration::from_secs(5), seen.recv()).await.unwrap().unwrap();
        assert_eq!(next, expected);
    }
    assert!(timeout(Duration::from_millis(300), seen.recv()).await.is_err(), "its time has not come");
    shutdown.cancel();
}

/// The organisations take turns: whoever has put ten thousand jobs into the queue waits like everybody else.
#[tokio::test(flavor = "multi_thread")]
async fn ten_thousand_jobs_of_one_tenant_do_not_keep_another_waiting() {
    let db = support::database().await;
    let (ada, bob, eve) =
        (support::tenant(&db, "Ada").await, support::tenant(&db, "Bob").await, support::tenant(&db, "Eve").await);
    sqlx::query(
        "insert into jobs (organization_id, id, type, payload, run_at)
         select $1, gen_random_uuid(), 'test', '\"Ada\"', now() - interval '1 hour' from generate_series(1, 10000)",
    )
    .bind(ada.organization().id)
    .execute(db.pool_for_tests())
    .await
    .unwrap();
    for member in [&bob, &eve, &bob] {
        let mut tx = db.tenant(member).await.unwrap();
        let new = NewJob::new("test", json!(member.viewer().name));
        store::enqueue(&mut tx, new).await.unwrap();
        tx.commit().await.unwrap();
    }
    let (send, mut seen) = tokio::sync::mpsc::unbounded_channel();
    let worker = Worker::with(
        support::state(&db),
        handler(move |job| {
            let send = send.clone();
            Box::pin(async move {
                send.send(job.payload.as_str().unwrap_or_default().to_owned()).unwrap();
                Ok(Value::Null)
            })
        }),
        vec![],
        WorkerOptions { concurrency: 1, ..quick() },
    );
    let shutdown = CancellationToken::new();
    let working = tokio::spawn(worker.run(shutdown.clone()));
    let mut first = Vec::new();
    for _ in 0..6 {
        first.push(timeout(Duration::from_secs(20), seen.recv()).await.unwrap().unwrap());
    }
    shutdown.cancel();
    working.await.unwrap();
    let mut round: Vec<&str> = first[..3].iter().map(String::as_str).collect();
    round.sort_unstable();
    assert_eq!(round, ["Ada", "Bob", "Eve"], "everybody once: {first:?}");
    assert!(first[3..5].contains(&"Bob".to_owned()), "and again: {first:?}");
}

/// Two tenants: the other one's job cannot be listed, seen, cancelled or tried again.
#[tokio::test]
async fn a_job_is_its_own_tenants_business() {
    let db = support::database().await;
    let (ada, bob) = (support::tenant(&db, "Ada").await, support::tenant(&db, "Bob").await);
    let id = enqueue(&db, &ada, 1).await;
    let (editor, admin) = (bob.editor().unwrap(), bob.admin().unwrap());
    let mut tx = db.tenant(&bob).await.unwrap();
    assert_eq!(store::list(&mut tx, &admin, &JobQuery::default()).await.unwrap().items, []);
    for outcome in [
        store::find(&mut tx, &admin, id).await.map(drop),
        store::progress(&mut tx, id).await.map(drop),
        store::cancel(&mut tx, &editor, id).await.map(drop),
        store::retry(&mut tx, &admin, id).await,
    ] {
        assert_eq!(outcome, Err(AppError::not_found("The job")));
    }
    assert_eq!(progress(&db, &ada, id).await.status, JobStatus::Pending);
}

#[tokio::test]
async fn jobs_are_listed_newest_first_a_page_at_a_time() {
    let db = support::database().await;
    let ada = support::tenant(&db, "Ada").await;
    let mut ids = Vec::new();
    for _ in 0..5 {
        ids.insert(0, enqueue(&db, &ada, 1).await);
    }
    let admin = ada.admin().unwrap();
    let mut tx = db.tenant(&ada).await.unwrap();
    let (mut seen, mut query) = (Vec::new(), JobQuery { limit: Some(2), ..JobQuery::default() });
    loop {
        let page = store::list(&mut tx, &admin, &query).await.unwrap();
        seen.extend(page.items.iter().map(|job| job.id));
        query.cursor = page.next_cursor;
        if query.cursor.is_none() {
            break;
        }
    }
    assert_eq!(seen, ids);
    let failed = JobQuery { status: Some(JobStatus::Failed), ..JobQuery::default() };
    assert!(store::list(&mut tx, &admin, &failed).await.unwrap().items.is_empty());
    let broken = JobQuery { cursor: Some("x".into()), ..JobQuery::default() };
    assert!(store::list(&mut tx, &admin, &broken).await.unwrap_err().for_field("cursor").is_some());
}

/// Two instances with the same chore: it is done once per interval.
#[tokio::test(flavor = "multi_thread")]
async fn a_chore_is_done_once_per_interval_over_all_instances() {
    static RUNS: AtomicUsize = AtomicUsize::new(0);
    let db = support::database().await;
    let chore = Schedule {
        name: "count",
        every: Duration::from_secs(3600),
        run: |_| {
            Box::pin(async {
                RUNS.fetch_add(1, Ordering::SeqCst);
                sleep(Duration::from_millis(300)).await;
                Ok(1)
            })
        },
    };
    let shutdown = CancellationToken::new();
    let workers: Vec<_> = (0..2)
        .map(|_| tokio::spawn(Worker::with(support::state(&db), vec![], vec![chore], quick()).run(shutdown.clone())))
        .collect();
    sleep(Duration::from_secs(1)).await;
    shutdown.cancel();
    for worker in workers {
        worker.await.unwrap();
    }
    assert_eq!(RUNS.load(Ordering::SeqCst), 1);
    let in_an_hour: bool = sqlx::query_scalar(
        "select claim_id is null and last_error is null and next_run_at between now() + interval '59 minutes' and now() + interval '1 hour'
         from schedules where name = 'count'",
    )
    .fetch_one(db.pool_for_tests())
    .await
    .unwrap();
    assert!(in_an_hour);
}

/// The chores that ship forget what is old and keep the rest.
#[tokio::test(flavor = "multi_thread")]
async fn old_deleted_records_and_jobs_are_forgotten() {
    let db = support::database().await;
    let ada = support::tenant(&db, "Ada").await;
    let (old, new) = (enqueue(&db, &ada, 1).await, enqueue(&db, &ada, 1).await);
    sqlx::raw_sql(
        "insert into deleted_records (organization_id, entity_type, id, record, deleted_at)
           select id, 'payment', gen_random_uuid(), '{}', now() - days * interval '1 day' from organizations, unnest(array[29, 31]) days;",
    )
    .execute(db.pool_for_tests())
    .await
    .unwrap();
    sqlx::query("update jobs set status = 'completed', finished_at = now() - interval '31 days' where id = $1")
        .bind(old)
        .execute(db.pool_for_tests())
        .await
        .unwrap();
    let shutdown = CancellationToken::new();
    let worker = Worker::with(support::state(&db), vec![], belvedere::jobs::registry::schedules(), quick());
    let worker = tokio::spawn(worker.run(shutdown.clone()));
    support::eventually("every schedule has run", async || {
        let busy: i64 =
            sqlx::query_scalar("select count(*) from schedules where last_run_at is null or claim_id is not null")
                .fetch_one(db.pool_for_tests())
                .await
                .unwrap();
        let known: i64 =
            sqlx::query_scalar("select count(*) from schedules").fetch_one(db.pool_for_tests()).await.unwrap();
        let all = usize::try_from(known).unwrap() == belvedere::jobs::registry::schedules().len();
        (busy == 0 && all).then_some(())
    })
    .await;
    shutdown.cancel();
    worker.await.unwrap();
    let kept: Vec<JobId> = sqlx::query_scalar("select id from jobs").fetch_all(db.pool_for_tests()).await.unwrap();
    assert_eq!(kept, [new]);
    let records: i64 =
        sqlx::query_scalar("select count(*) from deleted_records").fetch_one(db.pool_for_tests()).await.unwrap();
    assert_eq!(records, 1);
}
