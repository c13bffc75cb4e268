//! What somebody typed into a form that was refused, kept over the redirect that a form without JavaScript ends with.
//! Server only.
//!
//! A short-lived cookie: unlike the address of the page, it is in no history, no log and no `Referer`.
//! Passwords are never kept.

use super::model::KeptInput;
use crate::server;
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use http::{HeaderValue, header, request::Parts};
use leptos::prelude::use_context;
use leptos_axum::ResponseOptions;

const COOKIE: &str = "belvedere_form";

/// Keeps `input` for the page that the browser is sent back to. Does nothing for a caller with JavaScript, whose form
/// is still filled in.
pub fn keep(input: &KeptInput) {
    let Some(parts) = use_context::<Parts>() else { return };
    let accept = parts.headers.get(header::ACCEPT).and_then(|value| value.to_str().ok());
    if accept.is_some_and(|accept| accept.contains("text/html"))
        && let Ok(json) = serde_json::to_vec(input)
        // Browsers drop cookies of more than 4 KB.
        && json.len() <= 2800
    {
        set(&URL_SAFE_NO_PAD.encode(json), 60);
    }
}

/// What was kept, once.
pub fn take() -> KeptInput {
    let found = use_context::<Parts>().and_then(|parts| {
        let cookies = parts.headers.get_all(header::COOKIE).iter().filter_map(|value| value.to_str().ok());
        let value = cookies
            .flat_map(|cookies| cookies.split(';'))
            .find_map(|cookie| cookie.trim().strip_prefix(COOKIE)?.strip_prefix('='))?;
        serde_json::from_slice(&URL_SAFE_NO_PAD.decode(value).ok()?).ok()
    });
    if found.is_some() {
        set("", 0);
    }
    found.unwrap_or_default()
}

fn set(value: &str, seconds: u32) {
    let secure = server::state().is_ok_and(|state| state.settings.accounts.secure_cookies());
    let secure = if secure { "; Secure" } else { "" };
    let cookie = format!("{COOKIE}={value}; Path=/; Max-Age={seconds}; HttpOnly; SameSite=Lax{secure}");
    if let Some(response) = use_context::<ResponseOptions>()
        && let Ok(cookie) = HeaderValue::from_str(&cookie)
    {
        response.append_header(header::SET_COOKIE, cookie);
    }
}
