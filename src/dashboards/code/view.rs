//! The import page.

use super::{
    model::{Outcome, Preview, Problem, Sent},
    rpc,
};
use crate::{
    dashboards::rpc::list_tabs,
    ui::{Button, ButtonKind, EmptyState, ErrorPage, LinkButton, Page, shell::use_viewer},
};
use leptos::prelude::*;

/// A file or its text; what it would change; and the deed. Works without JavaScript.
#[component]
pub fn ImportDashboardPage() -> impl IntoView {
    let can_edit = use_viewer().with_untracked(|viewer| viewer.role.can_edit());
    view! {
        <Page
            title="Import a dashboard"
            lead="A file that was exported from a dashboard, here or elsewhere. You see what it would change first."
        >
            {if can_edit {
                view! { <Import/> }.into_any()
            } else {
                view! {
                    <EmptyState
                        title="Your role is to look"
                        text="Viewers cannot import dashboards. Ask an admin of the organisation for another role."
                    >
                        <LinkButton href="/dashboards">"Back to the dashboards"</LinkButton>
                    </EmptyState>
                }
                    .into_any()
            }}
        </Page>
    }
}

#[component]
fn Import() -> impl IntoView {
    let page = Resource::new_blocking(
        || (),
        |()| async move { Ok::<_, crate::error::AppError>((rpc::sent().await?, list_tabs().await?)) },
    );
    view! {
        <Suspense>
            {move || Suspend::new(async move {
                match page.await {
                    Ok((sent, tabs)) => {
                        let dashboards = tabs.into_iter().map(|tab| (tab.id.to_string(), tab.name)).collect();
                        view! { <ImportForm sent dashboards/> }.into_any()
                    }
                    Err(error) => view! { <ErrorPage error/> }.into_any(),
                }
            })}
        </Suspense>
    }
}

#[component]
fn ImportForm(sent: Sent, dashboards: Vec<(String, String)>) -> impl IntoView {
    let Sent { text, into, preview, error } = sent;
    let ready = preview.as_ref().is_some_and(|preview| preview.problems.is_empty());
    let options =
        [(String::new(), "The one of the same name, or a new one".to_owned()), ("new".into(), "A new one".into())]
            .into_iter()
            .chain(dashboards)
            .map(|(value, label)| {
                let selected = value == into;
                view! {
                    <option value=value selected=selected>
                        {label}
                    </option>
                }
            })
            .collect_view();
    view! {
        {error
            .map(|message| {
                view! {
                    <p class="notice bad" role="alert">
                        <span class="mark" aria-hidden="true">"!"</span>
                        {message}
                    </p>
                }
            })}
        {preview.map(|preview| view! { <Shown preview/> })}
        <form method="post" action="/dashboards/import" enctype="multipart/form-data" class="form medium">
            <div class="field">
                <label for="file">"File"</label>
                <input class="input" id="file" name="file" type="file" accept=".json,application/json"/>
            </div>
            <div class="field">
                <label for="text">"Or its text"</label>
                <textarea class="input code" id="text" name="text" rows="14" spellcheck="false">
                    {text}
                </textarea>
            </div>
            <div class="field">
                <label for="into">"Becomes"</label>
                <select class="input" id="into" name="into">
                    {options}
                </select>
            </div>
            <div class="row">
                {ready
                    .then(|| {
                        view! {
                            <button type="submit" name="go" value="1" class="btn pri">
                                "Import"
                            </button>
                        }
                    })}
                <Button kind=ButtonKind::Submit>"Preview"</Button>
                <LinkButton href="/dashboards">"Cancel"</LinkButton>
            </div>
        </form>
    }
}

#[component]
fn Shown(preview: Preview) -> impl IntoView {
    let Preview { name, outcome, changes, problems, warnings } = preview;
    let wrong = !problems.is_empty();
    let title = match (&outcome, wrong) {
        (_, true) => "This file cannot be imported".to_owned(),
        (Outcome::Create, _) => format!("A new dashboard, “{name}”"),
        (Outcome::Replace { name: old, .. }, _) if changes.is_empty() => format!("Nothing would change on “{old}”"),
        (Outcome::Replace { name: old, .. }, _) => format!("“{old}” would be changed"),
    };
    view! {
        <section class="card" aria-label="Preview">
            <h2>{title}</h2>
            <Problems problems/>
            {(!wrong && !changes.is_empty())
                .then(|| {
                    let items = changes.into_iter().map(|change| view! { <li>{change}</li> }).collect_view();
                    view! { <ul class="bullets">{items}</ul> }
                })}
            {(!warnings.is_empty())
                .then(|| {
                    view! {
                        <p>"It can be imported, but these widgets would show an error:"</p>
                        <Problems problems=warnings/>
                    }
                })}
        </section>
    }
}

#[component]
fn Problems(problems: Vec<Problem>) -> impl IntoView {
    let items = problems
        .into_iter()
        .map(|problem| {
            view! {
                <li>
                    {(!problem.place.is_empty()).then(|| view! { <code>{problem.place}</code> " " })} {problem.message}
                </li>
            }
        })
        .collect_view();
    view! { <ul class="bullets">{items}</ul> }
}
