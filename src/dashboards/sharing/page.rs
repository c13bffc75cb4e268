//! What the holder of a public link sees: a page without scripts. Server only.

use super::{
    door::{self, Door, admit},
    files, model,
    store::{self, Opened},
};
use crate::{
    accounts::auth::Client,
    dashboards::{
        export::model::Format,
        filters::view::{GuestFilters, Notices, RangeError},
        load,
        page::{Body, PageQuery, Shown},
        selection::search as search_of,
        view::{ComparisonPicker, RangePicker, To, file_items, file_row, place, unmet_note, width_class},
    },
    error::AppError,
    format,
    server::{
        AppState,
        extract::{Path, Query},
        security,
    },
    ui::{Button, ButtonKind, ButtonVariant, ErrorBox, Field, Icon, IconName, Menu, theme::Theme},
    widgets::draw::picture::escape,
};
use axum::{
    Form, Router,
    extract::{RawQuery, State},
    response::{Html, IntoResponse, Redirect, Response},
    routing::get,
};
use http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use leptos::prelude::*;
use leptos_meta::HashedStylesheet;
use serde::Deserialize;

pub fn router() -> Router<AppState> {
    Router::new()
        .route("/shared/{token}", get(show).post(unlock))
        .route("/shared/{token}/widgets/{file}", get(files::widget))
}

/// What may stand behind a link's question mark.
#[derive(Debug, Default, Deserialize)]
pub(super) struct Asked {
    /// "light" or "dark"; else the system's wish.
    pub theme: Option<String>,
    /// Of files: "none" leaves out what the numbers are of.
    pub head: Option<String>,
}

async fn show(
    State(state): State<AppState>,
    method: Method,
    Path(token): Path<String>,
    Query(asked): Query<Asked>,
    RawQuery(search): RawQuery,
    client: Client,
    headers: HeaderMap,
) -> Response {
    if let Some((token, format)) = files::with_ending(&token) {
        return files::answer(&state, token, None, format, (search, asked), &client, &headers).await;
    }
    let look = asked.theme.as_deref().map(Theme::parse).unwrap_or_default();
    match visit(&state, &token, question(search), &client, &headers).await {
        Ok(Visit::Locked) => answer(&state, StatusCode::OK, look, "Password needed", &[], || gate(None)),
        Ok(Visit::Open(opened, shown, bodies)) => {
            // Whoever asks for the head alone, as previews of links do, sees nothing.
            if method == Method::GET {
                count(&state, &opened);
            }
            let title = shown.row.name.clone();
            answer(&state, StatusCode::OK, look, &title, &opened.origins, || dashboard(&opened, &token, *shown, bodies))
        }
        Err(error) => refuse(&state, look, error),
    }
}

/// What the address asks to see.
fn question(search: Option<String>) -> PageQuery {
    PageQuery::read(None, url::form_urlencoded::parse(search.unwrap_or_default().as_bytes()))
}

/// The address of a link's page, asked what `search` asks.
pub(super) fn address(token: &str, search: Option<&str>) -> String {
    let page = model::path(token);
    match search {
        Some(search) => format!("{page}?{search}"),
        None => page,
    }
}

enum Visit {
    Locked,
    Open(Box<Opened>, Box<Shown>, Vec<Body>),
}

async fn visit(
    state: &AppState,
    token: &str,
    asked: PageQuery,
    client: &Client,
    headers: &HeaderMap,
) -> Result<Visit, AppError> {
    let opened = match admit(state, token, client, headers).await? {
        Door::Locked => return Ok(Visit::Locked),
        Door::Open(opened) => opened,
    };
    let (shown, bodies) = load::shared(state, &opened.guest, opened.dashboard, &opened.narrowed(asked)).await?;
    Ok(Visit::Open(opened, Box::new(shown), bodies))
}

/// The visitor does not wait for it.
fn count(state: &AppState, opened: &Opened) {
    let (db, viewed) = (state.db.clone(), opened.clone());
    tokio::spawn(async move {
        if let Err(cause) = store::count_view(&db, &viewed).await {
            tracing::warn!(%cause, "a view of a public link was not counted");
        }
    });
}

