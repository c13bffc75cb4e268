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

/// What the form shows: the record, or what was typed before the function at `save` refused it without JavaScript, which
/// comes back in the address.
pub fn typed_fields<F: Serialize + DeserializeOwned + Default>(
    save: &str,
    form: F,
    version: Option<chrono::DateTime<chrono::Utc>>,
) -> Typed<F> {
    let address = use_query_map().get_untracked();
    let back = address.get("back").unwrap_or_default();
    if refused(&address, save) {
        return Typed {
            form: from_pairs(|name| address.get(name)),
            version: address.get("updated_at").unwrap_or_default(),
            back,
        };
    }
    let version = version.map(|v| v.to_rfc3339_opts(chrono::SecondsFormat::Micros, true)).unwrap_or_default();
    Typed { form, version, back }
}

/// Whether the address tells that the function at `save` refused its form. Another form of the page brings nothing back.
fn refused(address: &ParamsMap, save: &str) -> bool {
    address.get("__err").is_some() && address.get("__path").is_some_and(|path| path == save)
}

/// After a conflict: the way to the record as it is now.
#[component]
pub fn CurrentVersion(#[prop(into)] error: Signal<Option<AppError>>, href: String) -> impl IntoView {
    move || {
        error.with(|error| matches!(error, Some(AppError::Conflict { .. }))).then(|| {
            view! {
                <div class="row">
                    <LinkButton href=href.clone() external=true>
                        "Load the current version"
                    </LinkButton>
                </div>
            }
        })
    }
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
    view! {
        <FormError error/>
        <CurrentVersion error href=format!("{path}/{id}")/>
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
