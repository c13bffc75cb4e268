//! Ways out of a dashboard: files, code, the full screen, and a screen that turns through dashboards by itself.

use crate::{
    dashboards::{
        export::model::{Format, href},
        page::{PageQuery, Tab},
        selection::Selection,
    },
    ids::{DashboardId, WidgetId},
    ui::{Icon, IconName, Menu},
};
use leptos::prelude::*;
use leptos_meta::Meta;
use leptos_router::{
    hooks::{use_query_map, use_url},
    params::ParamsMap,
};

/// Seconds that a dashboard stays on a screen that turns, unless the address says otherwise.
const EVERY: u32 = 30;

/// `search` is the page's query string: files show what the page shows.
#[component]
pub fn ExportMenu(id: DashboardId, tabs: Vec<Tab>, search: String) -> impl IntoView {
    let files = file_items(|format| href(id, None, format, &search));
    let joint = if search.is_empty() { "?" } else { "&" };
    let kiosk = format!("/dashboards/{id}{search}{joint}kiosk");
    let turn = (tabs.len() > 1).then(|| {
        let others: Vec<String> = tabs.iter().map(|tab| tab.id.to_string()).collect();
        format!("{kiosk}&every={EVERY}&turn={}", others.join(","))
    });
    view! {
        <Menu label="Export" icon=IconName::Download>
            <h2>"As a file"</h2>
            {files}
            <hr/>
            <a class="item" href=format!("/dashboards/{id}/code.json") rel="external">
                "As code (JSON)"
            </a>
            <hr/>
            <a class="item" href=kiosk on:click=move |_| enter_full_screen()>
                <Icon name=IconName::Monitor/>
                "Full screen"
            </a>
            {turn
                .map(|href| {
                    view! {
                        <a class="item" href=href on:click=move |_| enter_full_screen()>
                            <Icon name=IconName::Refresh/>
                            "Turn through all dashboards"
                        </a>
                    }
                })}
        </Menu>
    }
}

/// The files of one card.
#[component]
pub fn CardFiles(dashboard: DashboardId, widget: WidgetId, search: String) -> impl IntoView {
    file_row(|format| href(dashboard, Some(widget), format, &search))
}

/// A link to every form of a file, as items of a menu.
pub fn file_items(href: impl Fn(Format) -> String) -> AnyView {
    let item = |format: Format| {
        view! {
            <a class="item" href=href(format) rel="external">
                {format.label()}
            </a>
        }
    };
    Format::ALL.map(item).collect_view().into_any()
}

/// The same on one line.
pub fn file_row(href: impl Fn(Format) -> String) -> AnyView {
    let link = |format: Format| {
        view! {
            <a href=href(format) rel="external" title=format.label()>
                {format.extension().to_uppercase()}
            </a>
        }
    };
    view! { <div class="formats"><span>"Export"</span> {Format::ALL.map(link).collect_view()}</div> }.into_any()
}

/// Whether the address asks for the dashboard alone, without what is around it.
pub fn use_kiosk() -> Memo<bool> {
    let search = use_query_map();
    Memo::new(move |_| search.read().get("kiosk").is_some())
}

/// A screen that turns: through which dashboards, and for how many seconds each stays.
#[derive(Clone, Debug)]
struct Round {
    every: u32,
    ids: Vec<DashboardId>,
}

impl Round {
    fn read(parameters: &ParamsMap) -> Option<Self> {
        let every = parameters.get("every").and_then(|text| text.parse().ok()).unwrap_or(EVERY).clamp(5, 3600);
        let ids = parameters.get("turn")?.split(',').filter_map(|id| id.parse().ok()).collect();
        Some(Self { every, ids })
    }

    /// The one after `id`, unless there is no other.
    fn after(&self, id: DashboardId) -> Option<DashboardId> {
        let at = self.ids.iter().position(|other| *other == id).map_or(0, |at| at + 1);
        self.ids.get(at % self.ids.len().max(1)).copied().filter(|next| *next != id)
    }

    fn without(mut self, id: DashboardId) -> Self {
        self.ids.retain(|other| *other != id);
        self
    }

    /// Not as the person looked at `id` last: a wall shows what it was told to.
    fn address(&self, id: DashboardId, shown: &Selection) -> String {
        let list = self.ids.iter().map(ToString::to_string).collect::<Vec<_>>().join(",");
        format!("/dashboards/{id}{}&kiosk&every={}&turn={list}", shown.link(), self.every)
    }
}

