//! Pages.

use super::{BudgetForm, BudgetQuery, BudgetRow, BudgetTotals, DEFAULT_SORT, SORTS, rpc};
use crate::{ledger::model::EntryType, records::view::prelude::*};
use rust_decimal::Decimal;

const PATH: &str = "/budgets";
const ADD: Option<&str> = Some("Add budget");
const IMPORT: Option<&str> = Some("budgets");

list_page! {
    /// Budgets per month and category, and how much of each is used.
    BudgetsPage, path: PATH, file: "/api/v1/budgets.csv", one: "budget", title: "Budgets",
    lead: "What each category may cost, or should earn, in a month.", add: ADD, import: IMPORT, query: BudgetQuery,
    list: rpc::list_budgets, suggest: rpc::suggest_budgets, restore: rpc::RestoreBudget,
    suggested: ["category"], sorts: SORTS, default_sort: DEFAULT_SORT, filters: filters, table: table,
}

record_page! {
    /// One budget, or a new one.
    BudgetPage, BudgetEditor, path: PATH, add: "Add budget", all: "All budgets", row: BudgetRow, form: BudgetForm,
    edit: rpc::edit_budget, save: rpc::SaveBudget, delete: rpc::DeleteBudget, fields: fields, facts: facts, name: name,
}

const COLUMNS: [Column; 7] = [
    Column::text("Month").by("month"),
    Column::text("Category").by("category"),
    Column::number("Budget").by("amount"),
    Column::number("Booked"),
    Column::number("Used"),
    Column::text("State"),
    Column::text("Type").by("type"),
];

fn filters(query: Memo<BudgetQuery>) -> impl IntoView {
    view! {
        <SearchField value=asked(query, |q| &q.search) placeholder="Category or amount"/>
        {filter_inputs(
            vec![
                Input::choice(
                    "type",
                    "Type",
                    options(EntryType::ALL, EntryType::label, Some("All")),
                    asked(query, |q| &q.kind),
                ),
                Input::suggested("category", "Category", asked(query, |q| &q.category)),
                Input::month("from", "From", "2026-01", asked(query, |q| &q.from)),
                Input::month("to", "To", "2026-12", asked(query, |q| &q.to)),
            ],
        )}
    }
}

fn table(list: ListPage<BudgetRow, BudgetTotals>, place: ListAddress) -> AnyView {
    let ListPage { page, totals } = list;
    if page.items.is_empty() {
        let text = "A budget says what a category may cost in a month; the dashboards show how much of it is used.";
        return view! { <Matches list=place title="No budgets yet" text add=ADD import=IMPORT/> }.into_any();
    }
    let totals = totals.unwrap_or_default();
    let head = headings(&place, &COLUMNS);
    let foot = [("Income", totals.income), ("Expenses", totals.expense)]
        .map(|(label, sums)| sums_row(label, sums, (2, 4), ("budget", "budgets")))
        .into_any();
    let rows = page.items.into_iter().map(|row| line(&place, row)).collect();
    let summary = format::count(totals.count, "budget", "budgets");
    view! { <RecordTable label="Budgets" list=place next_cursor=page.next_cursor summary head foot rows/> }.into_any()
}

/// Whether what is booked keeps to the budget. Income is meant to reach it, expenses to stay below.
fn state(row: &BudgetRow) -> (Tone, &'static str) {
    let nearly = row.amount * Decimal::new(9, 1);
    match row.kind {
        EntryType::Income if row.used >= row.amount => (Tone::Good, "Reached"),
        EntryType::Income => (Tone::Neutral, "Open"),
        EntryType::Expense if row.used > row.amount => (Tone::Bad, "Over budget"),
        EntryType::Expense if row.used >= nearly && row.used > Decimal::ZERO => (Tone::Warn, "Nearly used"),
        EntryType::Expense => (Tone::Good, "Within budget"),
    }
}

fn line(place: &ListAddress, row: BudgetRow) -> AnyView {
    let (tone, text) = state(&row);
    view! {
        <tr>
            <td class="whitespace-nowrap">
                <a href=place.record(row.id)>{format::month(row.month)}</a>
            </td>
            {text_cell("Category", row.category.clone())}
            <td class="num" data-label="Budget">{format::money(row.amount, &row.currency)}</td>
            <td class="num" data-label="Booked">{format::money(row.used, &row.currency)}</td>
            <td class="num" data-label="Used">
                {row.used_percent().map_or("–".to_owned(), |percent| format::percent(percent, 0))}
            </td>
            <td>
                <Chip tone text/>
            </td>
            <td>{row.kind.label()}</td>
        </tr>
    }
    .into_any()
}

fn fields(form: BudgetForm, suggestions: Suggestions, error: Signal<Option<AppError>>) -> impl IntoView {
    let types = options(EntryType::ALL, EntryType::label, None);
    let rows = vec![
        vec![
            Input::month("month", "Month", "2026-11", form.month).required(),
            Input::choice("type", "Type", types, form.kind).required(),
        ],
        vec![
            Input::suggested("category", "Category", form.category).required().hint("A new name makes a new category."),
        ],
        vec![Input::decimal("amount", "Amount", form.amount).required(), Input::currency(form.currency)],
    ];
    view! {
        {inputs(rows, error)}
        <Suggest suggestions fields=&["category"]/>
    }
}

fn facts(row: &BudgetRow) -> Vec<(&'static str, String)> {
    vec![
        ("Month", format::month(row.month)),
        ("Type", row.kind.label().into()),
        ("Category", row.category.clone()),
        ("Amount", format::money(row.amount, &row.currency)),
        ("Booked", format::money(row.used, &row.currency)),
    ]
}

fn name(row: &BudgetRow) -> String {
    format!("Budget for {}, {}", row.category, format::month(row.month))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_budget_of_nothing_is_not_nearly_used() {
        let row = BudgetRow {
            id: crate::ids::BudgetId(Default::default()),
            month: chrono::NaiveDate::default(),
            kind: EntryType::Expense,
            category: String::new(),
            amount: Decimal::ZERO,
            currency: "USD".into(),
            used: Decimal::ZERO,
            import_id: None,
            created_at: Default::default(),
            updated_at: Default::default(),
        };
        assert_eq!(state(&row), (Tone::Good, "Within budget"));
        assert_eq!(row.used_percent(), None);
        assert_eq!(state(&BudgetRow { used: Decimal::ONE, ..row }), (Tone::Bad, "Over budget"));
    }
}
