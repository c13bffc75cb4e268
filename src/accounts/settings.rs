//! What an operator can set about accounts. Server only.

use super::courier;
use crate::server::settings::Secret;
use serde::{Deserialize, Serialize};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

/// The `[accounts]` section of the settings.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct AccountSettings {
    /// Where people reach this server, without a slash at the end; links in mails begin with it. Unless set, it
    /// follows `server.address`.
    pub public_url: String,
    /// Whether cookies are sent over HTTPS only. Unless set, true exactly when `public_url` is https.
    pub secure_cookies: Option<bool>,
    /// How many proxies stand before this server, each of which appends to `X-Forwarded-For`. With 0 that
    /// header is not believed, because anybody can send it.
    pub trusted_proxies: u8,
    /// A session ends when it was not used for this many hours.
    pub session_idle_hours: u32,
    /// A session ends after this many days in any case.
    pub session_days: u32,
    /// How long an API access token is valid.
    pub access_token_minutes: u32,
    /// How long an API sign-in can be renewed.
    pub refresh_token_days: u32,
    /// The mail server: `smtps://user:password@host:465`, or `smtp://user:password@host:587?tls=required`.
    /// Without it mail stays in the outbox, for the operator to read.
    pub smtp_url: Option<Secret>,
    /// The sender of mails.
    pub mail_from: String,
}

impl Default for AccountSettings {
    fn default() -> Self {
        Self {
            public_url: public_url_of(SocketAddr::from(([127, 0, 0, 1], 3000))),
            secure_cookies: None,
            trusted_proxies: 0,
            session_idle_hours: 7 * 24,
            session_days: 30,
            access_token_minutes: 15,
            refresh_token_days: 30,
            smtp_url: None,
            mail_from: "Belvedere <belvedere@localhost>".into(),
        }
    }
}

impl AccountSettings {
    pub fn secure_cookies(&self) -> bool {
        self.secure_cookies.unwrap_or_else(|| self.public_url.starts_with("https://"))
    }

    /// The name of a setting that cannot work, and why. Never tells a value: one may hold a password.
    pub fn check(&self) -> Result<(), (&'static str, String)> {
        let url = url::Url::parse(&self.public_url).ok().filter(|url| matches!(url.scheme(), "http" | "https"));
        match url {
            None => return Err(("accounts.public_url", "it has to begin with http:// or https://".into())),
            Some(_) if self.public_url.ends_with('/') => {
                return Err(("accounts.public_url", "it has to end without a slash".into()));
            }
            Some(_) => {}
        }
        courier::check(self)
    }

    /// Whether mail leaves this server by itself.
    pub fn sends_mail(&self) -> bool {
        self.smtp_url.is_some()
    }
}

/// Where a server that listens on `address` is reached from its own machine.
pub fn public_url_of(address: SocketAddr) -> String {
    let ip = match address.ip() {
        ip if !ip.is_unspecified() => ip,
        IpAddr::V4(_) => Ipv4Addr::LOCALHOST.into(),
        IpAddr::V6(_) => Ipv6Addr::LOCALHOST.into(),
    };
    match address.port() {
        80 => format!("http://{}", SocketAddr::new(ip, 0).to_string().trim_end_matches(":0")),
        port => format!("http://{}", SocketAddr::new(ip, port)),
    }
}
