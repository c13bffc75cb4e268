//! What an import did, what it refused, and the way back.

use super::one::Actions;
use crate::{
    format,
    imports::{Import, ImportStatus, RowError, rpc},
    ui::{
        ActionForm, Button, ButtonKind, ButtonVariant, ConfirmButton, ErrorBox, IconName, LinkButton, Resource,
        Skeleton, TableBox, shell::use_viewer,
    },
};
use leptos::prelude::*;

#[component]
pub(super) fn Outcome(import: Import, actions: Actions) -> impl IntoView {
    let number = |n: i64| format::number(n.into(), 0);
    let (id, counts, status) = (import.id, import.counts, import.status);
    let viewer = use_viewer();
    let zone = viewer.with_untracked(|v| v.organization.time_zone);
    let can_edit = viewer.with_untracked(|v| v.role.can_edit());
    let stored = counts.inserted + counts.updated;
    let is_good = status == ImportStatus::Finished && stored > 0 && counts.bad == 0;
    let (tone, mark) = if is_good { ("notice good", "✓") } else { ("notice warn", "◆") };
    let what = match status {
        ImportStatus::Finished => {
            let refused = if counts.bad > 0 { format!(", {} refused", number(counts.bad)) } else { String::new() };
            format!("{} stored{refused}.", format::count(stored, "row", "rows"))
        }
        ImportStatus::Undone => "This import was undone: its rows were taken back.".to_owned(),
        ImportStatus::Cancelled => {
            format!("Cancelled. {} stored before it stopped.", format::count(stored, "row was", "rows were"))
        }
        _ => import.error.clone().unwrap_or_else(|| "The import did not finish.".to_owned()),
    };
    let took = import.started_at.zip(import.finished_at).map(|(from, to)| {
        let seconds = (to - from).num_seconds().max(1);
        format!("{}, {}", format::date_time(to, zone), format::duration(seconds.into()))
    });
    let rate = import.rows_per_second().map(|rate| format!(" ({} rows a second)", number(rate)));
    let rows_page = format!("{}?import={id}", import.target.page());
    let shows_rows = stored > 0 && status != ImportStatus::Undone;
    let kept = (import.kept_rows > 0).then(|| {
        format!(
            "{} kept, because they were changed since: {}{}",
            format::count(import.kept_rows, "row was", "rows were"),
            import.kept_names.join(", "),
            if import.kept_names.len() as i64 == import.kept_rows { "." } else { " …" },
        )
    });
    let can_undo = can_edit && import.can_undo();
    let can_delete = can_edit && stored == 0;
    let can_reopen = can_edit && import.can_reopen();
    view! {
        <div class=tone role="status">
            <span class="mark" aria-hidden="true">
                {mark}
            </span>
            <div>{what} {kept.map(|text| view! { <div>{text}</div> })}</div>
        </div>
        <section class="card">
            <h2>"Rows"</h2>
            <dl class="props">
                <dt>"Read"</dt>
                <dd>{number(counts.read)}</dd>
                <dt>"Added"</dt>
                <dd>{number(counts.inserted)}</dd>
                <dt>"Updated"</dt>
                <dd>{number(counts.updated)}</dd>
                <dt>"Left as they were"</dt>
                <dd>{number(counts.skipped)}</dd>
                <dt>"Refused"</dt>
                <dd>{number(counts.bad)}</dd>
                <dt>"Ended"</dt>
                <dd>{took} {rate}</dd>
            </dl>
        </section>
        <div class="row">
            {shows_rows
                .then(|| {
                    view! {
                        <LinkButton href=rows_page variant=ButtonVariant::Primary>
                            "Show the rows"
                        </LinkButton>
                    }
                })}
            {can_reopen
                .then(|| {
                    view! {
                        <ActionForm action=actions.reopen>
                            <input type="hidden" name="id" value=id.to_string()/>
                            <Button kind=ButtonKind::Submit variant=ButtonVariant::Primary>
                                "Try again with other choices"
                            </Button>
                        </ActionForm>
                    }
                })}
            {can_edit
                .then(|| {
                    view! {
                        <LinkButton href="/imports/new" icon=IconName::Import>
                            "Import another file"
                        </LinkButton>
                    }
                })}
            {can_undo
                .then(|| {
                    view! {
                        <ConfirmButton
                            label="Undo the import"
                            icon=IconName::Undo
                            text="Added rows are removed and updated rows get their former content back. Rows that somebody has changed since are kept, and named here."
                        >
                            <ActionForm action=actions.undo>
                                <input type="hidden" name="id" value=id.to_string()/>
                                <Button kind=ButtonKind::Submit variant=ButtonVariant::Danger>
                                    "Undo the import"
                                </Button>
                            </ActionForm>
                        </ConfirmButton>
                    }
                })}
            {can_delete
                .then(|| {
                    view! {
                        <ActionForm action=actions.delete>
                            <input type="hidden" name="id" value=id.to_string()/>
                            <Button kind=ButtonKind::Submit icon=IconName::Trash>
                                "Remove from the list"
                            </Button>
                        </ActionForm>
                    }
                })}
        </div>
        {(counts.bad > 0).then(|| view! { <Refused import/> })}
    }
}

#[component]
fn Refused(import: Import) -> impl IntoView {
    let id = import.id;
    let bad = import.counts.bad;
    let errors = Resource::new_blocking(|| (), move |()| rpc::errors(id));
    view! {
        <section class="stack">
            <div class="row between">
                <h2>{format!("{} refused", format::count(bad, "row was", "rows were"))}</h2>
                <LinkButton href=format!("/api/v1/imports/{id}/errors.csv") icon=IconName::Download external=true>
                    "Download as CSV"
                </LinkButton>
            </div>
            <Suspense fallback=|| {
                view! { <Skeleton rows=4/> }
            }>
                {move || Suspend::new(async move {
                    match errors.await {
                        Ok(errors) => view! { <ErrorTable errors/> }.into_any(),
                        Err(error) => view! { <ErrorBox error/> }.into_any(),
                    }
                })}
            </Suspense>
        </section>
    }
}

#[component]
fn ErrorTable(errors: Vec<RowError>) -> impl IntoView {
    let shown = errors.len();
    let rows = errors
        .into_iter()
        .map(|error| {
            view! {
                <tr>
                    <th scope="row" class="num">
                        {format::number(error.line.into(), 0)}
                    </th>
                    <td>{error.column}</td>
                    <td class="mono said">{error.value}</td>
                    <td>{error.reason}</td>
                </tr>
            }
        })
        .collect_view();
    view! {
        <TableBox label="Refused rows">
            <table class="table tight">
                <thead>
                    <tr>
                        <th scope="col" class="num">
                            "Line"
                        </th>
                        <th scope="col">"Column"</th>
                        <th scope="col">"Value"</th>
                        <th scope="col">"Reason"</th>
                    </tr>
                </thead>
                <tbody>{rows}</tbody>
            </table>
        </TableBox>
        {(shown >= 100).then(|| view! { <p class="muted">"The first 100. The download has them all."</p> })}
    }
}
