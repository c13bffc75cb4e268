//! The server functions that every kind of record has.

/// Expands to the server functions of one kind: list, edit (what a form's page needs), suggestions, save, delete and
/// restore, of the given names and addresses. `$kind` is the kind's type in the neighbouring store.
macro_rules! record_rpc {
    (
        $kind:ident, row: $row:ty, form: $form:ty, query: $query:ty, totals: $totals:ty,
        list: $list:ident $List:ident $list_at:literal,
        edit: $edit:ident $Edit:ident $edit_at:literal,
        suggest: $suggest:ident $Suggest:ident $suggest_at:literal,
        save: $save:ident $Save:ident $save_at:literal,
        delete: $delete:ident $Delete:ident $delete_at:literal,
        restore: $restore:ident $Restore:ident $restore_at:literal $(,)?
    ) => {
        /// One page of the list, with the totals of all pages.
        #[server(name = $List, prefix = "/rpc", endpoint = $list_at, input = Wire, output = Wire)]
        pub async fn $list(query: $query) -> Result<ListPage<$row, $totals>, AppError> {
            let (state, member) = (crate::server::state()?, crate::server::member()?);
            kind::list::<super::store::$kind>(&state.db, &member, &query, kind::Totals::Always).await
        }

        /// What the page of one record needs, or of a "new" one.
        #[server(name = $Edit, prefix = "/rpc", endpoint = $edit_at, input = Wire, output = Wire)]
        pub async fn $edit(id: String) -> Result<Edit<$row, $form>, AppError> {
            let (state, member) = (crate::server::state()?, crate::server::member()?);
            kind::edit::<super::store::$kind>(&state.db, &member, &id).await
        }

        /// Values that have been used before, for the filters.
        #[server(name = $Suggest, prefix = "/rpc", endpoint = $suggest_at, input = Wire, output = Wire)]
        pub async fn $suggest() -> Result<Suggestions, AppError> {
            let (state, member) = (crate::server::state()?, crate::server::member()?);
            kind::suggestions::<super::store::$kind>(&state.db, &member).await
        }

        /// Adds (`id` is "new") or changes a record. `back` is the list's query to return to.
        #[server(name = $Save, prefix = "/rpc", endpoint = $save_at, output = Wire)]
        pub async fn $save(
            id: String,
            #[server(default)] updated_at: String,
            #[server(default)] back: String,
            #[server(flatten)] form: $form,
        ) -> Result<(), AppError> {
            let target = forms::Target { id: &id, version: &updated_at, back: &back };
            forms::save::<super::store::$kind>(<$Save as ServerFn>::PATH, target, &form).await
        }

        /// Deletes a record, with a way back.
        #[server(name = $Delete, prefix = "/rpc", endpoint = $delete_at, output = Wire)]
        pub async fn $delete(id: String, #[server(default)] back: String) -> Result<(), AppError> {
            forms::delete::<super::store::$kind>(&id, &back).await
        }

        /// Brings a deleted record back.
        #[server(name = $Restore, prefix = "/rpc", endpoint = $restore_at, output = Wire)]
        pub async fn $restore(id: String, #[server(default)] back: String) -> Result<(), AppError> {
            forms::restore::<super::store::$kind>(&id, &back).await
        }

        /// The record, and the list's query to return to.
        impl From<(String, String)> for $Restore {
            fn from((id, back): (String, String)) -> Self {
                Self { id, back }
            }
        }
    };
}
pub(crate) use record_rpc;

/// What a file that uses [`record_rpc`] needs.
pub mod prelude {
    #[cfg(feature = "ssr")]
    pub use crate::records::{forms, kind};
    pub use crate::{
        error::AppError,
        records::listing::{Edit, ListPage, Suggestions},
        wire::Wire,
    };
    pub use leptos::{prelude::*, server_fn::ServerFn};
}
