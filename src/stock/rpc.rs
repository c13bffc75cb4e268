//! Server functions.

use super::model::*;
use crate::records::rpc::{prelude::*, record_rpc};

record_rpc! {
    Materials, row: MaterialRow, form: MaterialForm, query: MaterialQuery, totals: MaterialTotals,
    list: list_materials ListMaterials "stock/list_materials",
    edit: edit_material EditMaterial "stock/edit_material",
    suggest: suggest_materials SuggestMaterials "stock/suggest_materials",
    save: save_material SaveMaterial "stock/save_material",
    delete: delete_material DeleteMaterial "stock/delete_material",
    restore: restore_material RestoreMaterial "stock/restore_material",
}
