//! Pages.

use super::{DEFAULT_SORT, MaterialForm, MaterialQuery, MaterialRow, MaterialTotals, SORTS, StockLevel, rpc};
use crate::records::view::prelude::*;
use rust_decimal::Decimal;

const PATH: &str = "/stock";
const ADD: Option<&str> = Some("Add material");
const IMPORT: Option<&str> = Some("materials");

list_page! {
    /// What is on the shelves.
    MaterialsPage, path: PATH, file: "/api/v1/materials.csv", one: "material", title: "Stock",
    lead: "What is on the shelves, what it is worth and what runs low.", add: ADD, import: IMPORT,
    query: MaterialQuery, list: rpc::list_materials, suggest: rpc::suggest_materials, restore: rpc::RestoreMaterial,
    suggested: ["category"], sorts: SORTS, default_sort: DEFAULT_SORT, filters: filters, table: table,
}

record_page! {
    /// One material, or a new one.
    MaterialPage, MaterialEditor, path: PATH, add: "Add material", all: "All materials", row: MaterialRow,
    form: MaterialForm, edit: rpc::edit_material, save: rpc::SaveMaterial, delete: rpc::DeleteMaterial,
    fields: fields, facts: facts, name: name,
}

const COLUMNS: [Column; 8] = [
    Column::text("Name").by("name"),
    Column::number("Quantity").by("quantity"),
    Column::text("Level"),
    Column::number("Value").by("value"),
    Column::number("Unit cost").by("unit_cost"),
    Column::number("Minimum").by("min_stock"),
    Column::text("Category").by("category"),
    Column::text("SKU").by("sku"),
];

/// A quantity with as many places as it has.
fn quantity(value: Decimal) -> String {
    let value = value.normalize();
    format::number(value, value.scale())
}

fn filters(query: Memo<MaterialQuery>) -> impl IntoView {
    view! {
        <SearchField value=asked(query, |q| &q.search) placeholder="SKU, name or category"/>
        {filter_inputs(
            vec![
                Input::choice(
                    "level",
                    "Stock level",
                    options(StockLevel::ALL, StockLevel::label, Some("All")),
                    asked(query, |q| &q.level),
                ),
                Input::suggested("category", "Category", asked(query, |q| &q.category)),
            ],
        )}
    }
}

fn table(list: ListPage<MaterialRow, MaterialTotals>, place: ListAddress) -> AnyView {
    let ListPage { page, totals } = list;
    if page.items.is_empty() {
        let text = "Bring your stock in from a CSV file, or add a material by hand. \
                    What runs low shows up in the alerts.";
        return view! { <Matches list=place title="Nothing on stock yet" text add=ADD import=IMPORT/> }.into_any();
    }
    let totals = totals.unwrap_or_default();
    let head = headings(&place, &COLUMNS);
    let foot = view! {
        <tr>
            <th scope="row">{format::count(totals.count, "material", "materials")}</th>
            <td class="num">{quantity(totals.quantity)}</td>
            <td>{format!("{} low", format::number(totals.low.into(), 0))}</td>
            <td class="num">
                <Sums sums=totals.value/>
            </td>
            <td colspan="4"></td>
        </tr>
    }
    .into_any();
    let rows = page.items.into_iter().map(|row| line(&place, row)).collect();
    let summary = format::count(totals.count, "material", "materials");
    view! { <RecordTable label="Stock" list=place next_cursor=page.next_cursor summary head foot rows/> }.into_any()
}

fn level(row: &MaterialRow) -> (Tone, &'static str) {
    if row.low && row.quantity <= Decimal::ZERO {
        (Tone::Bad, "Out of stock")
    } else if row.low {
        (Tone::Warn, "Low")
    } else {
        (Tone::Good, "Enough")
    }
}

fn line(place: &ListAddress, row: MaterialRow) -> AnyView {
    let (tone, text) = level(&row);
    view! {
        <tr>
            <td class="text">
                <a href=place.record(row.id)>{row.name}</a>
            </td>
            <td class="num" data-label="Quantity">{quantity(row.quantity)}</td>
            <td>
                <Chip tone text/>
            </td>
            <td class="num" data-label="Value">{format::money(row.value, &row.currency)}</td>
            <td class="num" data-label="Unit cost">{format::money(row.unit_cost, &row.currency)}</td>
            <td class="num" data-label="Minimum">{quantity(row.min_stock)}</td>
            {text_cell("Category", row.category)}
            {text_cell("SKU", row.sku)}
        </tr>
    }
    .into_any()
}

fn fields(form: MaterialForm, suggestions: Suggestions, error: Signal<Option<AppError>>) -> impl IntoView {
    let rows = vec![
        vec![Input::line("name", "Name", form.name).required()],
        vec![
            Input::line("sku", "SKU", form.sku).required().hint("Unique; an import recognises the material by it."),
            Input::suggested("category", "Category", form.category).optional(),
        ],
        vec![
            Input::decimal("quantity", "Quantity", form.quantity),
            Input::decimal("min_stock", "Minimum stock", form.min_stock)
                .hint("At or below it, the material counts as low."),
        ],
        vec![Input::decimal("unit_cost", "Unit cost", form.unit_cost), Input::currency(form.currency)],
    ];
    view! {
        {inputs(rows, error)}
        <Suggest suggestions fields=&["category"]/>
    }
}

fn facts(row: &MaterialRow) -> Vec<(&'static str, String)> {
    vec![
        ("Name", row.name.clone()),
        ("SKU", row.sku.clone()),
        ("Category", row.category.clone()),
        ("Quantity", quantity(row.quantity)),
        ("Minimum stock", quantity(row.min_stock)),
        ("Unit cost", format::money(row.unit_cost, &row.currency)),
        ("Value", format::money(row.value, &row.currency)),
    ]
}

fn name(row: &MaterialRow) -> String {
    row.name.clone()
}
