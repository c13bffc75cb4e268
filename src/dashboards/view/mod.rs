//! Pages.

mod cards;
mod header;
mod leave;
mod live;
mod menu;
mod new;
mod turn;
mod zoom;

pub use super::{history::view::HistoryPage, manage::view::*, personal::view::ArrangePage};
pub use cards::{StillBody, StillGrid, card_class, place};
pub use new::NewDashboardPage;
#[cfg(feature = "ssr")]
pub(super) use {
    cards::{unmet_note, width_class},
    header::{ComparisonPicker, RangePicker, To},
    leave::{file_items, file_row},
};

use super::{
    filters::view::{Notices, RangeError},
    page::{Hydrated, Missing, PageData, PageHead, PageQuery, Shown, Tab},
    personal::{rpc::ActOnDashboard, view::OriginalChanged},
    rpc::{self, RenameDashboard, RestoreDashboard, SetDefaultDashboard},
    selection,
    views::view::ViewActions,
};
use crate::{
    error::AppError,
    ui::{
        ActionForm, Button, ButtonKind, ButtonVariant, EmptyState, ErrorPage, FormError, IconName, LinkButton, Page,
        Resource, ServerAction, action_error, shell::use_viewer,
    },
};
use cards::{Grid, GridSkeleton};
use header::Header;
use leave::Kiosk;
use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::{
    NavigateOptions,
    components::Redirect,
    hooks::{use_location, use_params_map, use_query_map},
};
use turn::TurnForm;
use zoom::{Zoom, ZoomWords};

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
    act: ServerAction<ActOnDashboard>,
    rename: ServerAction<RenameDashboard>,
    set_default: ServerAction<SetDefaultDashboard>,
    views: ViewActions,
}

