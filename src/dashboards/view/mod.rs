//! Pages.

mod cards;
mod header;
mod live;
mod new;

pub use new::NewDashboardPage;

use super::{
    page::{Hydrated, PageData, PageHead, PageQuery, Shown, Tab},
    rpc::{self, RenameDashboard, RestoreDashboard, SetDefaultDashboard},
};
use crate::{
    error::AppError,
    ui::{
        Button, ButtonKind, ButtonVariant, EmptyState, ErrorPage, FormError, IconName, LinkButton, action_error,
        shell::use_viewer,
    },
};
use cards::{Grid, GridSkeleton};
use header::{Header, Tabs};
use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::hooks::{use_params_map, use_query_map};

/// The default dashboard, or an invitation to make one.
#[component]
pub fn DashboardsPage() -> impl IntoView {
    view! { <Board id=Signal::stored(None::<String>)/> }
}

/// One dashboard by its id.
#[component]
pub fn DashboardPage() -> impl IntoView {
    let params = use_params_map();
    let id = Memo::new(move |_| Some(params.read().get("id").unwrap_or_default()));
    view! { <Board id=id/> }
}

/// What the page's forms do; the page asks again after each of them.
#[derive(Clone, Copy)]
struct Actions {
    rename: ServerAction<RenameDashboard>,
    set_default: ServerAction<SetDefaultDashboard>,
}

#[component]
fn Board(#[prop(into)] id: Signal<Option<String>>) -> impl IntoView {
    let search = use_query_map();
    let query = Memo::new(move |_| {
        let search = search.read();
        let dashboard = match id.get() {
            None => None,
            Some(id) => Some(id.parse().map_err(|_| AppError::not_found("The dashboard"))?),
        };
        Ok::<_, AppError>(PageQuery {
            dashboard,
            from: search.get("from"),
            to: search.get("to"),
            until: search.get("until"),
            compare: search.get("compare"),
            deleted: search.get("deleted").and_then(|id| id.parse().ok()),
        })
    });
    let actions = Actions { rename: ServerAction::new(), set_default: ServerAction::new() };
    let again = RwSignal::new(0_u32);
    let page = Resource::new_blocking(
        move || (query.get(), actions.rename.version().get(), actions.set_default.version().get(), again.get()),
        |(query, ..)| async move { rpc::hydrated_page(query?).await },
    );
    let busy = RwSignal::new(false);
    let reload = Callback::new(move |()| again.update(|n| *n += 1));
    view! {
        <div class="board" class:busy=move || busy.get()>
            <Transition
                set_pending=busy
                fallback=|| view! { <GridSkeleton/> }
            >
                {move || Suspend::new(async move {
                    match page.await {
                        Ok(Hydrated(data)) => {
                            let query = query.get_untracked().unwrap_or_default();
                            view! { <Loaded data query actions reload/> }.into_any()
                        }
                        Err(error) => view! { <ErrorPage error/> }.into_any(),
                    }
                })}
            </Transition>
        </div>
    }
}

#[component]
fn Loaded(data: PageData, query: PageQuery, actions: Actions, reload: Callback<()>) -> impl IntoView {
    let PageData { head: PageHead { tabs, shown, deleted }, bodies } = data;
    let can_edit = use_viewer().with_untracked(|viewer| viewer.role.can_edit());
    let undo = deleted.filter(|_| can_edit).map(|deleted| view! { <Undo deleted/> });
    match shown {
        None => view! {
            <Title text="Dashboards"/>
            <Tabs tabs current=None search=String::new() can_edit/>
            {undo}
            <NoDashboards can_edit/>
        }
        .into_any(),
        Some(shown) => {
            let live = live::watch(&shown, &bodies, query, reload);
            let Shown { row, range, comparison, range_error, cards, .. } = shown.clone();
            let search = PageQuery::search(&range, comparison);
            let empty = cards.is_empty();
            view! {
                <Title text=row.name.clone()/>
                <h1 class="sr-only">{row.name.clone()}</h1>
                <Header tabs shown search can_edit actions live/>
                {undo}
                {range_error
                    .map(|message| {
                        view! {
                            <p class="notice warn" role="alert">
                                <span class="mark" aria-hidden="true">"◆"</span>
                                {format!("{message} The last 12 months are shown instead.")}
                            </p>
                        }
                    })}
                {if empty {
                    view! {
                        <EmptyState
                            title="Nothing on this dashboard yet"
                            text="It was made blank. A dashboard made from a template shows figures and charts at once."
                        >
                            <LinkButton href="/dashboards/new" variant=ButtonVariant::Primary>
                                "Start from a template"
                            </LinkButton>
                        </EmptyState>
                    }
                        .into_any()
                } else {
                    view! { <Grid cards live reload/> }.into_any()
                }}
            }
            .into_any()
        }
    }
}

/// After a dashboard was deleted.
#[component]
fn Undo(deleted: Tab) -> impl IntoView {
    let restore = ServerAction::<RestoreDashboard>::new();
    let busy = restore.pending();
    view! {
        <FormError error=action_error(restore)/>
        <div class="notice undo" role="status">
            <span>{format!("“{}” was deleted.", deleted.name)}</span>
            <ActionForm action=restore>
                <input type="hidden" name="id" value=deleted.id.to_string()/>
                <Button kind=ButtonKind::Submit icon=IconName::Undo busy>
                    "Undo"
                </Button>
            </ActionForm>
        </div>
    }
}

#[component]
fn NoDashboards(can_edit: bool) -> impl IntoView {
    if can_edit {
        view! {
            <EmptyState
                title="Make your first dashboard"
                text="Begin with a template that shows your books, stock or cash at a glance. It fills as soon as there are records."
            >
                <LinkButton href="/dashboards/new" variant=ButtonVariant::Primary icon=IconName::Plus>
                    "New dashboard"
                </LinkButton>
                <LinkButton href="/imports/new" icon=IconName::Import>
                    "Import data"
                </LinkButton>
            </EmptyState>
        }
        .into_any()
    } else {
        view! {
            <EmptyState
                title="No dashboards yet"
                text="Nobody in this organisation has made one so far. Ask a member, an admin or the owner for one."
            />
        }
        .into_any()
    }
}
