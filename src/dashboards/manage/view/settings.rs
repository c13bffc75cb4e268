//! What is said about one dashboard, and whose it is.

use super::owners;
use crate::{
    dashboards::{
        manage::{
            model::Settings,
            rpc::{self, GiveDashboard, UpdateDashboard},
        },
        model::{DashboardRow, MAX_DESCRIPTION, MAX_NAME},
    },
    error::AppError,
    ids::DashboardId,
    ui::{
        ActionForm, Button, ButtonKind, ButtonVariant, Done, ErrorPage, Field, FormError, LinkButton, Page, Resource,
        SelectField, ServerAction, Skeleton, TextArea, action_error, field_error, shell::use_viewer,
    },
};
use leptos::prelude::*;
use leptos_router::hooks::use_params_map;

const LONGEST_NAME: u32 = MAX_NAME as u32;
const LONGEST_DESCRIPTION: u32 = MAX_DESCRIPTION as u32;

/// Seconds, and what people call them.
const INTERVALS: [(i32, &str); 6] = [
    (60, "Every minute"),
    (300, "Every 5 minutes"),
    (900, "Every 15 minutes"),
    (3600, "Every hour"),
    (21_600, "Every 6 hours"),
    (86_400, "Once a day"),
];

#[component]
pub fn DashboardSettingsPage() -> impl IntoView {
    let params = use_params_map();
    let id = Memo::new(move |_| params.read().get("id").and_then(|id| id.parse::<DashboardId>().ok()));
    let update = ServerAction::<UpdateDashboard>::new();
    let settings = Resource::new_blocking(
        move || (id.get(), update.done().get()),
        |(id, _)| async move { rpc::settings(id.ok_or_else(|| AppError::not_found("The dashboard"))?).await },
    );
    view! {
        <Transition fallback=|| {
            view! { <Skeleton rows=6/> }
        }>
            {move || Suspend::new(async move {
                match settings.await {
                    Ok(settings) => view! { <Forms settings update/> }.into_any(),
                    Err(error) => view! { <ErrorPage error/> }.into_any(),
                }
            })}
        </Transition>
    }
}

#[component]
fn Forms(settings: Settings, update: ServerAction<UpdateDashboard>) -> impl IntoView {
    let Settings { row, standing, recipients } = settings;
    let back = format!("/dashboards/{}", row.id);
    let id = row.id;
    let personal = standing.personal;
    view! {
        <Page
            title=format!("Settings of “{}”", row.name)
            lead=if personal {
                "Your own dashboard: only you see it."
            } else {
                "A dashboard of the organisation: everybody in it sees it."
            }
            actions=move || {
                view! { <LinkButton href=back.clone()>"Back to the dashboard"</LinkButton> }
            }
        >
            <Done texts=&[("saved", "The settings were saved.")]/>
            <div class="columns settings">
                <About row update/>
                <Whose id personal recipients/>
            </div>
        </Page>
    }
}

#[component]
fn About(row: DashboardRow, update: ServerAction<UpdateDashboard>) -> impl IntoView {
    let error = action_error(update);
    let mut intervals: Vec<(String, String)> =
        INTERVALS.iter().map(|(seconds, label)| (seconds.to_string(), (*label).to_owned())).collect();
    let own = row.refresh_interval.to_string();
    if !intervals.iter().any(|(seconds, _)| *seconds == own) {
        intervals.push((own.clone(), format!("Every {own} seconds")));
    }
    view! {
        <section class="card">
            <h2>"About it"</h2>
            <ActionForm action=update attr:class="form">
                <FormError error/>
                <input type="hidden" name="id" value=row.id.to_string()/>
                <Field
                    name="name"
                    label="Name"
                    value=row.name
                    required=true
                    max_length=LONGEST_NAME
                    error=field_error(error, "name")
                />
                <TextArea
                    name="description"
                    label="Description"
                    value=row.description
                    optional=true
                    max_length=LONGEST_DESCRIPTION
                    error=field_error(error, "description")
                />
                <SelectField
                    name="refresh_interval"
                    label="While it is open, look for new data"
                    options=intervals
                    value=own
                    error=field_error(error, "refresh_interval")
                />
                <div class="row">
                    <Button kind=ButtonKind::Submit variant=ButtonVariant::Primary busy=update.pending()>
                        "Save"
                    </Button>
                </div>
            </ActionForm>
        </section>
    }
}

#[component]
fn Whose(id: DashboardId, personal: bool, recipients: Vec<crate::dashboards::model::Recipient>) -> impl IntoView {
    let give = ServerAction::<GiveDashboard>::new();
    let error = action_error(give);
    let (own, administers) = use_viewer().with_untracked(|viewer| (viewer.user_id, viewer.role.can_administer()));
    let others: Vec<_> = recipients.into_iter().filter(|person| !personal || person.user_id != own).collect();
    let options = owners(&others, false);
    let explanation = if personal {
        "Give it to somebody, and only they will see it from then on."
    } else {
        "Give it to one person, and nobody else will see it from then on."
    };
    let nobody = options.is_empty();
    view! {
        <section class="card">
            <h2>"Whose it is"</h2>
            <FormError error/>
            <div class="stack">
                {(personal && administers)
                    .then(|| {
                        view! {
                            <ActionForm action=give attr:class="form">
                                <input type="hidden" name="id" value=id.to_string()/>
                                <input type="hidden" name="owner" value="organization"/>
                                <p class="muted">
                                    "Make it the organisation’s, and everybody in it sees it; owners and admins change it."
                                </p>
                                <div class="row">
                                    <Button kind=ButtonKind::Submit>"Make it the organisation’s"</Button>
                                </div>
                            </ActionForm>
                            <hr/>
                        }
                    })}
                {(personal && !administers)
                    .then(|| {
                        view! {
                            <p class="muted">
                                "Only you see it. An admin can make a dashboard the organisation’s: give it to one of them."
                            </p>
                        }
                    })}
                {if nobody {
                    view! { <p class="muted">"There is nobody else in the organisation who makes dashboards."</p> }
                        .into_any()
                } else {
                    view! {
                        <p class="muted">{explanation}</p>
                        <ActionForm action=give attr:class="form">
                            <input type="hidden" name="id" value=id.to_string()/>
                            <SelectField
                                name="owner"
                                label="New owner"
                                options
                                error=field_error(error, "owner_id")
                            />
                            <div class="row">
                                <Button kind=ButtonKind::Submit>"Give it away"</Button>
                            </div>
                        </ActionForm>
                    }
                        .into_any()
                }}
            </div>
        </section>
    }
}