/// What has the focus again when the page is drawn anew, because what had it before is gone.
#[derive(Clone, Copy)]
pub struct Refocus(RwSignal<&'static str>);

impl Refocus {
    pub fn note(this: Option<Self>, id: &'static str) {
        if let Some(Self(signal)) = this {
            signal.set(id);
        }
    }

    fn restore(self) {
        #[cfg(feature = "hydrate")]
        Effect::new(move |_| {
            use leptos::wasm_bindgen::JsCast;
            let id = self.0.get_untracked();
            if !id.is_empty() {
                self.0.set("");
                request_animation_frame(move || {
                    let found =
                        document().get_element_by_id(id).and_then(|e| e.dyn_into::<web_sys::HtmlElement>().ok());
                    // What is not there cannot have the focus.
                    let _ = found.map(|element| element.focus());
                });
            }
        });
    }
}

#[component]
fn Board(#[prop(into)] id: Signal<Option<String>>) -> impl IntoView {
    let search = use_query_map();
    let query = Memo::new(move |_| {
        let dashboard = match id.get() {
            None => None,
            Some(id) => Some(id.parse().map_err(|_| AppError::not_found("The dashboard"))?),
        };
        Ok::<_, AppError>(PageQuery::read(dashboard, search.get()))
    });
    let actions = Actions {
        act: ServerAction::new(),
        rename: ServerAction::new(),
        set_default: ServerAction::new(),
        views: ViewActions::new(),
    };
    let viewed = actions.views.done();
    provide_context(Refocus(RwSignal::new("")));
    let pathname = use_location().pathname;
    let again = RwSignal::new(0_u32);
    let busy = RwSignal::new(false);
    let page = Resource::new_blocking(
        move || {
            let changes = [actions.act.version(), actions.rename.done(), actions.set_default.version()];
            (query.get(), changes.map(|version| version.get()), again.get(), viewed.get())
        },
        move |(query, ..)| async move {
            // Not by the transition's own `set_pending`: its effect outlives the page on the server, and panics there.
            let show = |loading| cfg!(feature = "hydrate").then(|| busy.try_set(loading));
            show(true);
            let page = async { rpc::visit(query?).await.map(Hydrated) }.await;
            show(false);
            page
        },
    );
    let kiosk = leave::use_kiosk();
    let reload = Callback::new(move |()| again.update(|n| *n += 1));
    let zoom = zoom::use_zoom();
    view! {
        <div
            class="board"
            class:busy=move || busy.get()
            class:kiosk=move || kiosk.get()
            class:brush=move || zoom.ready.get()
        >
            <ZoomWords zoom/>
            <TurnForm zoom/>
            <Transition fallback=|| view! { <GridSkeleton/> }>
                {move || Suspend::new(async move {
                    match page.await {
                        Ok(Hydrated(PageData { head: PageHead { goes_to: Some(to), .. }, .. })) => {
                            go_on(format!("{}{}", pathname.get_untracked(), with_rest(to, search.get_untracked())))
                        }
                        Ok(Hydrated(data)) => {
                            let query = query.get_untracked().unwrap_or_default();
                            view! { <Loaded data query actions reload zoom/> }.into_any()
                        }
                        Err(error) => {
                            let gone = query.get_untracked().ok().filter(|_| matches!(error, AppError::NotFound { .. }));
                            match gone.and_then(|query| leave::past(&query, &search.get_untracked())) {
                                Some(path) => go_on(path),
                                None => view! { <ErrorPage error/> }.into_any(),
                            }
                        }
                    }
                })}
            </Transition>
        </div>
    }
}

/// In place of an address that shows nothing itself, so that the way back leads past it.
fn go_on(path: String) -> AnyView {
    let options = NavigateOptions { replace: true, ..NavigateOptions::default() };
    view! {
        <Redirect path options/>
        <GridSkeleton/>
    }
    .into_any()
}

/// The query string that a page goes on to, with what the address says beside: that it is on a wall, for one.
fn with_rest(to: String, parameters: leptos_router::params::ParamsMap) -> String {
    let rest: Vec<(String, String)> = parameters
        .into_iter()
        .map(|(name, value)| (name.to_string(), value))
        .filter(|(name, _)| !matches!(name.as_str(), "view" | "from" | "to" | "until" | "compare" | "choose"))
        .filter(|(name, _)| !name.starts_with("f."))
        .collect();
    format!("{to}{}", selection::search(&rest).replacen('?', "&", 1))
}

#[component]
fn Loaded(data: PageData, query: PageQuery, actions: Actions, reload: Callback<()>, zoom: Zoom) -> impl IntoView {
    let PageData { head: PageHead { tabs, shown, deleted, .. }, bodies } = data;
    let can_edit = use_viewer().with_untracked(|viewer| viewer.role.can_edit());
    let kiosk = leave::use_kiosk();
    let undo = deleted.filter(|_| can_edit).map(|deleted| view! { <Undo deleted/> });
    match shown {
        None => view! {
            <Page title="Dashboards">{undo} <NoDashboards can_edit/></Page>
        }
        .into_any(),
        Some(shown) => {
            // What is shown, also where the address leaves some of it out.
            let dashboard = query.dashboard.or(Some(shown.row.id));
            let query = PageQuery { dashboard, turns: query.turns, ..PageQuery::from(shown.selection()) };
            let live = live::watch(&shown, &bodies, query, reload);
            zoom.drawn();
            if let Some(refocus) = use_context::<Refocus>() {
                refocus.restore();
            }
            let search = shown.selection().search();
            let Shown { row, standing, range_error, cards, provisioned, notices, missing, .. } = shown.clone();
            let empty = cards.is_empty();
            let (title, text) = match (shown.closed, standing.may_edit) {
                (true, _) => (
                    "Nothing on this dashboard is for your role",
                    "It has widgets, but they are shown to other roles. Ask an admin of the organisation to show them to yours.",
                ),
                (false, true) => (
                    "Nothing on this dashboard yet",
                    "It was made blank. Add widgets one by one, or begin another with a template that shows figures at once.",
                ),
                (false, false) => ("Nothing on this dashboard yet", "Nobody has put a widget on it so far."),
            };
            let header = {
                let (name, search) = (row.name.clone(), search.clone());
                move || {
                    if kiosk.get() {
                        view! { <Kiosk id=row.id name=name.clone()/> }.into_any()
                    } else {
                        let (tabs, shown, search) = (tabs.clone(), shown.clone(), search.clone());
                        view! { <Header tabs shown search can_edit actions live/> }.into_any()
                    }
                }
            };
            let edit = format!("/dashboards/{}/edit{search}", row.id);
            view! {
                <Title text=row.name.clone()/>
                <h1 class="sr-only">{row.name.clone()}</h1>
                {header}
                {can_edit
                    .then_some(provisioned)
                    .flatten()
                    .map(|file| {
                        view! {
                            <p class="notice">
                                <span class="mark" aria-hidden="true">"○"</span>
                                {format!("This dashboard comes from the file {file} and is changed there, so it cannot be changed here.")}
                            </p>
                        }
                    })}
                {undo}
                {standing.original_changed.then(|| view! { <OriginalChanged id=row.id act=actions.act/> })}
                <RangeError message=range_error/>
                <Notices notices/>
                {(!missing.is_empty()).then(|| view! { <NothingYet missing/> })}
                {if empty {
                    view! {
                        <EmptyState title text>
                            {standing
                                .may_edit
                                .then(|| {
                                    view! {
                                        <LinkButton href=edit variant=ButtonVariant::Primary icon=IconName::Plus>
                                            "Add widgets"
                                        </LinkButton>
                                        <LinkButton href="/dashboards/new">"Start from a template"</LinkButton>
                                    }
                                })}
                        </EmptyState>
                    }
                        .into_any()
                } else {
                    view! { <Grid cards dashboard=row.id search live reload/> }.into_any()
                }}
            }
            .into_any()
        }
    }
}

/// Over a dashboard that has nothing to show: what to do about it.
#[component]
fn NothingYet(missing: Vec<Missing>) -> impl IntoView {
    let lines = missing
        .into_iter()
        .map(|Missing { source, noun: (one, many), page, lack }| {
            let text = lack.sentence(&many);
            let begin = (lack.may_add && (lack.none_yet || !lack.filtered)).then(|| {
                view! {
                    " You can "
                    <a href=format!("/imports/new?target={source}")>"import some"</a>
                    " or "
                    <a href=format!("{page}/new")>{format!("add a {one}")}</a>
                    "."
                }
            });
            view! { <div>{text} {begin}</div> }
        })
        .collect_view();
    view! {
        <div class="notice" role="status">
            <span class="mark" aria-hidden="true">
                "○"
            </span>
            <div>{lines}</div>
        </div>
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
