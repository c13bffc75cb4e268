//! The organisation's settings.

use super::{Done, Send, general};
use crate::{
    accounts::{
        input,
        rpc::{UpdateOrganization, list_time_zones},
    },
    ui::{
        Chip, Field, FormError, Page, Resource, SelectField, ServerAction, Tone, action_error, field_error,
        shell::use_viewer,
    },
};
use leptos::prelude::*;

#[component]
pub fn OrganizationPage() -> impl IntoView {
    let viewer = use_viewer().get_untracked();
    let organization = viewer.organization;
    // A plain form: the name stands in the frame too, which a whole new page brings up to date. The action is there
    // to read the error that such a form comes back with.
    let error = action_error(ServerAction::<UpdateOrganization>::new());
    let form = viewer.role.can_administer().then(|| {
        let zones = Resource::new_blocking(|| (), |()| list_time_zones());
        let zone = organization.time_zone.name();
        let currencies = input::CURRENCIES.iter().map(|code| ((*code).to_owned(), (*code).to_owned())).collect();
        view! {
            <section class="card narrow">
                <h2>"Settings"</h2>
                <form method="post" action="/rpc/accounts/update_organization" class="form">
                    <FormError error=general(error)/>
                    <Field
                        name="name"
                        label="Name"
                        value=organization.name.clone()
                        required=true
                        max_length=100
                        error=field_error(error, "name")
                    />
                    <div class="pair">
                        <SelectField
                            name="base_currency"
                            label="Base currency"
                            options=currencies
                            value=organization.base_currency.clone()
                            hint="Metrics add up amounts in this currency."
                            error=field_error(error, "base_currency")
                        />
                        <Suspense>
                            {move || Suspend::new(async move {
                                // Without the list, the zone as it is.
                                let names = zones.await.unwrap_or_else(|_| vec![zone.to_owned()]);
                                view! {
                                    <SelectField
                                        name="time_zone"
                                        label="Time zone"
                                        options=names.into_iter().map(|name| (name.clone(), name)).collect()
                                        value=zone.to_owned()
                                        hint="Days and months begin at midnight here."
                                        error=field_error(error, "time_zone")
                                    />
                                }
                            })}
                        </Suspense>
                    </div>
                    <Send>"Save"</Send>
                </form>
            </section>
        }
    });
    view! {
        <Page title="Organisation">
            <Done texts=&[("saved", "The settings were saved.")]/>
            <section class="card narrow">
                <h2>{organization.name}</h2>
                <dl class="facts">
                    <dt>"Plan"</dt>
                    <dd>
                        <Chip tone=Tone::Info text=organization.tier.label()/>
                    </dd>
                    <dt>"Your role"</dt>
                    <dd>{viewer.role.label()} <span class="muted">" · " {viewer.role.description()}</span></dd>
                    <dt>"Base currency"</dt>
                    <dd>{organization.base_currency}</dd>
                    <dt>"Time zone"</dt>
                    <dd>{organization.time_zone.name()}</dd>
                    <dt>"Identifier"</dt>
                    <dd>
                        <code>{organization.id.to_string()}</code>
                    </dd>
                </dl>
            </section>
            {form}
        </Page>
    }
}
