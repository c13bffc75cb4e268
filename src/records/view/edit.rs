//! Parts of a record's page.

use crate::error::AppError;
use crate::{
    records::listing::from_pairs,
    ui::{Button, ButtonKind, ButtonVariant, FormError, IconName, LinkButton},
};
use leptos::prelude::*;
use leptos_router::{hooks::use_query_map, params::ParamsMap};
use serde::{Serialize, de::DeserializeOwned};

/// A form's values and the version that they were made on.
#[derive(Clone, Debug, PartialEq)]
pub struct Typed<F> {
    pub form: F,
    pub version: String,
    /// The list's query to return to.
    pub back: String,
}

/// What the form shows: the record, or what was typed before a refusal without JavaScript, which comes back in
/// the address.
pub fn typed_fields<F: Serialize + DeserializeOwned + Default>(
    form: F,
    version: Option<chrono::DateTime<chrono::Utc>>,
) -> Typed<F> {
    let address = use_query_map().get_untracked();
    let back = address.get("back").unwrap_or_default();
    if refused(&address) {
        return Typed {
            form: from_pairs(|name| address.get(name)),
            version: address.get("updated_at").unwrap_or_default(),
            back,
        };
    }
    let version = version.map(|v| v.to_rfc3339_opts(chrono::SecondsFormat::Micros, true)).unwrap_or_default();
    Typed { form, version, back }
}

/// Whether the address tells of a form that was refused.
fn refused(address: &ParamsMap) -> bool {
    address.get("__err").is_some()
}

/// The hidden fields of a record's form, its buttons, and why it was refused.
#[component]
pub fn EditFields(
    id: String,
    path: &'static str,
    version: String,
    back: String,
    #[prop(into)] error: Signal<Option<AppError>>,
    #[prop(into)] busy: Signal<bool>,
    children: Children,
) -> impl IntoView {
    let cancel = if back.is_empty() { path.to_owned() } else { format!("{path}?{back}") };
    let current = format!("{path}/{id}");
    view! {
        <FormError error/>
        {move || {
            error
                .with(|e| matches!(e, Some(AppError::Conflict { .. })))
                .then(|| {
                    view! {
                        <div class="row">
                            <LinkButton href=current.clone() external=true>
                                "Load the current version"
                            </LinkButton>
                        </div>
                    }
                })
        }}
        <input type="hidden" name="id" value=id.clone()/>
        <input type="hidden" name="updated_at" value=version/>
        <input type="hidden" name="back" value=back/>
        {children()}
        <div class="row">
            <Button kind=ButtonKind::Submit variant=ButtonVariant::Primary busy>
                "Save"
            </Button>
            <LinkButton href=cancel>"Cancel"</LinkButton>
        </div>
    }
}

/// The button and hidden fields of a form that deletes a record.
#[component]
pub fn DeleteForm(
    id: String,
    back: String,
    #[prop(into)] error: Signal<Option<AppError>>,
    #[prop(into)] busy: Signal<bool>,
) -> impl IntoView {
    view! {
        <FormError error/>
        <input type="hidden" name="id" value=id/>
        <input type="hidden" name="back" value=back/>
        <Button kind=ButtonKind::Submit variant=ButtonVariant::Danger icon=IconName::Trash busy>
            "Delete"
        </Button>
    }
}

/// A record in words, for those who may only look.
#[component]
pub fn Facts(facts: Vec<(&'static str, String)>) -> impl IntoView {
    let facts = facts
        .into_iter()
        .filter(|(_, value)| !value.is_empty())
        .map(|(name, value)| {
            view! {
                <dt>{name}</dt>
                <dd class="whitespace-pre-line">{value}</dd>
            }
        })
        .collect_view();
    view! { <dl class="card props">{facts}</dl> }
}