#[derive(Deserialize)]
struct Password {
    password: String,
}

async fn unlock(
    State(state): State<AppState>,
    Path(token): Path<String>,
    Query(asked): Query<Asked>,
    RawQuery(search): RawQuery,
    client: Client,
    Form(form): Form<Password>,
) -> Response {
    let look = asked.theme.as_deref().map(Theme::parse).unwrap_or_default();
    match door::unlock(&state, &token, &client, form.password).await {
        Ok(Some(cookie)) => {
            let to = Redirect::to(&address(&token, search.as_deref()));
            ([(header::SET_COOKIE, cookie)], to).into_response()
        }
        Ok(None) => {
            let wrong = AppError::field("password", "This is not the link’s password.");
            answer(&state, StatusCode::UNPROCESSABLE_ENTITY, look, "Password needed", &[], || gate(Some(wrong)))
        }
        Err(error) => refuse(&state, look, error),
    }
}

/// A failure that a visitor may know of. What is not there any more looks like what never was.
pub(super) fn refuse(state: &AppState, look: Theme, error: AppError) -> Response {
    let (title, text) = match &error {
        AppError::NotFound { .. } => {
            ("This page was not found", "The link may be mistyped, or whoever shared it has ended it.".to_owned())
        }
        AppError::RateLimited { retry_after } => {
            let wait = format::count((*retry_after).into(), "second", "seconds");
            ("Too many requests", format!("Try again in {wait}."))
        }
        // Outages and faults have their own page.
        _ => return error.into_response(),
    };
    let status = StatusCode::from_u16(error.status()).unwrap_or(StatusCode::NOT_FOUND);
    let body = || {
        view! {
        <div class="gate">
            <main class="error-page">
                <p class="code">{error.status()}</p>
                <h1>{title}</h1>
                <p>{text}</p>
            </main>
        </div>
        }
    };
    let mut response = answer(state, status, look, title, &[], body);
    if let Some(seconds) = error.retry_after() {
        response.headers_mut().insert(header::RETRY_AFTER, seconds.into());
    }
    response
}

fn gate(error: Option<AppError>) -> impl IntoView + use<> {
    let message = error.as_ref().and_then(|error| error.for_field("password")).map(str::to_owned);
    view! {
        <div class="gate">
            <main>
            <form method="post" class="card form">
                <h1>"This dashboard has a password"</h1>
                <p class="muted">"Whoever gave you the link knows it."</p>
                <Field
                    name="password"
                    label="Password"
                    kind="password"
                    required=true
                    autocomplete="current-password"
                    error=Signal::stored(message)
                />
                <Button kind=ButtonKind::Submit variant=ButtonVariant::Primary>
                    "Show the dashboard"
                </Button>
            </form>
            </main>
        </div>
    }
}

