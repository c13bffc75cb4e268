//! REST routes. Server only.

use super::{model::*, store::Materials};
use crate::{
    ids::MaterialId,
    records::api::{prelude::*, record_api},
};

record_api! {
    Materials, tag: "Stock", id: MaterialId, query: MaterialQuery, form: MaterialForm, row: MaterialRow, totals: MaterialTotals,
    file: "materials", all: "/materials", csv: "/materials.csv", one: "/materials/{id}", back: "/materials/{id}/restore",
    list_materials, export_materials, create_material, find_material, update_material, delete_material, restore_material,
}

/// The routes, with addresses relative to `/api/v1`.
pub fn router() -> OpenApiRouter<AppState> {
    records()
}
