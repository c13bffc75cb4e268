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

fn filters(query: Memo<TransactionQuery>) -> impl IntoView {
    view! {
        <SearchField value=asked(query, |q| &q.search) placeholder="Reference, note, category or amount"/>
        <SelectField
            name="type"
            label="Type"
            options=options(EntryType::ALL, EntryType::label, Some("All"))
            value=asked(query, |q| &q.kind)
        />
        <Field
            name="category"
            label="Category"
            list="category-list"
            autocomplete="off"
            value=asked(query, |q| &q.category)
        />
        <Field
            name="department"
            label="Department"
            list="department-list"
            autocomplete="off"
            value=asked(query, |q| &q.department)
        />
        <Field name="from" label="From" kind="date" value=asked(query, |q| &q.from)/>
        <Field name="to" label="To" kind="date" value=asked(query, |q| &q.to)/>
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
    let head = view! {
        <SortHeader list=place.clone() column="date" label="Date"/>
        <SortHeader list=place.clone() column="amount" label="Amount" number=true/>
        <SortHeader list=place.clone() column="type" label="Type"/>
        <SortHeader list=place.clone() column="category" label="Category"/>
        <SortHeader list=place.clone() column="department" label="Department"/>
        <SortHeader list=place.clone() column="reference" label="Reference"/>
        <th scope="col">"Note"</th>
    }
    .into_any();
    let foot = view! {
        {total("Income", totals.income)}
        {total("Expenses", totals.expense)}
    }
    .into_any();
    let rows = page.items.into_iter().map(|row| line(&place, row)).collect();
    let summary = format::count(totals.count, "transaction", "transactions");
    view! { <RecordTable label="Transactions" list=place next_cursor=page.next_cursor summary head foot rows/> }
        .into_any()
}

fn total(label: &'static str, sums: Vec<CurrencySum>) -> Option<AnyView> {
    let count = sums.iter().map(|sum| sum.count).sum();
    (!sums.is_empty()).then(|| {
        view! {
            <tr>
                <th scope="row">{label}</th>
                <td class="num">
                    <Sums sums/>
                </td>
                <td colspan="5" class="muted">
                    {format::count(count, "transaction", "transactions")}
                </td>
            </tr>
        }
        .into_any()
    })
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
            <td>{row.category}</td>
            <td>{row.department}</td>
            <td class="whitespace-nowrap">{row.reference}</td>
            <td class="max-w-80 truncate">{row.note}</td>
        </tr>
    }
    .into_any()
}

fn fields(form: TransactionForm, suggestions: Suggestions, error: Signal<Option<AppError>>) -> impl IntoView {
    view! {
        <div class="pair">
            <Field
                name="date"
                label="Date"
                kind="date"
                required=true
                value=form.date
                error=field_error(error, "date")
            />
            <SelectField
                name="type"
                label="Type"
                required=true
                options=options(EntryType::ALL, EntryType::label, None)
                value=form.kind
                error=field_error(error, "type")
            />
        </div>
        <div class="pair">
            <Field
                name="amount"
                label="Amount"
                required=true
                input_mode="decimal"
                autocomplete="off"
                value=form.amount
                error=field_error(error, "amount")
            />
            <Field
                name="currency"
                label="Currency"
                required=true
                max_length=3
                autocomplete="off"
                value=form.currency
                error=field_error(error, "currency")
            />
        </div>
        <div class="pair">
            <Field
                name="category"
                label="Category"
                optional=true
                list="category-list"
                autocomplete="off"
                hint="A new name makes a new category."
                value=form.category
                error=field_error(error, "category")
            />
            <Field
                name="department"
                label="Department"
                optional=true
                list="department-list"
                autocomplete="off"
                value=form.department
                error=field_error(error, "department")
            />
        </div>
        <Field
            name="reference"
            label="Reference"
            optional=true
            autocomplete="off"
            hint="Unique; an import recognises the transaction by it."
            value=form.reference
            error=field_error(error, "reference")
        />
        <TextArea name="note" label="Note" optional=true value=form.note error=field_error(error, "note")/>
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
