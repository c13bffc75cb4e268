//! The history of one dashboard: the list, and how it looked.

use super::{
    model::{History, VersionRow},
    rpc::{self, RestoreVersion},
};
use crate::{
    dashboards::{
        page::{Body, Hydrated, PageData, PageHead, Shown},
        view::StillGrid,
    },
    error::AppError,
    format,
    ids::DashboardId,
    ui::{
        ActionForm, Button, ButtonKind, ButtonVariant, Chip, ConfirmButton, EmptyState, ErrorBox, ErrorPage, FormError,
        IconName, LinkButton, Page, Resource, ServerAction, Skeleton, Tone, action_error, shell::use_viewer,
    },
    zone::Zone,
};
use leptos::prelude::*;
use leptos_router::hooks::{use_params_map, use_query_map};

/// So many changes of a version are told in the list; the rest is counted.
const TOLD: usize = 3;

/// What of the address decides the page.
#[derive(Clone, Copy, PartialEq)]
struct Asked {
    id: Option<DashboardId>,
    version: Option<i64>,
    before: Option<i64>,
}

#[component]
pub fn HistoryPage() -> impl IntoView {
    let (params, query) = (use_params_map(), use_query_map());
    let asked = Memo::new(move |_| {
        let number = |name| query.read().get(name).and_then(|text| text.parse().ok());
        Asked {
            id: params.read().get("id").and_then(|id| id.parse().ok()),
            version: number("version"),
            before: number("before"),
        }
    });
    let restore = ServerAction::<RestoreVersion>::new();
    let page = Resource::new_blocking(
        move || (asked.get(), restore.version().get()),
        |(Asked { id, version, before }, _)| async move {
            let id = id.ok_or_else(|| AppError::not_found("The dashboard"))?;
            let history = rpc::history(id, before).await?;
            // A version that cannot be shown is no reason not to show the others.
            let shown = rpc::hydrated_preview(id, version).await;
            Ok::<_, AppError>((history, shown))
        },
    );
    view! {
        <Transition fallback=|| {
            view! { <Skeleton rows=8/> }
        }>
            {move || Suspend::new(async move {
                match page.await {
                    Ok((history, shown)) => {
                        view! { <Versions history shown asked=asked.get_untracked() restore/> }.into_any()
                    }
                    Err(error) => view! { <ErrorPage error/> }.into_any(),
                }
            })}
        </Transition>
    }
}

#[component]
fn Versions(
    history: History,
    shown: Result<Hydrated, AppError>,
    asked: Asked,
    restore: ServerAction<RestoreVersion>,
) -> impl IntoView {
    let History { row, may_edit, versions, before } = history;
    let (id, present) = (row.id, row.version);
    let chosen = asked.version.unwrap_or(present);
    let zone = use_viewer().with_untracked(|viewer| viewer.organization.time_zone);
    let base = format!("/dashboards/{id}");
    let list =
        versions.into_iter().map(|version| view! { <VersionItem version id present chosen zone/> }).collect_view();
    let older = before.map(|before| format!("{base}/history?before={before}"));
    let newest = asked.before.is_some().then(|| format!("{base}/history"));
    let back = base.clone();
    #[cfg(feature = "hydrate")]
    if restore.done().get_untracked() > 0 {
        Effect::new(|_| focus_present());
    }
    view! {
        <Page
            title=format!("History of “{}”", row.name)
            lead="Who changed what, and how it looked. The last 200 versions are kept."
            actions=move || {
                view! { <LinkButton href=back.clone()>"Back to the dashboard"</LinkButton> }
            }
        >
            <FormError error=action_error(restore)/>
            <div class="history" class:chosen=asked.version.is_some()>
                <nav aria-label="Versions">
                    <ol class="versions">{list}</ol>
                    <div class="row">
                        {newest.map(|href| view! { <LinkButton href>"Newest"</LinkButton> })}
                        {older.map(|href| view! { <LinkButton href>"Older"</LinkButton> })}
                    </div>
                </nav>
                <section aria-label="Preview">
                    {(may_edit && chosen != present && shown.is_ok())
                        .then(|| view! { <Restore id version=chosen restore/> })}
                    <Preview shown/>
                </section>
            </div>
        </Page>
    }
}

/// The button that restores goes when it has: the keyboard comes to what it made.
#[cfg(feature = "hydrate")]
fn focus_present() {
    use leptos::{wasm_bindgen::JsCast, web_sys::HtmlElement};
    request_animation_frame(|| {
        let is_lost = document().active_element().is_none_or(|active| active.tag_name() == "BODY");
        let present = document().query_selector(".versions [aria-current]").ok().flatten().filter(|_| is_lost);
        if let Some(present) = present.and_then(|link| link.dyn_into::<HtmlElement>().ok()) {
            let _ = present.focus();
        }
    });
}

#[component]
fn VersionItem(version: VersionRow, id: DashboardId, present: i64, chosen: i64, zone: Zone) -> impl IntoView {
    let VersionRow { version, changes, by, at } = version;
    let more = changes.len().saturating_sub(TOLD);
    let words = if changes.is_empty() { vec!["As it was when its history began".to_owned()] } else { changes };
    let words = words.into_iter().take(TOLD).map(|words| view! { <span>{words}</span> }).collect_view();
    view! {
        <li>
            <a
                href=format!("/dashboards/{id}/history?version={version}")
                aria-current=(version == chosen).then_some("true")
            >
                <b>{format::date_time(at, zone)}</b>
                {(version == present).then(|| view! { <Chip tone=Tone::Good text="Present"/> })}
                {words}
                {(more > 0).then(|| view! { <span>{format!("and {more} more")}</span> })}
                <small class="muted">{by}</small>
            </a>
        </li>
    }
}

#[component]
fn Restore(id: DashboardId, version: i64, restore: ServerAction<RestoreVersion>) -> impl IntoView {
    let busy = restore.pending();
    view! {
        <div class="notice undo">
            <span>"This is an earlier version, with the data of today."</span>
            <ConfirmButton
                label="Restore this version"
                text="The dashboard will look like this for everybody who sees it. How it looks now stays in the history."
                icon=IconName::Undo
            >
                <ActionForm action=restore attr:class="row end">
                    <input type="hidden" name="id" value=id.to_string()/>
                    <input type="hidden" name="version" value=version.to_string()/>
                    <Button kind=ButtonKind::Submit variant=ButtonVariant::Primary busy>
                        "Restore"
                    </Button>
                </ActionForm>
            </ConfirmButton>
        </div>
    }
}

#[component]
fn Preview(shown: Result<Hydrated, AppError>) -> impl IntoView {
    let (shown, bodies): (Shown, Vec<Body>) = match shown {
        Ok(Hydrated(PageData { head: PageHead { shown: Some(shown), .. }, bodies })) => (shown, bodies),
        Ok(_) => return view! { <ErrorBox error=AppError::not_found("This version")/> }.into_any(),
        Err(error) => return view! { <ErrorBox error/> }.into_any(),
    };
    let Shown { row, cards, .. } = shown;
    view! {
        <h2>{row.name}</h2>
        {(!row.description.is_empty()).then(|| view! { <p class="muted">{row.description}</p> })}
        {if cards.is_empty() {
            view! { <EmptyState title="Nothing was on it" text="In this version the dashboard had no widgets."/> }
                .into_any()
        } else {
            view! { <StillGrid cards bodies/> }.into_any()
        }}
    }
    .into_any()
}
