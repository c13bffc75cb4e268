//! All routes of the server, and the layers that every request passes.

use super::{error_page, health, idempotency, middleware, openapi, security, state::AppState, statics};
use crate::{
    accounts::{auth, session},
    app,
    dashboards::sharing,
    error::AppError,
};
use axum::{
    Router,
    body::Body,
    extract::{DefaultBodyLimit, Request},
    middleware::{from_fn, from_fn_with_state},
    response::{IntoResponse, Response},
    routing::{MethodFilter, get, on},
};
use leptos::prelude::{provide_context, use_context};
use leptos_axum::{AxumRouteListing, LeptosRoutes, ResponseOptions};
use std::sync::OnceLock;
use tower_http::{CompressionLevel, catch_panic::CatchPanicLayer, compression::CompressionLayer, csrf::CsrfLayer};
use utoipa_axum::router::OpenApiRouter;

/// The REST API, every feature's part of it.
pub fn api() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .merge(crate::accounts::api::router())
        .merge(crate::ledger::api::router())
        .merge(crate::stock::api::router())
        .merge(crate::imports::api::router())
        .merge(crate::metrics::api::router())
        .merge(crate::dashboards::api::router())
        .merge(crate::activity::api::router())
        .merge(crate::jobs::api::router())
}

/// Every route, ready to serve.
pub fn router(state: AppState) -> Router {
    health::record(&state);
    let (api, description) = openapi::describe(api());
    let api = api.layer(from_fn_with_state(state.clone(), idempotency::keep));
    let pages = pages(&state).layer(from_fn(error_page::replace_after_outage));
    let functions = server_functions(&state)
        .layer(from_fn(middleware::server_function_status))
        .layer(from_fn(middleware::forget_former_outcome));
    // What knows who is asking. Authentication belongs around exactly these.
    let files =
        crate::dashboards::export::route::router().merge(crate::dashboards::code::route::router(page_handler(&state)));
    let known = Router::new().merge(pages).merge(functions).merge(api).merge(files).merge(sharing::page::router());
    let known = known
        .layer(from_fn_with_state(state.clone(), crate::dashboards::rendered::serve))
        .layer(from_fn_with_state(state.clone(), crate::dashboards::export::route::serve));
    let personal = authenticated(&state, known)
        .layer(from_fn(middleware::challenge))
        .layer(from_fn(middleware::no_store))
        .layer(csrf(&state));
    let mut router = Router::new()
        .merge(personal)
        .merge(openapi::router(description))
        .route("/healthz", get(health::healthz))
        .route("/readyz", get(health::readyz))
        .fallback_service(statics::service(&state, not_found(&state)))
        .nest_service("/pkg", statics::package(&state));
    if let Some(root) = statics::build_root() {
        router = router.nest_service(&format!("{root}/pkg"), statics::package(&state));
    }
    router
        // Innermost first. The body limit that counts is set by `limits`, by address.
        .layer(DefaultBodyLimit::disable())
        .layer(from_fn_with_state(state.clone(), health::prometheus))
        .layer(from_fn_with_state(state.clone(), middleware::limits))
        .layer(CatchPanicLayer::custom(middleware::panicked))
        .layer(from_fn(error_page::dress))
        .layer(CompressionLayer::new().quality(CompressionLevel::Fastest))
        .layer(from_fn_with_state(state.clone(), security::headers))
        .layer(from_fn(middleware::observe))
        .with_state(state)
}

/// Sessions and API keys: puts `Result<Authenticated, AppError>` into each request's extensions.
fn authenticated(state: &AppState, router: Router<AppState>) -> Router<AppState> {
    router
        .layer(from_fn_with_state(state.clone(), auth::authenticate))
        .layer(session::layer(state.db.clone(), &state.settings.accounts))
}

/// Pages are rendered whole before they are sent: so they read the same without JavaScript, and their
/// status tells the truth.
fn pages(state: &AppState) -> Router<AppState> {
    Router::new().leptos_routes_with_handler(route_list(), page_handler(state))
}

/// The list costs a rendering of the whole app, so it is made once.
fn route_list() -> Vec<AxumRouteListing> {
    static LIST: OnceLock<Vec<AxumRouteListing>> = OnceLock::new();
    LIST.get_or_init(|| leptos_axum::generate_route_list(app::App)).clone()
}

fn page_handler(
    state: &AppState,
) -> impl Fn(Request<Body>) -> std::pin::Pin<Box<dyn Future<Output = Response<Body>> + Send>> + Clone + Send + Sync + 'static
{
    let options = state.leptos.clone();
    let root = statics::build_root().unwrap_or_default();
    let state = state.clone();
    leptos_axum::render_app_async_with_context(
        move || {
            provide_context(state.clone());
            if let Some(response) = use_context::<ResponseOptions>() {
                security::allow_nonce(&response);
            }
        },
        move || app::document(options.clone(), root),
    )
}

fn server_functions(state: &AppState) -> Router<AppState> {
    let mut router = Router::new();
    for (path, method) in leptos::server_fn::axum::server_fn_paths() {
        let Ok(method) = MethodFilter::try_from(method) else { continue };
        let state = state.clone();
        let handler = move |request: Request<Body>| async move {
            leptos_axum::handle_server_fns_with_context(move || provide_context(state.clone()), request).await
        };
        router = router.route(path, on(method, handler));
    }
    router
}

/// For addresses that lead nowhere: a page for people, a problem for programs.
fn not_found(state: &AppState) -> Router {
    let page = page_handler(state);
    let fallback = move |request: Request<Body>| {
        let page = page.clone();
        async move {
            let path = request.uri().path();
            if path.starts_with("/api/") || path.starts_with("/rpc/") || request.method() != http::Method::GET {
                return AppError::not_found("This address").into_response();
            }
            let mut response = page(request).await;
            *response.status_mut() = http::StatusCode::NOT_FOUND;
            response
        }
    };
    authenticated(state, Router::new().fallback(fallback)).with_state(state.clone())
}

/// Refuses what another site makes a browser send here.
fn csrf(
    state: &AppState,
) -> CsrfLayer<impl Fn(tower_http::csrf::ProtectionError) -> Response + Clone + Send + Sync + 'static> {
    let refuse = |_| AppError::forbidden("This request came from another site, so it was refused.").into_response();
    let layer = CsrfLayer::new();
    // A proxy may have rewritten `Host`; the address that people type is still ours.
    let origin = url::Url::parse(&state.settings.accounts.public_url).map(|url| url.origin().ascii_serialization());
    match origin.ok().and_then(|origin| layer.clone().add_trusted_origin(origin).ok()) {
        Some(trusting) => trusting.with_rejection_response(refuse),
        None => layer.with_rejection_response(refuse),
    }
}
