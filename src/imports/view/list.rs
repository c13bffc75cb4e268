//! The list of imports.

use crate::{
    format,
    imports::{Import, rpc},
    page::Page as ListPage,
    ui::{
        ButtonVariant, Chip, EmptyState, ErrorBox, IconName, LinkButton, Page, Pager, Resource, Skeleton, TableBox,
        shell::use_viewer,
    },
    zone::Zone,
};
use leptos::prelude::*;
use leptos_router::hooks::use_query_map;

/// Every file that was brought in, and what became of it.
#[component]
pub fn ImportsPage() -> impl IntoView {
    let params = use_query_map();
    let cursor = Memo::new(move |_| params.with(|p| p.get("cursor")));
    let imports = Resource::new_blocking(move || cursor.get(), rpc::list);
    let can_edit = use_viewer().with_untracked(|viewer| viewer.role.can_edit());
    let actions = move || {
        can_edit.then(|| {
            view! {
                <LinkButton href="/imports/new" variant=ButtonVariant::Primary icon=IconName::Import>
                    "Import a file"
                </LinkButton>
            }
        })
    };
    view! {
        <Page title="Imports" lead="CSV files that were brought in, and what became of them." actions>
            <Transition fallback=|| {
                view! { <Skeleton rows=6/> }
            }>
                {move || Suspend::new(async move {
                    match imports.await {
                        Ok(page) => {
                            let is_first = cursor.get_untracked().is_none();
                            view! { <ImportTable page is_first can_edit/> }.into_any()
                        }
                        Err(error) => view! { <ErrorBox error/> }.into_any(),
                    }
                })}
            </Transition>
        </Page>
    }
}

#[component]
fn ImportTable(page: ListPage<Import>, is_first: bool, can_edit: bool) -> impl IntoView {
    if page.items.is_empty() {
        let text = "Bring in transactions, payments, budgets, materials or categories from any system that writes CSV.";
        return view! {
            <EmptyState title="Nothing was imported yet" text>
                {can_edit
                    .then(|| {
                        view! {
                            <LinkButton href="/imports/new" variant=ButtonVariant::Primary>
                                "Import a file"
                            </LinkButton>
                        }
                    })}
            </EmptyState>
        }
        .into_any();
    }
    let zone = use_viewer().with_untracked(|viewer| viewer.organization.time_zone);
    let rows = page.items.into_iter().map(|import| view! { <ImportRow import zone/> }).collect_view();
    let next = page.next_cursor.map(|cursor| format!("/imports?cursor={cursor}"));
    let first = (!is_first).then(|| "/imports".to_owned());
    view! {
        <TableBox label="Imports">
            <table class="table records">
                <thead>
                    <tr>
                        <th scope="col">"File"</th>
                        <th scope="col">"Kind"</th>
                        <th scope="col">"State"</th>
                        <th scope="col" class="num">
                            "Added"
                        </th>
                        <th scope="col" class="num">
                            "Updated"
                        </th>
                        <th scope="col" class="num">
                            "Refused"
                        </th>
                        <th scope="col">"Uploaded"</th>
                    </tr>
                </thead>
                <tbody>{rows}</tbody>
            </table>
        </TableBox>
        <Pager next first/>
    }
    .into_any()
}

#[component]
fn ImportRow(import: Import, zone: Zone) -> impl IntoView {
    let number = |n: i64| format::number(n.into(), 0);
    let uploaded = format::date_time(import.created_at, zone);
    let by = import.created_by.clone().map(|name| format!("by {name}"));
    view! {
        <tr>
            <th scope="row">
                <a href=format!("/imports/{}", import.id)>{import.file_name.clone()}</a>
            </th>
            <td>{import.target.label()}</td>
            <td>
                <Chip tone=import.status.tone() text=import.status.label()/>
            </td>
            <td class="num" data-label="Added">{number(import.counts.inserted)}</td>
            <td class="num" data-label="Updated">{number(import.counts.updated)}</td>
            <td class="num" data-label="Refused">{number(import.counts.bad)}</td>
            <td data-label="Uploaded">
                {uploaded} " " <span class="muted">{by}</span>
            </td>
        </tr>
    }
}
