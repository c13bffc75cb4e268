//! What a server function or a page knows about the request that it answers.

use super::state::AppState;
use crate::{accounts::Member, error::AppError};
use leptos::prelude::use_context;
use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

/// Made by the outermost middleware for each request, and put into the request's extensions.
#[derive(Debug)]
pub struct RequestContext {
    /// Under which the request is logged, and which its sender may quote.
    pub id: String,
    outage: AtomicBool,
}

impl RequestContext {
    pub fn new(id: String) -> Self {
        Self { id, outage: AtomicBool::new(false) }
    }

    /// Whether the database could not be reached while this request was answered.
    pub fn had_outage(&self) -> bool {
        self.outage.load(Ordering::Relaxed)
    }
}

tokio::task_local! {
    /// Set by the outermost middleware for the length of a request.
    pub(super) static REQUEST: Arc<RequestContext>;
}

/// Does `work` under this id, for work that is no request but is logged like one.
pub async fn scope<F: Future>(id: String, work: F) -> F::Output {
    REQUEST.scope(Arc::new(RequestContext::new(id)), work).await
}

/// `work` as a part of this request. Use `idempotency::carried`.
pub(super) fn carried<F: Future>(work: F) -> impl Future<Output = F::Output> {
    let request = current();
    async move {
        match request {
            Some(request) => REQUEST.scope(request, work).await,
            None => work.await,
        }
    }
}

/// The request that is being answered. Resources of a page run in tasks of their own, where only leptos's
/// context knows it.
fn current() -> Option<Arc<RequestContext>> {
    REQUEST
        .try_with(Arc::clone)
        .ok()
        .or_else(|| use_context::<http::request::Parts>()?.extensions.get::<Arc<RequestContext>>().cloned())
}

/// The id under which this request is logged; a dash outside any request.
pub fn request_id() -> String {
    current().map_or_else(|| "-".into(), |request| request.id.clone())
}

/// Notes that the database is away: the page that is being made becomes a 503.
pub(super) fn note_outage() {
    if let Some(request) = current() {
        request.outage.store(true, Ordering::Relaxed);
    }
}

/// The application's state, inside a server function or while a page is rendered.
pub fn state() -> Result<AppState, AppError> {
    use_context::<AppState>().ok_or_else(|| super::fault::internal("no AppState in this context"))
}

/// The person who asks, with the organisation that they work in at the moment.
///
/// Authentication middleware puts an [`Authenticated`] into the request's extensions; nothing else does.
pub fn member() -> Result<Member, AppError> {
    authenticated()?.0.ok_or(AppError::Unauthenticated)
}

/// Like [`member`], for pages that also greet strangers.
pub fn authenticated() -> Result<Authenticated, AppError> {
    let parts =
        use_context::<http::request::Parts>().ok_or_else(|| super::fault::internal("no request in this context"))?;
    match parts.extensions.get::<Result<Authenticated, AppError>>() {
        Some(result) => result.clone(),
        None => Ok(Authenticated(None)),
    }
}

/// The outcome of authentication: a member, or nobody.
#[derive(Clone, Debug)]
pub struct Authenticated(pub Option<Member>);
