//! What only the server has: settings, the database, the router and the walls around them.

mod application;
pub mod cluster;
pub mod db;
mod error_page;
pub mod etag;
pub mod extract;
pub mod fault;
pub mod gzip;
mod health;
pub mod idempotency;
mod listen;
mod middleware;
pub mod openapi;
pub mod request;
pub mod router;
pub mod security;
pub mod settings;
pub mod state;
mod statics;
pub mod telemetry;
mod versions;

pub use application::{Application, StartError};
pub use db::{Database, SystemTx, TenantScope, TenantTx, Topic};
pub use listen::{bind, serve};
pub use request::{member, request_id, state};
pub use settings::Settings;
pub use state::AppState;
pub use statics::announce;
pub use versions::Versions;
