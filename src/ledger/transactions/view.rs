//! Pages.

use super::{DEFAULT_SORT, SORTS, TransactionForm, TransactionQuery, TransactionRow, TransactionTotals, rpc};
use crate::{ledger::model::EntryType, records::view::prelude::*};

const PATH: &str = "/transactions";
const ADD: Option<&str> = Some("Add transaction");
const IMPORT: Option<&str> = Some("transactions");

list_page! {
    /// Income and expenses.
    TransactionsPage, path: PATH, file: "/api/v1/transactions.csv", one: "transaction", title: "Transactions",
    lead: "Income and expenses, as they were booked.", add: ADD, import: IMPORT, query: TransactionQuery,
    list: rpc::list_transactions, suggest: rpc::suggest_transactions, restore: rpc::RestoreTransaction,
    suggested: ["category", "department"], sorts: SORTS, default_sort: DEFAULT_SORT,
    filters: filters, table: table,
}

record_page! {
    /// One transaction, or a new one.
    TransactionPage, TransactionEditor, path: PATH, add: "Add transaction", all: "All transactions",
    row: TransactionRow, form: TransactionForm, edit: rpc::edit_transaction, save: rpc::SaveTransaction,
    delete: rpc::DeleteTransaction, fields: fields, facts: facts, name: name,
}

const COLUMNS: [Column; 7] = [
    Column::text("Date").by("date"),
    Column::number("Amount").by("amount"),
    Column::text("Type").by("type"),
    Column::text("Category").by("category"),
    Column::text("Department").by("department"),
    Column::text("Reference").by("reference"),
    Column::text("Note"),
];

fn filters(query: Memo<TransactionQuery>) -> impl IntoView {
    view! {
        <SearchField value=asked(query, |q| &q.search) placeholder="Reference, note, amount"/>
        {filter_inputs(
            vec![
                Input::choice(
                    "type",
                    "Type",
                    options(EntryType::ALL, EntryType::label, Some("All")),
                    asked(query, |q| &q.kind),
                ),
                Input::suggested("category", "Category", asked(query, |q| &q.category)),
                Input::suggested("department", "Department", asked(query, |q| &q.department)),
                Input::date("from", "From", asked(query, |q| &q.from)),
                Input::date("to", "To", asked(query, |q| &q.to)),
            ],
        )}
    }
}

fn table(list: ListPage<TransactionRow, TransactionTotals>, place: ListAddress) -> AnyView {
    let ListPage { page, totals } = list;
    if page.items.is_empty() {
        let text = "Bring your books in from a CSV file, or add a transaction by hand. \
                    Every financial metric is made of them.";
        return view! { <Matches list=place title="No transactions yet" text add=ADD import=IMPORT/> }.into_any();
    }
    let totals = totals.unwrap_or_default();
    let head = headings(&place, &COLUMNS);
    let foot = [("Income", totals.income), ("Expenses", totals.expense)]
        .map(|(label, sums)| sums_row(label, sums, (1, 5), ("transaction", "transactions")))
        .into_any();
    let rows = page.items.into_iter().map(|row| line(&place, row)).collect();
    let summary = format::count(totals.count, "transaction", "transactions");
    view! { <RecordTable label="Transactions" list=place next_cursor=page.next_cursor summary head foot rows/> }
        .into_any()
}

fn line(place: &ListAddress, row: TransactionRow) -> AnyView {
    let tone = match row.kind {
        EntryType::Income => Tone::Good,
        EntryType::Expense => Tone::Neutral,
    };
    view! {
        <tr>
            <td class="whitespace-nowrap">
                <a href=place.record(row.id)>{format::date(row.date)}</a>
            </td>
            <td class="num">{format::money(row.amount, &row.currency)}</td>
            <td>
                <Chip tone text=row.kind.label()/>
            </td>
            {text_cell("Category", row.category)}
            {text_cell("Department", row.department)}
            {text_cell("Reference", row.reference)}
            <td class="max-w-80 truncate">{row.note}</td>
        </tr>
    }
    .into_any()
}

fn fields(form: TransactionForm, suggestions: Suggestions, error: Signal<Option<AppError>>) -> impl IntoView {
    let types = options(EntryType::ALL, EntryType::label, None);
    let rows = vec![
        vec![
            Input::date("date", "Date", form.date).required(),
            Input::choice("type", "Type", types, form.kind).required(),
        ],
        vec![Input::decimal("amount", "Amount", form.amount).required(), Input::currency(form.currency)],
        vec![
            Input::suggested("category", "Category", form.category).optional().hint("A new name makes a new category."),
            Input::suggested("department", "Department", form.department).optional(),
        ],
        vec![
            Input::line("reference", "Reference", form.reference)
                .optional()
                .hint("Unique; an import recognises the transaction by it."),
        ],
        vec![Input::note(form.note)],
    ];
    view! {
        {inputs(rows, error)}
        <Suggest suggestions fields=&["category", "department"]/>
    }
}

fn facts(row: &TransactionRow) -> Vec<(&'static str, String)> {
    vec![
        ("Date", format::date(row.date)),
        ("Type", row.kind.label().into()),
        ("Amount", format::money(row.amount, &row.currency)),
        ("Category", row.category.clone().unwrap_or_default()),
        ("Department", row.department.clone()),
        ("Note", row.note.clone()),
    ]
}

fn name(row: &TransactionRow) -> String {
    row.reference.as_ref().map_or("Transaction".to_owned(), |reference| format!("Transaction {reference}"))
}
