//! Server functions of the frame itself.

use crate::{error::AppError, wire::Wire};
use leptos::prelude::*;

/// Keeps the theme in a cookie of the browser. Open to everybody; holds nothing but the choice.
#[server(prefix = "/rpc", endpoint = "ui/choose_theme", output = Wire)]
pub async fn choose_theme(theme: String) -> Result<(), AppError> {
    use super::theme::{COOKIE, Theme};
    let theme = Theme::parse(&theme);
    let max_age = if theme == Theme::System { 0 } else { 365 * 86_400 };
    let cookie = format!("{COOKIE}={}; Path=/; Max-Age={max_age}; SameSite=Lax", theme.as_str());
    if let Some(response) = use_context::<leptos_axum::ResponseOptions>()
        && let Ok(value) = http::HeaderValue::from_str(&cookie)
    {
        response.append_header(http::header::SET_COOKIE, value);
    }
    Ok(())
}
