//! The bin.

use crate::{
    dashboards::{
        manage::rpc::{self, PurgeDashboard},
        model::Deleted,
        rpc::RestoreDashboard,
    },
    format,
    ui::{
        ActionForm, Button, ButtonKind, ButtonVariant, ConfirmButton, Done, EmptyState, ErrorPage, FormError, IconName,
        LinkButton, Page, Resource, ServerAction, Skeleton, TableBox, action_error, shell::use_viewer,
    },
};
use leptos::prelude::*;

#[component]
pub fn TrashPage() -> impl IntoView {
    let (restore, purge) = (ServerAction::<RestoreDashboard>::new(), ServerAction::<PurgeDashboard>::new());
    let trash = Resource::new_blocking(move || (restore.version().get(), purge.version().get()), |_| rpc::list_trash());
    view! {
        <Page
            title="Bin"
            lead="Deleted dashboards rest here for 30 days: your own, and the organisation’s for its admins."
            actions=|| view! { <LinkButton href="/dashboards/all">"All dashboards"</LinkButton> }
        >
            <Done texts=&[("purged", "The dashboard was deleted for good.")]/>
            <FormError error=action_error(restore)/>
            <FormError error=action_error(purge)/>
            <Transition fallback=|| {
                view! { <Skeleton rows=4/> }
            }>
                {move || Suspend::new(async move {
                    match trash.await {
                        Ok(trash) if trash.is_empty() => {
                            view! {
                                <EmptyState
                                    title="The bin is empty"
                                    text="A dashboard that is deleted can be taken out of here again for 30 days."
                                >
                                    <LinkButton href="/dashboards">"Back to the dashboards"</LinkButton>
                                </EmptyState>
                            }
                                .into_any()
                        }
                        Ok(trash) => view! { <TrashTable trash restore purge/> }.into_any(),
                        Err(error) => view! { <ErrorPage error/> }.into_any(),
                    }
                })}
            </Transition>
        </Page>
    }
}

#[component]
fn TrashTable(
    trash: Vec<Deleted>,
    restore: ServerAction<RestoreDashboard>,
    purge: ServerAction<PurgeDashboard>,
) -> impl IntoView {
    let zone = use_viewer().with_untracked(|viewer| viewer.organization.time_zone);
    let rows = trash
        .into_iter()
        .map(|Deleted { id, name, owner_id, widgets, deleted_at, gone_at }| {
            let restore_label = format!("Restore “{name}”");
            let gone = format::date(zone.day(gone_at));
            view! {
                <tr>
                    <th scope="row">
                        {name.clone()} <div class="muted">{format::count(widgets, "widget", "widgets")}</div>
                    </th>
                    <td>{if owner_id.is_some() { "Only you" } else { "The organisation" }}</td>
                    <td class="day" data-label="Deleted">{format::date_time(deleted_at, zone)}</td>
                    <td class="day" data-label="Gone on">{gone}</td>
                    <td class="num">
                        <div class="row end">
                            <ActionForm action=restore>
                                <input type="hidden" name="id" value=id.to_string()/>
                                <Button
                                    kind=ButtonKind::Submit
                                    icon=IconName::Undo
                                    attr:aria-label=restore_label
                                >
                                    "Restore"
                                </Button>
                            </ActionForm>
                            <ConfirmButton
                                label="Delete now"
                                text=format!("“{name}”, its history and everybody’s drafts of it are deleted. This cannot be undone.")
                                variant=ButtonVariant::Quiet
                            >
                                <ActionForm action=purge attr:class="row end">
                                    <input type="hidden" name="id" value=id.to_string()/>
                                    <Button kind=ButtonKind::Submit variant=ButtonVariant::Danger icon=IconName::Trash>
                                        "Delete for good"
                                    </Button>
                                </ActionForm>
                            </ConfirmButton>
                        </div>
                    </td>
                </tr>
            }
        })
        .collect_view();
    view! {
        <TableBox label="Deleted dashboards">
            <table class="table middle">
                <thead>
                    <tr>
                        <th scope="col">"Dashboard"</th>
                        <th scope="col">"Whose"</th>
                        <th scope="col">"Deleted"</th>
                        <th scope="col">"Gone on"</th>
                        <th scope="col">
                            <span class="sr-only">"Actions"</span>
                        </th>
                    </tr>
                </thead>
                <tbody>{rows}</tbody>
            </table>
        </TableBox>
    }
}