fn dashboard(opened: &Opened, token: &str, shown: Shown, bodies: Vec<Body>) -> impl IntoView + use<> {
    let organization = opened.guest.organization();
    // Files show what the page shows; where that cannot be chosen, it needs no saying.
    let search = if opened.unlocked { search_of(&shown.selection().pairs_in_full()) } else { String::new() };
    let file = |widget| {
        let (token, search) = (token.to_owned(), search.clone());
        move |format: Format| model::file_path(&token, widget, format, &search)
    };
    let cards = shown
        .cards
        .iter()
        .zip(bodies)
        .map(|(card, body)| {
            let inside = match card.error.clone() {
                Some(error) => view! { <ErrorBox error/> }.into_any(),
                None => view! { <div class="widget-body" inner_html=without_links(&body.0)></div> }.into_any(),
            };
            let [beside, below] = unmet_note(card.unmet.clone(), card.h);
            view! {
                <article
                    class=format!("card widget {} {}", width_class(card.w), card.kind.as_str())
                    style=place(card.x, card.y, card.w, card.h)
                >
                    <header>
                        <h2>{card.title.clone()}</h2>
                        {beside}
                        // One at a time is open: nothing else would close them.
                        <details class="menu" name="files">
                            <summary class="more" aria-label=format!("Files of {}", card.title)>
                                <Icon name=IconName::More/>
                            </summary>
                            <div class="panel">{file_row(file(Some(card.id)))}</div>
                        </details>
                    </header>
                    {inside}
                    {below}
                </article>
            }
        })
        .collect_view();
    let files = file_items(file(None));
    let pickers = opened.unlocked.then(|| {
        view! {
            <RangePicker shown=shown.clone() to=To::Link/>
            <ComparisonPicker selection=shown.selection() to=To::Link/>
            <GuestFilters selection=shown.selection() choices=opened.choices(&shown.offered)/>
        }
    });
    view! {
        <main class="shared">
            <div class="top">
                <h1>{shown.row.name.clone()}</h1>
                {pickers}
                <Menu label="Export" icon=IconName::Download>
                    {files}
                </Menu>
            </div>
            <p class="sub">
                <span>{organization.name.clone()}</span>
                <span>{shown.period_label.clone()} ", " {organization.time_zone.name()}</span>
                {shown.active.iter().map(|filter| view! { <span>{filter.in_words()}</span> }).collect_view()}
            </p>
            <RangeError message=shown.range_error.clone()/>
            <Notices notices=shown.notices.clone()/>
            <div class="grid12">{cards}</div>
            <footer class="muted">"Shared with Belvedere. Figures are as of the moment this page was opened."</footer>
        </main>
    }
}

/// A body whose links into the application lead nowhere: what they name is not the visitor's to know.
fn without_links(html: &str) -> String {
    let mut out = String::with_capacity(html.len());
    let mut rest = html;
    // Bodies are drawn by us and escaped, so this text is a link's beginning wherever it stands.
    while let Some(at) = rest.find(" href=\"/") {
        out.push_str(&rest[..at]);
        let after = &rest[at + " href=\"".len()..];
        rest = after.find('"').map_or("", |end| &after[end + 1..]);
    }
    out + rest
}

/// A whole document. Signals of the fields in `body` live as long as it is being drawn.
fn answer<V: IntoView + 'static>(
    state: &AppState,
    status: StatusCode,
    look: Theme,
    title: &str,
    origins: &[String],
    body: impl FnOnce() -> V,
) -> Response {
    let options = state.leptos.clone();
    let title = format!("{title} · Belvedere");
    let owner = Owner::new();
    let html = owner.with(|| {
        let body = body();
        view! {
            <!DOCTYPE html>
            <html lang="en" data-theme=look.attribute()>
                <head>
                    <meta charset="utf-8"/>
                    <meta name="viewport" content="width=device-width, initial-scale=1"/>
                    <meta name="robots" content="noindex, nofollow"/>
                    <link rel="icon" href="/favicon.svg" type="image/svg+xml"/>
                    <HashedStylesheet options/>
                    // As text among other children it would end with a marker for hydration.
                    <title inner_html=escape(&title)></title>
                </head>
                <body>{body}</body>
            </html>
        }
        .into_view()
        .to_html()
    });
    guard((status, Html(html)).into_response(), origins)
}

/// What holds for every answer behind a link, which the sites in `origins` may show in a frame.
pub(super) fn guard(mut response: Response, origins: &[String]) -> Response {
    if let Ok(policy) = security::plain_page(origins) {
        response.headers_mut().insert(header::CONTENT_SECURITY_POLICY, policy);
    }
    // Its address is a secret, so nothing on the way keeps it.
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    if !origins.is_empty() {
        response.extensions_mut().insert(security::Embeddable);
    }
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links_into_the_application_are_taken_out_and_others_stay() {
        let html = r#"<td title="x"><a href="/payments/1">One</a></td><a rel="nofollow" href="https://example.com">Two</a><a href="/stock/2">"#;
        let out = without_links(html);
        assert_eq!(out, r#"<td title="x"><a>One</a></td><a rel="nofollow" href="https://example.com">Two</a><a>"#);
    }

    #[test]
    fn text_that_looks_like_a_link_is_escaped_and_stays() {
        let html = "<td>&quot; href=&quot;/x&quot;</td>";
        assert_eq!(without_links(html), html);
    }
}
