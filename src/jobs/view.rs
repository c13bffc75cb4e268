//! The jobs page, for admins.

use super::{
    Job, JobQuery, JobStatus,
    rpc::{CancelJob, RetryJob, list_jobs},
};
use crate::{
    error::AppError,
    format,
    page::Page as ListPage,
    ui::{
        ActionForm, Button, ButtonKind, ButtonVariant, Chip, EmptyState, ErrorBox, ErrorPage, FormError, LinkButton,
        Page, Pager, Progress, Resource, ServerAction, Skeleton, TableBox, Tone, action_error, shell::use_viewer,
    },
    zone::Zone,
};
use leptos::prelude::*;
use leptos_router::{hooks::use_query_map, params::ParamsMap};
use std::time::Duration;

/// How often the list is read again while a job in it goes on.
const REFRESH: Duration = Duration::from_secs(2);

impl JobStatus {
    const fn tone(self) -> Tone {
        match self {
            Self::Pending => Tone::Neutral,
            Self::Processing => Tone::Info,
            Self::Completed => Tone::Good,
            Self::Failed => Tone::Bad,
            Self::Cancelled => Tone::Warn,
        }
    }
}

/// The organisation's background work: where it stands, what went wrong, and what to do about it.
#[component]
pub fn JobsPage() -> impl IntoView {
    if use_viewer().with_untracked(|viewer| viewer.role.can_administer()) {
        view! { <Jobs/> }.into_any()
    } else {
        let error = AppError::forbidden("Only owners and admins of this organisation may see its jobs.");
        view! { <ErrorPage error/> }.into_any()
    }
}

#[component]
fn Jobs() -> impl IntoView {
    let params = use_query_map();
    let query = Memo::new(move |_| params.with(asked));
    let retry = ServerAction::<RetryJob>::new();
    let cancel = ServerAction::<CancelJob>::new();
    let tick = RwSignal::new(0_u32);
    let jobs = Resource::new_blocking(
        move || (query.get(), tick.get(), retry.version().get(), cancel.version().get()),
        |(query, ..)| async move { list_jobs(query?).await },
    );
    Effect::new(move || {
        let goes_on = |page: &ListPage<Job>| page.items.iter().any(|job| job.status.is_open());
        // A server that is away for a moment comes back: keep asking.
        let again = match jobs.get() {
            Some(Ok(page)) => goes_on(&page),
            Some(Err(error)) => error == AppError::Unavailable,
            None => false,
        };
        if again {
            refresh_later(tick);
        }
    });
    view! {
        <Page title="Jobs" lead="What Belvedere does in the background for your organisation.">
            <FormError error=action_error(retry)/>
            <FormError error=action_error(cancel)/>
            <Tabs query/>
            <Transition fallback=|| {
                view! { <Skeleton rows=6/> }
            }>
                {move || Suspend::new(async move {
                    match (jobs.await, query.get_untracked()) {
                        (Ok(page), Ok(query)) => view! { <JobTable page query retry cancel/> }.into_any(),
                        (Err(error), _) | (_, Err(error)) => view! { <ErrorBox error/> }.into_any(),
                    }
                })}
            </Transition>
        </Page>
    }
}

/// Not while nobody looks: then again later.
fn refresh_later(tick: RwSignal<u32>) {
    set_timeout(
        move || {
            if document().hidden() {
                refresh_later(tick);
            } else {
                // The page may have been left meanwhile.
                let _ = tick.try_update(|tick| *tick = tick.wrapping_add(1));
            }
        },
        REFRESH,
    );
}

fn address(status: Option<JobStatus>) -> String {
    status.map_or_else(|| "/jobs".to_owned(), |status| format!("/jobs?status={status}"))
}

/// Which jobs the address asks for.
fn asked(params: &ParamsMap) -> Result<JobQuery, AppError> {
    let status = params.get("status").map(|status| status.parse::<JobStatus>()).transpose();
    let status = status.map_err(|message: String| AppError::field("status", message))?;
    Ok(JobQuery { status, limit: None, cursor: params.get("cursor") })
}

#[component]
fn Tabs(query: Memo<Result<JobQuery, AppError>>) -> impl IntoView {
    let tabs = std::iter::once(None).chain(JobStatus::ALL.map(Some));
    let tabs = tabs
        .map(|own| {
            view! {
                <a
                    class="tab"
                    href=address(own)
                    aria-current=move || {
                        query.with(|query| query.as_ref().is_ok_and(|query| query.status == own)).then_some("page")
                    }
                >
                    {own.map_or("All", JobStatus::label)}
                </a>
            }
        })
        .collect_view();
    view! {
        <nav class="tabs" aria-label="State">
            {tabs}
        </nav>
    }
}

