//! Structured logs.

use super::settings::{LogFormat, LogSettings, SettingsError};
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
        LogFormat::Text => registry.with(fmt::layer().with_writer(std::io::stderr)).try_init(),
        LogFormat::Json => registry.with(fmt::layer().json().with_writer(std::io::stderr)).try_init(),
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
