//! Making a dashboard.

use super::cards::Preview;
use crate::{
    dashboards::{rpc::CreateDashboard, templates::Template},
    ui::{
        ActionForm, Button, ButtonKind, ButtonVariant, EmptyState, Field, FormError, LinkButton, Page, ServerAction,
        action_error, field_error, shell::use_viewer,
    },
};
use leptos::prelude::*;
use leptos_router::hooks::use_query_map;

/// A name and a template. Works without JavaScript.
#[component]
pub fn NewDashboardPage() -> impl IntoView {
    let can_edit = use_viewer().with_untracked(|viewer| viewer.role.can_edit());
    view! {
        <Page title="New dashboard" lead="Begin with a template; everything on it can be changed later.">
            {if can_edit {
                view! { <NewDashboardForm/> }.into_any()
            } else {
                view! {
                    <EmptyState
                        title="Your role is to look"
                        text="Viewers cannot make dashboards. Ask an admin of the organisation for another role."
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
fn NewDashboardForm() -> impl IntoView {
    let create = ServerAction::<CreateDashboard>::new();
    let error = action_error(create);
    let administers = use_viewer().with_untracked(|viewer| viewer.role.can_administer());
    let query = use_query_map();
    let chosen = query
        .with_untracked(|query| query.get("template"))
        .map_or(Some(Template::ExecutiveOverview), |code| code.parse().ok());
    let choices = Template::ALL
        .map(Some)
        .into_iter()
        .chain([None])
        .map(|template| {
            let (code, name, description) = match template {
                Some(t) => (t.code(), t.name(), t.description()),
                None => ("blank", "Blank", "Nothing on it yet"),
            };
            view! {
                <label class="choice">
                    <input type="radio" name="template" value=code checked=template == chosen/>
                    <Preview template/>
                    <b>{name}</b>
                    <small>{description}</small>
                </label>
            }
        })
        .collect_view();
    let busy = create.pending();
    view! {
        <ActionForm action=create attr:class="form">
            <FormError error/>
            <div class="narrow">
                <Field
                    name="name"
                    label="Name"
                    optional=true
                    max_length=100
                    autocomplete="off"
                    hint="Left empty, it is called like its template."
                    error=field_error(error, "name")
                />
            </div>
            {administers
                .then(|| {
                    view! {
                        <fieldset class="field">
                            <legend>"Whose"</legend>
                            <label class="check">
                                <input type="radio" name="whose" value="organization" checked/>
                                "The organisation’s: everybody in it sees it"
                            </label>
                            <label class="check">
                                <input type="radio" name="whose" value="personal"/>
                                "My own: only I see it"
                            </label>
                        </fieldset>
                    }
                })}
            <fieldset class="field">
                <legend>"Template"</legend>
                <div class="choices">{choices}</div>
            </fieldset>
            <div class="row">
                <Button kind=ButtonKind::Submit variant=ButtonVariant::Primary busy>
                    "Create the dashboard"
                </Button>
                <LinkButton href="/dashboards">"Cancel"</LinkButton>
                <LinkButton href="/dashboards/import">"Import a file instead"</LinkButton>
            </div>
        </ActionForm>
    }
}
