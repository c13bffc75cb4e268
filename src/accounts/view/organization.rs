//! The organisation's settings.

use super::{Done, Send, currencies, general, kept_input, typed_or};
use crate::{
    accounts::{
        KeptInput, OrganizationSummary,
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
    let form = viewer.role.can_administer().then(|| {
        let zones = Resource::new_blocking(|| (), |()| list_time_zones());
        let kept = kept_input();
        let stored = StoredValue::new(organization.clone());
        view! {
            <Suspense>
                {move || Suspend::new(async move {
                    let (stored, kept) = (stored.get_value(), kept.await);
                    // Without the list, the zone as it is.
                    let zones = zones.await.unwrap_or_else(|_| vec![stored.time_zone.name().to_owned()]);
                    view! { <SettingsForm stored zones kept/> }
                })}
            </Suspense>
        }
    });
    view! {
        <Page title="Organisation">
            <Done texts=&[("saved", "The settings were saved.")]/>
            <section class="card narrow">
                <h2>{organization.name}</h2>
                <dl class="props">
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

/// A plain form: the name stands in the frame too, which a whole new page brings up to date. The action reads the
/// error that such a form comes back with.
#[component]
fn SettingsForm(stored: OrganizationSummary, zones: Vec<String>, kept: KeptInput) -> impl IntoView {
    let error = action_error(ServerAction::<UpdateOrganization>::new());
    let zones = zones.into_iter().map(|name| (name.clone(), name)).collect::<Vec<_>>();
    view! {
        <section class="card narrow">
            <h2>"Settings"</h2>
            <form method="post" action="/rpc/accounts/update_organization" class="form">
                <FormError error=general(error)/>
                <Field
                    name="name"
                    label="Name"
                    value=typed_or(kept.organization, stored.name)
                    required=true
                    max_length=100
                    error=field_error(error, "name")
                />
                <div class="pair">
                    <SelectField
                        name="base_currency"
                        label="Base currency"
                        options=currencies()
                        value=typed_or(kept.base_currency, stored.base_currency)
                        hint="Metrics add up amounts in this currency."
                        error=field_error(error, "base_currency")
                    />
                    <SelectField
                        name="time_zone"
                        label="Time zone"
                        options=zones
                        value=typed_or(kept.time_zone, stored.time_zone.name().to_owned())
                        hint="Days and months begin at midnight here."
                        error=field_error(error, "time_zone")
                    />
                </div>
                <Send>"Save"</Send>
            </form>
        </section>
    }
}
