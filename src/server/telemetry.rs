//! Structured logs.

use super::settings::{LogFormat, LogSettings, SettingsError};
use std::io::{IsTerminal, stderr};
use tracing_subscriber::{EnvFilter, fmt, layer::SubscriberExt, util::SubscriberInitExt};

/// Starts logging to standard error. Panics are logged like any other fault.
pub fn init(settings: &LogSettings) -> Result<(), SettingsError> {
    let filter = EnvFilter::try_new(&settings.filter).map_err(|e| SettingsError::Wrong {
        origin: "settings".into(),
        name: "log.filter".into(),
        cause: e.to_string(),
    })?;
    let registry = tracing_subscriber::registry().with(filter);
    let started = match settings.format {
        LogFormat::Text => registry.with(fmt::layer().with_ansi(colours()).with_writer(stderr)).try_init(),
        LogFormat::Json => registry.with(fmt::layer().json().with_writer(stderr)).try_init(),
    };
    if let Err(cause) = started {
        tracing::debug!(%cause, "logging was started before");
    }
    let inherited = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |info| {
        tracing::error!(panic = %info, "a task panicked");
        inherited(info);
    }));
    Ok(())
}

/// Only for somebody who looks on; colour codes in a file are noise. (See <https://no-color.org>.)
fn colours() -> bool {
    stderr().is_terminal() && std::env::var_os("NO_COLOR").is_none_or(|wish| wish.is_empty())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use super::*;
    use tracing::Level;

    /// Whether a notice of PostgreSQL, a warning of usvg and a line of our own are shown.
    fn shown(filter: &str) -> [bool; 3] {
        let registry = tracing_subscriber::registry().with(EnvFilter::try_new(filter).unwrap());
        tracing::subscriber::with_default(registry, || {
            [
                tracing::enabled!(target: "sqlx::postgres::notice", Level::INFO),
                tracing::enabled!(target: "usvg::text", Level::WARN),
                tracing::enabled!(target: "belvedere::server", Level::INFO),
            ]
        })
    }

    #[test]
    fn remarks_of_the_database_and_of_fonts_are_shown_to_who_asks_for_them() {
        assert_eq!(shown(&LogSettings::default().filter), [false, false, true]);
        assert_eq!(shown("info"), [true; 3]);
    }
}
