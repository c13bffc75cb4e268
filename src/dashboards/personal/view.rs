//! Arranging one of the organisation's dashboards for oneself: every step is a button, so it works by keyboard and without
//! JavaScript.

use super::{
    model::Step,
    rpc::{Act, ActOnDashboard, StepWidget},
};
use crate::{
    dashboards::{
        page::{Card, Hydrated, PageData, PageHead, PageQuery, Shown},
        rpc,
        view::{StillBody, card_class, place},
    },
    error::AppError,
    ids::DashboardId,
    ui::{
        ActionForm, Button, ButtonKind, ButtonVariant, EmptyState, ErrorPage, FormError, IconName, LinkButton, Page,
        Resource, ServerAction, Skeleton, action_error, shell::use_viewer,
    },
};
use leptos::prelude::*;
use leptos_router::hooks::use_params_map;

#[component]
pub fn ArrangePage() -> impl IntoView {
    let params = use_params_map();
    let id = Memo::new(move |_| params.read().get("id").and_then(|id| id.parse::<DashboardId>().ok()));
    let (step, act) = (ServerAction::<StepWidget>::new(), ServerAction::<ActOnDashboard>::new());
    let page = Resource::new_blocking(
        move || (id.get(), step.version().get(), act.version().get()),
        |(id, ..)| async move {
            let id = id.ok_or_else(|| AppError::not_found("The dashboard"))?;
            rpc::hydrated_page(PageQuery { dashboard: Some(id), ..PageQuery::default() }).await
        },
    );
    // The button that was pressed last has the focus again when the page is drawn anew.
    let pressed = RwSignal::new(String::new());
    view! {
        <Transition fallback=|| {
            view! { <Skeleton rows=8/> }
        }>
            {move || Suspend::new(async move {
                match page.await {
                    Ok(Hydrated(PageData { head: PageHead { shown: Some(shown), .. }, bodies })) => {
                        focus_again(pressed);
                        view! { <Arranging shown bodies step act pressed/> }.into_any()
                    }
                    Ok(_) => view! { <ErrorPage error=AppError::not_found("The dashboard")/> }.into_any(),
                    Err(error) => view! { <ErrorPage error/> }.into_any(),
                }
            })}
        </Transition>
    }
}

#[cfg(feature = "hydrate")]
fn focus_again(pressed: RwSignal<String>) {
    use leptos::wasm_bindgen::JsCast;
    let id = pressed.get_untracked();
    if !id.is_empty() {
        request_animation_frame(move || {
            let button = document().get_element_by_id(&id).and_then(|e| e.dyn_into::<web_sys::HtmlElement>().ok());
            // A button that is gone cannot have the focus.
            let _ = button.map(|button| button.focus());
        });
    }
}

#[cfg(not(feature = "hydrate"))]
fn focus_again(_: RwSignal<String>) {}

#[component]
fn Arranging(
    shown: Shown,
    bodies: Vec<crate::dashboards::page::Body>,
    step: ServerAction<StepWidget>,
    act: ServerAction<ActOnDashboard>,
    pressed: RwSignal<String>,
) -> impl IntoView {
    let Shown { row, standing, cards, .. } = shown;
    let id = row.id;
    let back = format!("/dashboards/{id}");
    let refusal = if standing.personal {
        Some((
            "This dashboard is your own",
            "Nobody else sees it, so there is nothing to arrange beside the original: edit it.",
        ))
    } else if use_viewer().with_untracked(|viewer| !viewer.role.can_edit()) {
        Some((
            "Your role is to look",
            "Viewers see the dashboards as they are. Ask an admin of the organisation for another role.",
        ))
    } else {
        None
    };
    if let Some((title, text)) = refusal {
        return view! {
            <Page title=format!("Arrange “{}”", row.name)>
                <EmptyState title text>
                    <LinkButton href=back>"Back to the dashboard"</LinkButton>
                </EmptyState>
            </Page>
        }
        .into_any();
    }
    let bodies = bodies.into_iter().map(Some).chain(std::iter::repeat_with(|| None));
    let cards = cards
        .into_iter()
        .zip(bodies)
        .map(|(card, body)| view! { <ArrangedCard id card body=body.unwrap_or_default() step pressed/> })
        .collect_view();
    let actions = move || {
        view! {
            {standing
                .arranged
                .then(|| {
                    view! {
                        <ActionForm action=act>
                            <input type="hidden" name="id" value=id.to_string()/>
                            <input type="hidden" name="act" value=Act::Reset.as_str()/>
                            <Button kind=ButtonKind::Submit icon=IconName::Undo>
                                "Back to the default"
                            </Button>
                        </ActionForm>
                    }
                })}
            <LinkButton href=back.clone() variant=ButtonVariant::Primary>
                "Done"
            </LinkButton>
        }
    };
    view! {
        <Page
            title=format!("Arrange “{}” for yourself", row.name)
            lead="Only you see it like this, and each step is kept at once. The original stays as it is."
            actions
        >
            <FormError error=action_error(step)/>
            <FormError error=action_error(act)/>
            <div class="grid12 arranging">{cards}</div>
        </Page>
    }
    .into_any()
}

#[component]
fn ArrangedCard(
    id: DashboardId,
    card: Card,
    body: crate::dashboards::page::Body,
    step: ServerAction<StepWidget>,
    pressed: RwSignal<String>,
) -> impl IntoView {
    let Card { id: widget, kind, title, x, y, w, h, error, .. } = card;
    let button = |step: &Step| {
        let button = format!("{widget}-{}", step.as_str());
        let id = button.clone();
        view! {
            <button
                type="submit"
                class="step"
                id=id
                name="step"
                value=step.as_str()
                aria-label=format!("{}: {title}", step.label())
                title=step.label()
                on:click=move |_| pressed.set(button.clone())
            >
                <span aria-hidden="true">{step.sign()}</span>
            </button>
        }
    };
    let (moves, sizes) = Step::ALL.split_at(4);
    let moves = moves.iter().map(button).collect_view();
    let sizes = sizes.iter().map(button).collect_view();
    view! {
        <article class=card_class(kind, w) style=place(x, y, w, h) aria-labelledby=format!("w-{widget}")>
            <header>
                <h2 id=format!("w-{widget}")>{title.clone()}</h2>
            </header>
            <StillBody body error/>
            <ActionForm action=step attr:class="steps">
                <input type="hidden" name="id" value=id.to_string()/>
                <input type="hidden" name="widget" value=widget.to_string()/>
                <span>{moves}</span>
                <span>{sizes}</span>
            </ActionForm>
        </article>
    }
}

/// Told when the organisation's dashboard has changed since the person arranged it.
#[component]
pub fn OriginalChanged(id: DashboardId, act: ServerAction<ActOnDashboard>) -> impl IntoView {
    view! {
        <div class="notice warn undo" role="status">
            <span class="mark" aria-hidden="true">"◆"</span>
            <span>
                "The original has changed since you arranged it for yourself. "
                <a href=format!("/dashboards/{id}/history")>"See what changed"</a>
            </span>
            <ActionForm action=act attr:class="row">
                <input type="hidden" name="id" value=id.to_string()/>
                <Button kind=ButtonKind::Submit attr:name="act" attr:value=Act::Keep.as_str()>
                    "Keep my arrangement"
                </Button>
                <Button kind=ButtonKind::Submit attr:name="act" attr:value=Act::Reset.as_str()>
                    "Back to the default"
                </Button>
            </ActionForm>
        </div>
    }
}
