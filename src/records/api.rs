//! The REST routes that every kind of record has. Server only.

/// The routes of one kind, with addresses relative to `/api/v1`: list, export, create, find, change, delete, restore.
/// Expands to handlers of the given names and a function `records` that gives their router.
macro_rules! record_api {
    (
        $kind:ty, tag: $tag:literal, id: $id:ty, query: $query:ty, form: $form:ty, row: $row:ty, totals: $totals:ty,
        file: $file:literal, all: $all:literal, csv: $csv:literal, one: $one:literal, back: $back:literal,
        $list:ident, $export:ident, $create:ident, $find:ident, $update:ident, $delete:ident, $restore:ident $(,)?
    ) => {
        /// One page of the list, searched, filtered and sorted; the first one with the totals of all pages.
        #[utoipa::path(get, path = $all, tag = $tag, params($query), responses(
                    (status = 200, description = "A page", body = ListPage<$row, $totals>),
                    (status = 422, description = "A field of the query is wrong")))]
        async fn $list(
            State(state): State<AppState>,
            member: Member,
            Query(query): Query<$query>,
        ) -> Result<Json<ListPage<$row, $totals>>, AppError> {
            kind::list::<$kind>(&state.db, &member, &query, kind::Totals::FirstPage).await.map(Json)
        }

        /// Everything that the filters let through, as CSV with headers that the importer knows. `bom=1` starts it
        /// with a byte-order mark, for Excel. Text that a spreadsheet would take for a formula starts with a quote.
        #[utoipa::path(get, path = $csv, tag = $tag, params($query), responses(
                    (status = 200, description = "The file", body = String, content_type = "text/csv")))]
        async fn $export(
            State(state): State<AppState>,
            member: Member,
            Query(fields): Query<Vec<(String, String)>>,
        ) -> Result<Response, AppError> {
            export::download::<$kind>(&state, &member, $file, fields).await
        }

        /// Adds a record.
        #[utoipa::path(post, path = $all, tag = $tag, request_body = $form, responses(
                    (status = 201, description = "Added", body = $row),
                    (status = 403, description = "Your role may only look"),
                    (status = 422, description = "Fields are wrong: all of them are named")))]
        async fn $create(
            State(state): State<AppState>,
            member: Member,
            Json(form): Json<$form>,
        ) -> Result<(StatusCode, Json<$row>), AppError> {
            let row = kind::create::<$kind>(&state.db, &member, &form).await?;
            Ok((StatusCode::CREATED, Json(row)))
        }

        /// One record.
        #[utoipa::path(get, path = $one, tag = $tag, params(("id" = Uuid, Path,)), responses(
                    (status = 200, description = "The record", body = $row),
                    (status = 404, description = "There is no such record, or it is not yours")))]
        async fn $find(
            State(state): State<AppState>,
            member: Member,
            Path(id): Path<$id>,
        ) -> Result<Json<$row>, AppError> {
            kind::find::<$kind>(&state.db, &member, id).await.map(Json)
        }

        /// Changes the fields that are given (JSON merge patch); null empties one. With `updated_at`, only if the
        /// record has not been changed since.
        #[utoipa::path(patch, path = $one, tag = $tag, params(("id" = Uuid, Path,)),
                    request_body(content = $form, description = "Any of these fields, and updated_at"), responses(
                    (status = 200, description = "Changed", body = $row),
                    (status = 404, description = "There is no such record, or it is not yours"),
                    (status = 409, description = "Somebody else changed it meanwhile"),
                    (status = 422, description = "Fields are wrong: all of them are named")))]
        async fn $update(
            State(state): State<AppState>,
            member: Member,
            Path(id): Path<$id>,
            Json(patch): Json<serde_json::Map<String, serde_json::Value>>,
        ) -> Result<Json<$row>, AppError> {
            kind::patch::<$kind>(&state.db, &member, id, patch).await.map(Json)
        }

        /// Deletes a record; restore brings it back.
        #[utoipa::path(delete, path = $one, tag = $tag, params(("id" = Uuid, Path,)), responses(
                    (status = 204, description = "Deleted"),
                    (status = 404, description = "There is no such record, or it is not yours"),
                    (status = 409, description = "Something depends on it")))]
        async fn $delete(
            State(state): State<AppState>,
            member: Member,
            Path(id): Path<$id>,
        ) -> Result<StatusCode, AppError> {
            kind::delete::<$kind>(&state.db, &member, id).await?;
            Ok(StatusCode::NO_CONTENT)
        }

        /// Brings a deleted record back as it was.
        #[utoipa::path(post, path = $back, tag = $tag, params(("id" = Uuid, Path,)), responses(
                    (status = 200, description = "Restored", body = $row),
                    (status = 404, description = "There is no such deleted record, or it is not yours"),
                    (status = 409, description = "Another record has taken its place meanwhile")))]
        async fn $restore(
            State(state): State<AppState>,
            member: Member,
            Path(id): Path<$id>,
        ) -> Result<Json<$row>, AppError> {
            kind::restore::<$kind>(&state.db, &member, id).await.map(Json)
        }

        fn records() -> OpenApiRouter<AppState> {
            OpenApiRouter::new()
                .routes(routes!($list, $create))
                .routes(routes!($export))
                .routes(routes!($find, $update, $delete))
                .routes(routes!($restore))
        }
    };
}
pub(crate) use record_api;

/// What a file that uses [`record_api`] needs.
pub mod prelude {
    pub use crate::{
        accounts::Member,
        error::AppError,
        records::{export, kind, listing::ListPage},
        server::{
            AppState,
            extract::{Json, Path, Query},
        },
    };
    pub use axum::{extract::State, response::Response};
    pub use http::StatusCode;
    pub use utoipa_axum::{router::OpenApiRouter, routes};
    pub use uuid::Uuid;
}
