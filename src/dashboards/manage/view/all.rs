//! Every dashboard that the person sees, their order and favourites; for admins, what was left behind.

use super::owners;
use crate::{
    dashboards::{
        manage::{
            model::Overview,
            rpc::{self, GiveDashboard},
        },
        model::{DashboardRow, LeftBehind, Recipient},
        personal::{
            model::Standing,
            rpc::{Act, ActOnDashboard},
        },
    },
    format,
    ui::{
        ActionForm, Button, ButtonKind, ButtonVariant, Chip, Done, EmptyState, ErrorPage, FormError, Icon, IconName,
        LinkButton, Page, Resource, SelectField, ServerAction, Skeleton, TableBox, Tone, action_error,
        shell::use_viewer,
    },
    zone::Zone,
};
use leptos::prelude::*;

#[component]
pub fn AllDashboardsPage() -> impl IntoView {
    let (act, give) = (ServerAction::<ActOnDashboard>::new(), ServerAction::<GiveDashboard>::new());
    let overview = Resource::new_blocking(move || (act.version().get(), give.version().get()), |_| rpc::overview());
    let can_edit = use_viewer().with_untracked(|viewer| viewer.role.can_edit());
    let actions = move || {
        can_edit.then(|| {
            view! {
                <LinkButton href="/dashboards/trash" icon=IconName::Trash>
                    "Bin"
                </LinkButton>
                <LinkButton href="/dashboards/new" variant=ButtonVariant::Primary icon=IconName::Plus>
                    "New dashboard"
                </LinkButton>
            }
        })
    };
    view! {
        <Page
            title="Dashboards"
            lead="In the order of your tabs: favourites first, then as you put them. Nobody else’s order changes."
            actions
        >
            <Done texts=&[("given", "The dashboard has a new owner.")]/>
            <FormError error=action_error(act)/>
            <FormError error=action_error(give)/>
            <Transition fallback=|| {
                view! { <Skeleton rows=6/> }
            }>
                {move || Suspend::new(async move {
                    match overview.await {
                        Ok(overview) => view! { <Lists overview act give/> }.into_any(),
                        Err(error) => view! { <ErrorPage error/> }.into_any(),
                    }
                })}
            </Transition>
        </Page>
    }
}

#[component]
fn Lists(overview: Overview, act: ServerAction<ActOnDashboard>, give: ServerAction<GiveDashboard>) -> impl IntoView {
    let zone = use_viewer().with_untracked(|viewer| viewer.organization.time_zone);
    let Overview { dashboards, left_behind, recipients } = overview;
    let list = if dashboards.is_empty() {
        view! {
            <EmptyState
                title="No dashboards yet"
                text="Those of the organisation and your own are listed here as soon as there are some."
            />
        }
        .into_any()
    } else {
        let count = dashboards.len();
        // A tab moves within its group only.
        let favourites = dashboards.iter().filter(|(_, standing)| standing.favourite).count();
        let rows = dashboards
            .into_iter()
            .enumerate()
            .map(|(n, (row, standing))| {
                let left = n != 0 && n != favourites;
                let right = n + 1 != count && n + 1 != favourites;
                view! { <DashboardLine row standing act left right zone/> }
            })
            .collect_view();
        view! {
            <TableBox label="Dashboards">
                <table class="table middle">
                    <thead>
                        <tr>
                            <th scope="col">
                                <span class="sr-only">"Favourite"</span>
                            </th>
                            <th scope="col">"Dashboard"</th>
                            <th scope="col">"Whose"</th>
                            <th scope="col">"Changed"</th>
                            <th scope="col">
                                <span class="sr-only">"Order"</span>
                            </th>
                        </tr>
                    </thead>
                    <tbody>{rows}</tbody>
                </table>
            </TableBox>
        }
        .into_any()
    };
    view! {
        {list}
        {(!left_behind.is_empty()).then(|| view! { <LeftBehindTable left_behind recipients give zone/> })}
    }
}

