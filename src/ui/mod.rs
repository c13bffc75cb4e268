//! Components without domain knowledge: what every page is built of.
//!
//! Invariant: everything here reads and works before and without JavaScript; hydration only adds to it.

mod action;
mod button;
mod dialog;
mod form;
mod icon;
mod keys;
mod load;
mod page;
mod palette;
pub mod rpc;
pub mod shell;
pub mod theme;
mod toast;

pub use action::{ActionForm, ServerAction};
pub use button::{Button, ButtonKind, ButtonVariant, ConfirmButton, LinkButton, Menu};
pub use dialog::Dialog;
pub use form::{Checkbox, Field, FormError, SelectField, TextArea, action_error, field_error};
pub use icon::{Icon, IconName};
#[cfg(feature = "hydrate")]
pub use keys::guard_history;
pub use keys::{BACK, Keys, LEAVE, PageKeys, provide_keys};
pub use load::Resource;
pub use page::{
    Chip, Done, EmptyState, ErrorBox, ErrorPage, Page, Pager, Progress, Skeleton, TableBox, Tone, set_status,
};
pub use palette::{Command, Palette};
pub use toast::{ToastRegion, Toasts, provide_toasts, use_toasts};
