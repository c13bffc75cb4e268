//! What the editing page looks like.

mod canvas;
mod conflict;
mod kinds;
mod leaving;
mod notices;
mod panel;
mod sketches;
mod top;

use super::bench::Bench;
use crate::{
    dashboards::{
        editing::{model::Editing, rpc},
        grid::Handle,
        page::{Hydrated, PageQuery},
        rpc::hydrated_page,
    },
    error::AppError,
    ids::DraftId,
    ui::{EmptyState, ErrorPage, Keys, LinkButton, PageKeys, shell::use_viewer},
};
use canvas::Canvas;
#[cfg(feature = "hydrate")]
pub use canvas::place;
use conflict::ConflictDialog;
use leaving::LeavingDialog;
use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::hooks::{use_params_map, use_query_map};
use notices::Notices;
use panel::Panel;
use top::Top;

/// The handles of a widget, and how the page names them.
pub const HANDLES: [(Handle, &str); 8] = [
    (Handle::North, "n"),
    (Handle::NorthEast, "ne"),
    (Handle::East, "e"),
    (Handle::SouthEast, "se"),
    (Handle::South, "s"),
    (Handle::SouthWest, "sw"),
    (Handle::West, "w"),
    (Handle::NorthWest, "nw"),
];

/// What `?` lists on this page.
const KEYS: PageKeys = (
    "While arranging a dashboard",
    &[
        (&["Tab"], "Go to the next widget"),
        (&["← ↑ → ↓"], "Move the widget"),
        (&["Shift ← ↑ → ↓"], "Make it smaller or larger"),
        (&["Enter"], "Open its settings"),
        (&["Delete"], "Remove it"),
        (&["P"], "Pin it to its place, or let it go"),
        (&["Ctrl D", "⌘ D"], "Duplicate it"),
        (&["Ctrl C", "⌘ C"], "Copy it, also for another dashboard"),
        (&["Ctrl V", "⌘ V"], "Paste"),
        (&["A"], "Choose a widget to add"),
        (&["Ctrl Z", "⌘ Z"], "Undo"),
        (&["Ctrl Shift Z", "⌘ Shift Z"], "Redo"),
        (&["Ctrl S", "⌘ S"], "Save"),
        (&["Esc"], "Cancel a drag, close the settings"),
    ],
);

/// A dashboard to be arranged.
#[component]
pub fn EditDashboardPage() -> impl IntoView {
    let can_edit = use_viewer().with_untracked(|viewer| viewer.role.can_edit());
    if can_edit {
        view! { <Loading/> }.into_any()
    } else {
        view! {
            <Title text="Edit"/>
            <h1 class="sr-only">"Edit a dashboard"</h1>
            <EmptyState
                title="Your role is to look"
                text="Viewers cannot change dashboards. Ask an admin of the organisation for another role."
            >
                <LinkButton href="/dashboards">"Back to the dashboards"</LinkButton>
            </EmptyState>
        }
        .into_any()
    }
}

/// The parameter of the address that names a window's draft.
pub const IN_ADDRESS: &str = "draft";

#[component]
fn Loading() -> impl IntoView {
    let params = use_params_map();
    let search = use_query_map();
    let query = Memo::new(move |_| {
        let id = params.read().get("id").unwrap_or_default();
        let id = id.parse().map_err(|_| AppError::not_found("The dashboard"))?;
        Ok::<_, AppError>(PageQuery::read(Some(id), search.get()))
    });
    // Not followed: the browser names the draft there while the page is open.
    let draft = move || search.read_untracked().get(IN_ADDRESS).and_then(|id| id.parse::<DraftId>().ok());
    let page = Resource::new_blocking(
        move || (query.get(), draft()),
        |(query, draft)| async move {
            let query = query?;
            let id = query.dashboard.ok_or_else(|| AppError::not_found("The dashboard"))?;
            let editing = rpc::open_editing(id, draft).await?;
            Ok::<_, AppError>((editing, hydrated_page(query).await?))
        },
    );
    view! {
        <Suspense fallback=|| {
            view! {
                <p class="sub" role="status">
                    "Loading"
                </p>
            }
        }>
            {move || Suspend::new(async move {
                match page.await {
                    Ok((editing, page)) => {
                        let query = query.get_untracked().unwrap_or_default();
                        view! { <Workshop editing page query/> }.into_any()
                    }
                    Err(error @ AppError::Forbidden { .. }) => {
                        let id = params.read_untracked().get("id").unwrap_or_default();
                        view! {
                            <ErrorPage error>
                                <LinkButton href=format!("/dashboards/{id}")>"Back to the dashboard"</LinkButton>
                                <LinkButton href=format!("/dashboards/{id}/arrange")>"Arrange it for yourself"</LinkButton>
                            </ErrorPage>
                        }
                            .into_any()
                    }
                    Err(error) => view! { <ErrorPage error/> }.into_any(),
                }
            })}
        </Suspense>
    }
}

#[component]
fn Workshop(editing: Editing, page: Hydrated, query: PageQuery) -> impl IntoView {
    let name = editing.row.name.clone();
    let search = page.0.head.shown.as_ref().map(|shown| shown.selection().search());
    let back = format!("/dashboards/{}{}", editing.row.id, search.unwrap_or_default());
    let bench = Bench::new(editing, page.0, query);
    #[cfg(feature = "hydrate")]
    Effect::new(move |_| super::browser::start(bench));
    if let Some(keys) = use_context::<Keys>() {
        Effect::new(move |_| {
            keys.page.set(Some(KEYS));
        });
        on_cleanup(move || {
            keys.page.try_set(None);
        });
    }
    view! {
        <Title text=format!("Edit {name}")/>
        <h1 class="sr-only">{format!("Edit {name}")}</h1>
        <div
            class="editor"
            class:with-panel=move || bench.panel.with(Option::is_some)
            // So many at once are not seen sliding, only slow.
            class:many=move || bench.order.with(|order| order.len() > 80)
            data-awake=move || bench.awake.get().then_some("")
        >
            <Top bench back=back.clone()/>
            <Notices bench back=back.clone()/>
            <Canvas bench/>
            <Panel bench/>
            <div id="ghost" class="card ghost" aria-hidden="true" hidden=move || bench.ghost.with(Option::is_none)>
                {move || {
                    bench
                        .ghost
                        .get()
                        .map(|kind| {
                            view! {
                                <b>{kind.label()}</b>
                                <span class="sketch" inner_html=sketches::sketch(kind)></span>
                            }
                        })
                }}
            </div>
        </div>
        <p class="sr-only" role="status" aria-live="polite" id="said">
            {move || bench.said.get()}
        </p>
        <ConflictDialog bench/>
        <LeavingDialog bench/>
    }
}

/// Whether a dialog is open that is about something: closing it drops that.
fn dialog_about<T: Send + Sync + 'static>(about: RwSignal<Option<T>>) -> RwSignal<bool> {
    let open = RwSignal::new(false);
    Effect::new(move |_| {
        let is_about = about.with(Option::is_some);
        if open.get_untracked() != is_about {
            open.set(is_about);
        }
    });
    Effect::new(move |was: Option<bool>| {
        let is = open.get();
        if was == Some(true) && !is && about.with_untracked(Option::is_some) {
            about.set(None);
        }
        is
    });
    open
}