#[component]
fn DashboardLine(
    row: DashboardRow,
    standing: Standing,
    act: ServerAction<ActOnDashboard>,
    left: bool,
    right: bool,
    zone: Zone,
) -> impl IntoView {
    let DashboardRow { id, name, description, is_default, updated_at, .. } = row;
    let Standing { personal, favourite, is_first, arranged, may_edit, public, .. } = standing;
    let (star, star_label) = if favourite {
        (Act::Unfavour, format!("Remove “{name}” from favourites"))
    } else {
        (Act::Favour, format!("Add “{name}” to favourites"))
    };
    let chips = [
        (is_default, Tone::Neutral, "Default"),
        (is_first, Tone::Info, "Seen first"),
        (arranged, Tone::Neutral, "Arranged by you"),
        (public, Tone::Info, "Public"),
    ];
    let chips = chips
        .into_iter()
        .filter(|(shown, ..)| *shown)
        .map(|(_, tone, text)| view! { " " <Chip tone text/> })
        .collect_view();
    view! {
        <tr>
            <td class="slim">
                <ActionForm action=act>
                    <input type="hidden" name="id" value=id.to_string()/>
                    <button
                        type="submit"
                        name="act"
                        value=star.as_str()
                        class="star"
                        class:on=favourite
                        aria-label=star_label.clone()
                        title=star_label
                    >
                        <Icon name=IconName::Star/>
                    </button>
                </ActionForm>
            </td>
            <th scope="row">
                <a href=format!("/dashboards/{id}")>{name.clone()}</a>
                {chips}
                {(!description.is_empty()).then(|| view! { <div class="muted">{description}</div> })}
            </th>
            <td>{if personal { "Only you" } else { "The organisation" }}</td>
            <td class="day" data-label="Changed">{format::date_time(updated_at, zone)}</td>
            <td class="num">
                <ActionForm action=act attr:class="row end nowrap">
                    <input type="hidden" name="id" value=id.to_string()/>
                    <button
                        type="submit"
                        class="btn quiet icon-only"
                        name="act"
                        value=Act::Left.as_str()
                        disabled=!left
                        aria-label=format!("Move “{name}” up")
                    >
                        <span class="turn north">
                            <Icon name=IconName::Chevron/>
                        </span>
                    </button>
                    <button
                        type="submit"
                        class="btn quiet icon-only"
                        name="act"
                        value=Act::Right.as_str()
                        disabled=!right
                        aria-label=format!("Move “{name}” down")
                    >
                        <span class="turn">
                            <Icon name=IconName::Chevron/>
                        </span>
                    </button>
                    <a class="btn quiet" href=format!("/dashboards/{id}/history") aria-label=format!("History of “{name}”")>
                        "History"
                    </a>
                    {may_edit
                        .then(|| {
                            view! {
                                <a
                                    class="btn quiet"
                                    href=format!("/dashboards/{id}/settings")
                                    aria-label=format!("Settings of “{name}”")
                                >
                                    "Settings"
                                </a>
                            }
                        })}
                </ActionForm>
            </td>
        </tr>
    }
}

#[component]
fn LeftBehindTable(
    left_behind: Vec<LeftBehind>,
    recipients: Vec<Recipient>,
    give: ServerAction<GiveDashboard>,
    zone: Zone,
) -> impl IntoView {
    let rows = left_behind
        .into_iter()
        .map(|LeftBehind { id, name, updated_at }| {
            let options = owners(&recipients, true);
            view! {
                <tr>
                    <th scope="row">{name.clone()}</th>
                    <td class="day" data-label="Changed">{format::date_time(updated_at, zone)}</td>
                    <td class="wide">
                        <ActionForm action=give attr:class="row end give">
                            <input type="hidden" name="id" value=id.to_string()/>
                            <SelectField
                                name="owner"
                                id=format!("owner-{id}")
                                label=format!("New owner of “{name}”")
                                options
                                value="organization".to_owned()
                            />
                            <Button kind=ButtonKind::Submit>"Give"</Button>
                        </ActionForm>
                    </td>
                </tr>
            }
        })
        .collect_view();
    view! {
        <section class="stack">
            <h2>"Left behind"</h2>
            <p class="muted">
                "Personal dashboards of people who belong to the organisation no longer. Nobody sees them until they have a new owner."
            </p>
            <TableBox label="Left behind">
                <table class="table middle">
                    <thead>
                        <tr>
                            <th scope="col">"Dashboard"</th>
                            <th scope="col">"Changed"</th>
                            <th scope="col">
                                <span class="sr-only">"New owner"</span>
                            </th>
                        </tr>
                    </thead>
                    <tbody>{rows}</tbody>
                </table>
            </TableBox>
        </section>
    }
}
