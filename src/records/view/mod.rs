//! What the pages of the books and the stock are built of.

mod edit;
mod inputs;
mod list;
mod pages;

pub use edit::{CurrentVersion, DeleteForm, EditFields, Facts, Typed, typed_fields};
pub use inputs::{Input, filter_inputs, inputs};
pub use list::{
    Column, Filters, ListActions, ListAddress, Matches, Outcome, OutcomeNotice, RecordTable, SearchField, Suggest,
    Sums, announce, headings, outcome, sums_row, text_cell,
};
pub(crate) use pages::{list_page, record_page};

/// What a file that uses [`list_page`] and [`record_page`] needs.
pub mod prelude {
    pub use super::*;
    pub use crate::{
        error::AppError,
        format,
        records::listing::{CurrencySum, Edit, ListPage, Suggestions, from_pairs},
        ui::{
            ActionForm, Button, ButtonKind, Chip, ErrorBox, ErrorPage, Field, LinkButton, Page, Resource, SelectField,
            ServerAction, Skeleton, TextArea, Tone, action_error, field_error, shell::use_viewer,
        },
    };
    pub use leptos::{prelude::*, server_fn::ServerFn};
    pub use leptos_router::hooks::{use_params_map, use_query_map};

    /// The choices of a select; `all` names the one that stands for no choice.
    pub fn options<T: Copy + ToString>(
        choices: &[T],
        label: fn(T) -> &'static str,
        all: Option<&str>,
    ) -> Vec<(String, String)> {
        let all = all.map(|text| (String::new(), text.to_owned()));
        all.into_iter().chain(choices.iter().map(|c| (c.to_string(), label(*c).to_owned()))).collect()
    }

    /// A field of a page's question, as it stands in the address.
    pub fn asked<Q: Send + Sync + 'static>(query: Memo<Q>, field: fn(&Q) -> &String) -> Signal<String> {
        Signal::derive(move || query.with(|query| field(query).clone()))
    }
}
