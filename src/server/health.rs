//! Whether this process lives and can work, and its figures for Prometheus.

use super::state::AppState;
use axum::{
    Json,
    extract::{Request, State},
    middleware::Next,
    response::{IntoResponse, Response},
};
use http::{Method, StatusCode, header};
use metrics_exporter_prometheus::{Matcher, PrometheusBuilder, PrometheusHandle};
use serde_json::{Value, json};
use std::{sync::OnceLock, time::Duration};

/// The process answers; it says nothing about the database.
pub async fn healthz() -> &'static str {
    "ok"
}

/// Whether requests can be answered now: a balancer sends traffic elsewhere while this is 503.
pub async fn readyz(State(state): State<AppState>) -> (StatusCode, Json<Value>) {
    let database = match tokio::time::timeout(Duration::from_secs(2), state.db.ping()).await {
        Ok(Ok(())) => "ok",
        _ => "not available",
    };
    let (migrations, worker) = if database == "ok" {
        let migrations = match state.db.pending_migrations().await {
            Ok(0) => "ok",
            Ok(_) => "pending",
            Err(_) => "unknown",
        };
        let worker = match crate::jobs::store::worker_alive(&state.db).await {
            Ok(true) => "ok",
            Ok(false) => "none",
            Err(_) => "unknown",
        };
        (migrations, worker)
    } else {
        ("unknown", "unknown")
    };
    // A server that leaves jobs to others can answer without them.
    let worker_fits = worker == "ok" || !state.settings.worker.in_process;
    let ready = database == "ok" && migrations == "ok" && worker_fits;
    let status = if ready { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
    (status, Json(json!({ "ready": ready, "database": database, "migrations": migrations, "worker": worker })))
}

static RECORDER: OnceLock<Option<PrometheusHandle>> = OnceLock::new();

/// Answers `/metrics` for programs, where the setting wants it. People get the page of that address.
pub async fn prometheus(State(state): State<AppState>, request: Request, next: Next) -> Response {
    let is_person =
        request.headers().get(header::ACCEPT).is_some_and(|accept| accept.as_bytes().starts_with(b"text/html"));
    if !state.settings.server.metrics || is_person || request.uri().path() != "/metrics" {
        return next.run(request).await;
    }
    let Some(handle) = RECORDER.get_or_init(install) else {
        return super::fault::internal("no recorder of metrics").into_response();
    };
    let (open, idle) = state.db.connections();
    metrics::gauge!("belvedere_database_connections", "state" => "open").set(f64::from(open));
    metrics::gauge!("belvedere_database_connections", "state" => "idle").set(f64::from(idle));
    // A database that is away shows in the other figures; the last count stands meanwhile.
    if let Ok(counts) = crate::jobs::store::count_by_status(&state.db).await {
        for (status, count) in counts {
            metrics::gauge!("belvedere_jobs", "status" => status).set(count as f64);
        }
    }
    handle.run_upkeep();
    ([(header::CONTENT_TYPE, "text/plain; version=0.0.4")], handle.render()).into_response()
}

/// Begins to record, if the setting wants it.
pub fn record(state: &AppState) {
    if state.settings.server.metrics {
        RECORDER.get_or_init(install);
    }
}

fn install() -> Option<PrometheusHandle> {
    const SECONDS: [f64; 10] = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1.0, 5.0];
    PrometheusBuilder::new()
        .set_buckets_for_metric(Matcher::Suffix("_seconds".into()), &SECONDS)
        .and_then(PrometheusBuilder::install_recorder)
        .inspect_err(|cause| tracing::error!(%cause, "metrics cannot be recorded"))
        .ok()
}

/// Counts one answered request. Costs next to nothing when no recorder is installed.
pub fn count_request(method: &Method, route: &str, status: u16, took: Duration) {
    let labels = [("method", method.as_str().to_owned()), ("route", route.to_owned()), ("status", status.to_string())];
    metrics::counter!("belvedere_requests_total", &labels).increment(1);
    metrics::histogram!("belvedere_request_duration_seconds", &labels[..2]).record(took.as_secs_f64());
}
