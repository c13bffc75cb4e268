//! What follows when a form is sent: back to the list, or back to the form. Server only.

use super::{
    kind::{self, Kind},
    listing::{address, to_pairs},
};
use crate::{
    error::AppError,
    server::{member, state},
};
use leptos::{prelude::use_context, server_fn::error::ServerFnUrlError};
use serde::Serialize;
use std::fmt::Display;

/// What a form says besides the record's own fields.
#[derive(Clone, Copy, Debug)]
pub struct Target<'a> {
    /// The record, or "new".
    pub id: &'a str,
    /// The version that the form was filled with; empty for a new record.
    pub version: &'a str,
    /// The list's query that the form was opened from.
    pub back: &'a str,
}

/// Adds or changes a record. Then the list follows, as it was left, with a word about it. A refusal
/// shows at the form: without JavaScript in a new address that carries what was typed.
pub async fn save<K: Kind>(function: &str, target: Target<'_>, form: &K::Form) -> Result<(), AppError> {
    let saved = try_save::<K>(target, form).await;
    match &saved {
        Ok(row) => {
            leptos_axum::redirect(&list_address::<K>(target.back, "saved", K::id(row)));
        }
        Err(error) => {
            let id: String = target.id.chars().filter(|c| c.is_ascii_alphanumeric() || *c == '-').collect();
            let mut more = vec![("updated_at", target.version), ("back", target.back)];
            let page = match K::OPENED_BY {
                None => format!("{}/{id}", K::PAGE),
                Some(field) => {
                    more.extend((id != "new").then_some((field, id.as_str())));
                    K::PAGE.to_owned()
                }
            };
            send_back(function, &page, form, &more, error);
        }
    }
    saved.map(drop)
}

/// Leads a browser without JavaScript back to the form's page, in an address that carries what was typed and why it was
/// refused. With JavaScript the page still has both.
pub fn send_back(function: &str, page: &str, form: &impl Serialize, more: &[(&str, &str)], error: &AppError) {
    if !wants_html() {
        return;
    }
    let pairs = to_pairs(form);
    let pairs = pairs.iter().map(|(name, value)| (name.as_str(), value.as_str())).chain(more.iter().copied());
    let page = address(&format!("http://localhost{page}"), pairs);
    if let Ok(url) = ServerFnUrlError::new(function, error.clone()).to_url(&page) {
        leptos_axum::redirect(&url[url::Position::BeforePath..]);
    }
}

async fn try_save<K: Kind>(target: Target<'_>, form: &K::Form) -> Result<K::Row, AppError> {
    let (state, member) = (state()?, member()?);
    if target.id == "new" {
        kind::create::<K>(&state.db, &member, form).await
    } else {
        kind::update::<K>(&state.db, &member, kind::parse_id::<K>(target.id)?, target.version, form).await
    }
}

/// Deletes a record; the list that follows offers to undo it.
pub async fn delete<K: Kind>(id: &str, back: &str) -> Result<(), AppError> {
    let (state, member) = (state()?, member()?);
    let row = kind::delete::<K>(&state.db, &member, kind::parse_id::<K>(id)?).await?;
    leptos_axum::redirect(&list_address::<K>(back, "deleted", K::id(&row)));
    Ok(())
}

/// Brings a deleted record back; the list follows.
pub async fn restore<K: Kind>(id: &str, back: &str) -> Result<(), AppError> {
    let (state, member) = (state()?, member()?);
    let row = kind::restore::<K>(&state.db, &member, kind::parse_id::<K>(id)?).await?;
    leptos_axum::redirect(&list_address::<K>(back, "restored", K::id(&row)));
    Ok(())
}

/// The list as it was left (`back` is a query, which may come from anybody), with the outcome added.
pub fn list_address<K: Kind>(back: &str, outcome: &str, id: impl Display) -> String {
    let known = ["saved", "deleted", "restored"];
    let mut pairs: Vec<(String, String)> = url::form_urlencoded::parse(back.trim_start_matches('?').as_bytes())
        .filter(|(name, _)| !known.contains(&name.as_ref()) && !name.starts_with("__"))
        .map(|(name, value)| (name.into_owned(), value.into_owned()))
        .collect();
    pairs.push((outcome.into(), id.to_string()));
    address(K::PAGE, pairs.iter().map(|(name, value)| (name.as_str(), value.as_str())))
}

/// Whether a browser sent this form by itself, without our code.
fn wants_html() -> bool {
    use_context::<http::request::Parts>().is_some_and(|parts| {
        let accept = parts.headers.get(http::header::ACCEPT);
        accept.and_then(|value| value.to_str().ok()).is_some_and(|value| value.contains("text/html"))
    })
}