#[component]
fn JobTable(
    page: ListPage<Job>,
    query: JobQuery,
    retry: ServerAction<RetryJob>,
    cancel: ServerAction<CancelJob>,
) -> impl IntoView {
    let base = address(query.status);
    if page.items.is_empty() {
        let text = match query.status {
            None => "Imports and other long work appear here, with their progress and what went wrong.",
            Some(_) => "No job is in this state.",
        };
        return view! {
            <EmptyState title="No jobs" text>
                {if query.status.is_some() {
                    view! { <LinkButton href="/jobs">"Show all jobs"</LinkButton> }
                } else {
                    view! { <LinkButton href="/imports/new">"Import a file"</LinkButton> }
                }}
            </EmptyState>
        }
        .into_any();
    }
    let zone = use_viewer().with_untracked(|viewer| viewer.organization.time_zone);
    let rows = page.items.into_iter().map(|job| view! { <JobRow job zone retry cancel/> }).collect_view();
    let joint = if base.contains('?') { '&' } else { '?' };
    let next = page.next_cursor.map(|cursor| format!("{base}{joint}cursor={cursor}"));
    let first = query.cursor.is_some().then_some(base);
    view! {
        <TableBox label="Jobs">
            <table class="table middle">
                <thead>
                    <tr>
                        <th scope="col">"Job"</th>
                        <th scope="col">"State"</th>
                        <th scope="col">"Progress"</th>
                        <th scope="col" class="num">
                            "Attempts"
                        </th>
                        <th scope="col">"Asked for"</th>
                        <th scope="col">
                            <span class="sr-only">"Actions"</span>
                        </th>
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
fn JobRow(job: Job, zone: Zone, retry: ServerAction<RetryJob>, cancel: ServerAction<CancelJob>) -> impl IntoView {
    let (title, status) = (job.title(), job.status);
    let asked = format::date_time(job.created_at, zone);
    let waits_until = (status == JobStatus::Pending && job.run_at > job.created_at)
        .then(|| format!("Not before {}", format::date_time(job.run_at, zone)));
    let ended = job.finished_at.map(|at| format!("Ended {}", format::date_time(at, zone)));
    let stopping = status == JobStatus::Processing && job.cancel_requested;
    let actions = if job.can_retry {
        let label = format!("Try again: {title}, asked for {asked}");
        view! {
            <ActionForm action=retry>
                <input type="hidden" name="id" value=job.id.to_string()/>
                <Button kind=ButtonKind::Submit attr:aria-label=label>
                    "Try again"
                </Button>
            </ActionForm>
        }
        .into_any()
    } else if status.is_open() && !stopping {
        let label = format!("Cancel: {title}, asked for {asked}");
        view! {
            <ActionForm action=cancel>
                <input type="hidden" name="id" value=job.id.to_string()/>
                <Button kind=ButtonKind::Submit variant=ButtonVariant::Quiet attr:aria-label=label>
                    "Cancel"
                </Button>
            </ActionForm>
        }
        .into_any()
    } else {
        ().into_any()
    };
    view! {
        <tr>
            <th scope="row">
                {match job.import_id {
                    Some(import) => view! { <a href=format!("/imports/{import}")>{title}</a> }.into_any(),
                    None => title.into_any(),
                }}
            </th>
            <td>
                <Chip tone=status.tone() text=if stopping { "Stopping" } else { status.label() }/>
                {waits_until.map(|text| view! { <small class="muted">{text}</small> })}
            </td>
            <td class="wide">
                <JobState job=job.clone()/>
            </td>
            <td class="num figure" data-label="Attempts:">{format!("{} of {}", job.attempts, job.max_attempts)}</td>
            <td class="wide" data-label="Asked for:">
                {asked}
                {job.requested_by.map(|name| view! { <small class="muted">{format!("by {name}")}</small> })}
                {ended.map(|text| view! { <small class="muted">{text}</small> })}
            </td>
            <td class="actions">{actions}</td>
        </tr>
    }
}

/// How far the job is, and what it said or what went wrong.
#[component]
fn JobState(job: Job) -> impl IntoView {
    let count = |n: i64| format::number(n.into(), 0);
    let amount = match job.total {
        Some(total) => format!("{} of {}", count(job.done), count(total)),
        None if job.done > 0 => count(job.done),
        None => String::new(),
    };
    let words: Vec<String> = [amount, job.note].into_iter().filter(|text| !text.is_empty()).collect();
    let label = words.join(" · ");
    let done = if job.status == JobStatus::Processing {
        #[expect(clippy::cast_precision_loss, reason = "the length of a bar")]
        let (value, max) = (job.done as f64, job.total.map(|total| total as f64));
        let label = if label.is_empty() { "Running".to_owned() } else { label };
        view! { <Progress value max=max label/> }.into_any()
    } else {
        view! { <span>{label}</span> }.into_any()
    };
    let error = job.error.map(|error| {
        let brief: String = error.chars().take(60).collect();
        if brief.len() == error.len() {
            view! { <div>{error}</div> }.into_any()
        } else {
            view! {
                <details>
                    <summary>{format!("{brief}…")}</summary>
                    {error}
                </details>
            }
            .into_any()
        }
    });
    view! {
        {done}
        {error}
    }
}
