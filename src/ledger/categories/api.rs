//! REST routes. Server only.

use super::{model::*, store::Categories};
use crate::{
    ids::CategoryId,
    records::api::{prelude::*, record_api},
};
use serde::Deserialize;
use utoipa::ToSchema;

record_api! {
    Categories, tag: "Categories", id: CategoryId, query: CategoryQuery, form: CategoryForm, row: CategoryRow, totals: CategoryTotals,
    file: "categories", all: "/categories", csv: "/categories.csv", one: "/categories/{id}", back: "/categories/{id}/restore",
    list_categories, export_categories, create_category, find_category, update_category, delete_category, restore_category,
}

/// Where everything of a category goes.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Merge {
    into: CategoryId,
}

/// Moves everything of this category to another one and removes it. Budgets of both for the same month and type are
/// added up. Cannot be undone.
#[utoipa::path(post, path = "/categories/{id}/merge", tag = "Categories", params(("id" = Uuid, Path,)),
    request_body = Merge, responses(
    (status = 200, description = "The other category, with everything in it", body = CategoryRow),
    (status = 404, description = "There is no such category, or it is not yours"),
    (status = 409, description = "Both have a budget for one month in different currencies")))]
async fn merge_category(
    State(state): State<AppState>,
    member: Member,
    Path(id): Path<CategoryId>,
    Json(merge): Json<Merge>,
) -> Result<Json<CategoryRow>, AppError> {
    let editor = member.editor()?;
    let mut tx = state.db.tenant(&editor).await?;
    let row = super::store::merge(&mut tx, &editor, id, merge.into).await?;
    tx.commit().await?;
    Ok(Json(row))
}

/// The routes, with addresses relative to `/api/v1`.
pub fn router() -> OpenApiRouter<AppState> {
    records().routes(routes!(merge_category))
}