/// Where a screen that turns goes on to when the dashboard of `query` is not there any more: nowhere when none is left.
pub fn past(query: &PageQuery, parameters: &ParamsMap) -> Option<String> {
    let gone = query.dashboard.filter(|_| parameters.get("kiosk").is_some())?;
    let round = Round::read(parameters)?;
    let next = round.after(gone)?;
    Some(round.without(gone).address(next, &query.selection()))
}

/// What a screen on a wall needs: the way back, and the way to the next dashboard.
#[component]
pub fn Kiosk(id: DashboardId, name: String) -> impl IntoView {
    let url = use_url();
    let shown = move || PageQuery::read(None, url.read().search_params().clone()).selection();
    let back = move || format!("/dashboards/{id}{}", shown().search());
    let next = use_query_map().with_untracked(|parameters| {
        let round = Round::read(parameters)?;
        round.after(id).map(|next| (round.every, round.address(next, &shown())))
    });
    #[cfg(feature = "hydrate")]
    leave_on_escape(back);
    view! {
        // The browser itself goes on to the next: that works without JavaScript, and for months.
        {next.map(|(every, next)| view! { <Meta http_equiv="refresh" content=format!("{every}; url={next}")/> })}
        <div class="kiosk-bar">
            <b>{name}</b>
            <a class="btn quiet" href=back on:click=move |_| leave_full_screen()>
                <Icon name=IconName::Close/>
                "Leave"
            </a>
        </div>
    }
}

#[cfg(feature = "hydrate")]
fn enter_full_screen() {
    if let Some(root) = document().document_element() {
        // Where it is not allowed, the page without its surroundings is what there is.
        let _ = root.request_fullscreen();
    }
}

#[cfg(not(feature = "hydrate"))]
fn enter_full_screen() {}

#[cfg(feature = "hydrate")]
fn leave_full_screen() {
    if document().fullscreen_element().is_some() {
        document().exit_fullscreen();
    }
}

#[cfg(not(feature = "hydrate"))]
fn leave_full_screen() {}

/// Esc, which also ends the browser's own full screen.
#[cfg(feature = "hydrate")]
fn leave_on_escape(back: impl Fn() -> String + Clone + 'static) {
    use leptos::ev;
    let navigate = leptos_router::hooks::use_navigate();
    let leave = move || navigate(&back(), Default::default());
    let on_key = leave.clone();
    let key = window_event_listener(ev::keydown, move |event| {
        if event.key() == "Escape" {
            on_key();
        }
    });
    let screen = window_event_listener(ev::Custom::<web_sys::Event>::new("fullscreenchange"), move |_| {
        if document().fullscreen_element().is_none() {
            leave();
        }
    });
    on_cleanup(move || {
        key.remove();
        screen.remove();
    });
}

#[cfg(test)]
mod tests {
    use super::*;
    use uuid::Uuid;

    #[test]
    fn a_screen_that_turns_goes_past_what_is_gone_until_nothing_is_left() {
        let [a, b, c] = [1, 2, 3].map(|n| DashboardId(Uuid::from_u128(n)));
        let address = |gone: DashboardId, turn: &[DashboardId]| {
            let list = turn.iter().map(ToString::to_string).collect::<Vec<_>>().join(",");
            let parameters = [("kiosk", String::new()), ("every", "10".to_owned()), ("turn", list)];
            let parameters = parameters.into_iter().collect::<ParamsMap>();
            past(&PageQuery { dashboard: Some(gone), ..PageQuery::default() }, &parameters)
        };
        let to = |next: DashboardId, rest: &str| {
            Some(format!("/dashboards/{next}?view=standard&kiosk&every=10&turn={rest}"))
        };
        assert_eq!(address(b, &[a, b, c]), to(c, &format!("{a},{c}")));
        assert_eq!(address(c, &[a, c]), to(a, &a.to_string()));
        assert_eq!(address(a, &[a]), None);
        assert_eq!(address(a, &[]), None);
        let turned_off = [("turn", b.to_string())].into_iter().collect::<ParamsMap>();
        assert_eq!(past(&PageQuery { dashboard: Some(a), ..PageQuery::default() }, &turned_off), None);
    }
}
