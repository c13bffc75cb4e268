//! Users, organisations, memberships and sessions: who somebody is and what they may do.
//!
//! Invariants:
//! - A [`Member`] comes only from authentication. Authority is a type: a store function that needs an
//!   editor or an admin takes an [`Editor`] or [`Admin`], which only [`Member`] can give.
//! - The role is looked up at every request; neither a cookie nor a token carries it.
//! - The database holds no secret that signs somebody in: passwords are argon2id, and of session ids and tokens
//!   only the SHA-256 is kept. (A mail that waits in the outbox is the exception; sending empties it.)
//! - Nobody learns who has an account: an unknown address gets the answers of a known one, after the
//!   same work. The one exception is sign-up on a server without mail, which has no other way to
//!   say that an address is taken.

#[cfg(feature = "ssr")]
pub mod api;
#[cfg(feature = "ssr")]
pub mod auth;
#[cfg(feature = "ssr")]
mod browser;
#[cfg(feature = "ssr")]
pub mod courier;
pub mod input;
#[cfg(feature = "ssr")]
mod kept;
#[cfg(feature = "ssr")]
mod member;
mod model;
#[cfg(feature = "ssr")]
pub(crate) mod password;
pub mod rpc;
#[cfg(feature = "ssr")]
pub mod settings;
#[cfg(feature = "ssr")]
pub mod store;
pub mod view;

#[cfg(feature = "ssr")]
pub use input::NewAccount;
#[cfg(feature = "ssr")]
pub use member::{Admin, Colleague, Editor, Member, Owner};
pub use model::*;
#[cfg(feature = "ssr")]
pub use settings::AccountSettings;
#[cfg(feature = "ssr")]
use store::events;
#[cfg(feature = "ssr")]
pub use store::{session, tokens::SigningKey, upkeep};
#[cfg(feature = "ssr")]
pub(crate) use store::{throttle, tokens};
