//! The twelve kinds of widget: sizes, settings, data and drawing.
//!
//! A widget is drawn on the server, as the HTML of its *body* (the card around it belongs to the
//! dashboard's page). Invariants:
//! - [`WidgetSettings`] come only from [`settings::parse`], so a stored widget can always be drawn.
//! - A body holds no width: its marks are placed in percent and its text by the browser, so that one
//!   cached body is right on a phone and on a wall. What must differ by width is left to container queries.
//! - A body names its colours by CSS variables and holds no script and no event handler.

pub mod choices;
mod kind;
mod model;
pub mod rpc;
pub mod settings;
pub mod stretch;
pub mod turn;

#[cfg(feature = "ssr")]
pub mod ask;
#[cfg(feature = "hydrate")]
pub mod brush;
#[cfg(feature = "ssr")]
pub mod draw;
#[cfg(feature = "ssr")]
pub mod reach;
#[cfg(feature = "hydrate")]
pub mod readout;

pub use kind::{COLUMNS, MAX_ROWS, Sizes, WidgetKind};
pub use model::Widget;
pub use settings::WidgetSettings;
