//! Pages.

use super::{
    DEFAULT_SORT, Direction, PaymentForm, PaymentQuery, PaymentRow, PaymentStatus, PaymentTotals, SORTS, StatusFilter,
    rpc,
};
use crate::records::view::prelude::*;

const PATH: &str = "/payments";
const ADD: Option<&str> = Some("Add payment");
const IMPORT: Option<&str> = Some("payments");

list_page! {
    /// What is owed, both ways.
    PaymentsPage, path: PATH, file: "/api/v1/payments.csv", one: "payment", title: "Payments",
    lead: "What we owe to vendors, and what customers owe to us.", add: ADD, import: IMPORT, query: PaymentQuery,
    list: rpc::list_payments, suggest: rpc::suggest_payments, restore: rpc::RestorePayment,
    suggested: ["party"], sorts: SORTS, default_sort: DEFAULT_SORT, filters: filters, table: table,
}

record_page! {
    /// One payment, or a new one.
    PaymentPage, PaymentEditor, path: PATH, add: "Add payment", all: "All payments", row: PaymentRow,
    form: PaymentForm, edit: rpc::edit_payment, save: rpc::SavePayment, delete: rpc::DeletePayment,
    fields: fields, facts: facts, name: name, above: steps,
}

fn filters(query: Memo<PaymentQuery>) -> impl IntoView {
    view! {
        <SearchField value=asked(query, |q| &q.search) placeholder="Reference, vendor, customer or amount"/>
        <SelectField
            name="status"
            label="Status"
            options=options(StatusFilter::ALL, StatusFilter::label, Some("All"))
            value=asked(query, |q| &q.status)
        />
        <SelectField
            name="direction"
            label="Direction"
            options=options(Direction::ALL, Direction::label, Some("Both"))
            value=asked(query, |q| &q.direction)
        />
        <Field
            name="party"
            label="Vendor or customer"
            list="party-list"
            autocomplete="off"
            value=asked(query, |q| &q.party)
        />
        <Field name="from" label="Due from" kind="date" value=asked(query, |q| &q.from)/>
        <Field name="to" label="Due until" kind="date" value=asked(query, |q| &q.to)/>
    }
}

fn table(list: ListPage<PaymentRow, PaymentTotals>, place: ListAddress) -> AnyView {
    let ListPage { page, totals } = list;
    if page.items.is_empty() {
        let text = "Bring your payments in from a CSV file, or add one by hand. What is late shows up in the alerts.";
        return view! { <Matches list=place title="No payments yet" text add=ADD import=IMPORT/> }.into_any();
    }
    let totals = totals.unwrap_or_default();
    let head = view! {
        <SortHeader list=place.clone() column="party" label="Vendor or customer"/>
        <SortHeader list=place.clone() column="amount" label="Amount" number=true/>
        <SortHeader list=place.clone() column="status" label="Status"/>
        <SortHeader list=place.clone() column="due_date" label="Due"/>
        <SortHeader list=place.clone() column="paid_on" label="Paid"/>
        <SortHeader list=place.clone() column="issued_on" label="Issued"/>
        <SortHeader list=place.clone() column="direction" label="Direction"/>
        <SortHeader list=place.clone() column="reference" label="Reference"/>
    }
    .into_any();
    let foot = view! {
        {total("Outgoing", totals.outgoing)}
        {total("Incoming", totals.incoming)}
        {total("Overdue", totals.overdue)}
    }
    .into_any();
    let rows = page.items.into_iter().map(|row| line(&place, row)).collect();
    let summary = format::count(totals.count, "payment", "payments");
    view! { <RecordTable label="Payments" list=place next_cursor=page.next_cursor summary head foot rows/> }.into_any()
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
                <td colspan="6" class="muted">
                    {format::count(count, "payment", "payments")}
                </td>
            </tr>
        }
        .into_any()
    })
}

fn chip(row: &PaymentRow) -> (Tone, &'static str) {
    match row.status {
        _ if row.overdue => (Tone::Bad, "Overdue"),
        PaymentStatus::Pending => (Tone::Warn, "Pending"),
        PaymentStatus::Approved => (Tone::Info, "Approved"),
        PaymentStatus::Rejected => (Tone::Neutral, "Rejected"),
        PaymentStatus::Paid => (Tone::Good, "Paid"),
    }
}

fn line(place: &ListAddress, row: PaymentRow) -> AnyView {
    let (tone, text) = chip(&row);
    view! {
        <tr>
            <td>
                <a href=place.record(row.id)>{row.party}</a>
            </td>
            <td class="num">{format::money(row.amount, &row.currency)}</td>
            <td>
                <Chip tone text/>
            </td>
            <td class="whitespace-nowrap">{format::date(row.due_date)}</td>
            <td class="whitespace-nowrap">{row.paid_on.map(format::date)}</td>
            <td class="whitespace-nowrap">{format::date(row.issued_on)}</td>
            <td>{row.direction.label()}</td>
            <td class="whitespace-nowrap">{row.reference}</td>
        </tr>
    }
    .into_any()
}

/// The state of a payment, and buttons for the steps that may follow.
fn steps(row: PaymentRow, back: String) -> AnyView {
    let action = ServerAction::<rpc::SetPaymentStatus>::new();
    let (tone, text) = chip(&row);
    let buttons = row
        .status
        .next(row.direction)
        .iter()
        .map(|step| {
            let label = match (row.status, step) {
                (_, PaymentStatus::Paid) => "Mark as paid today",
                (PaymentStatus::Paid, _) => "Not paid after all",
                (_, PaymentStatus::Approved) => "Approve",
                (_, PaymentStatus::Rejected) => "Reject",
                (_, PaymentStatus::Pending) => "Back to pending",
            };
            view! {
                <Button kind=ButtonKind::Submit attr:name="status" attr:value=step.as_str()>
                    {label}
                </Button>
            }
        })
        .collect_view();
    let error = action_error(action);
    view! {
        <div class="card stack">
            <div class="row">
                <Chip tone text/>
                {row.overdue.then(|| view! { <span class="muted">{row.status.label()}</span> })}
                <span class="muted">
                    {match row.paid_on {
                        Some(day) => format!("on {}", format::date(day)),
                        None => format!("due {}", format::date(row.due_date)),
                    }}
                </span>
            </div>
            {move || error.get().map(|error| view! { <ErrorBox error/> })}
            <ActionForm action attr:class="row">
                <input type="hidden" name="id" value=row.id.to_string()/>
                <input
                    type="hidden"
                    name="updated_at"
                    value=row.updated_at.to_rfc3339_opts(chrono::SecondsFormat::Micros, true)
                />
                <input type="hidden" name="back" value=back/>
                {buttons}
            </ActionForm>
        </div>
    }
    .into_any()
}

fn fields(form: PaymentForm, suggestions: Suggestions, error: Signal<Option<AppError>>) -> impl IntoView {
    view! {
        <div class="pair">
            <Field
                name="party"
                label="Vendor or customer"
                required=true
                list="party-list"
                autocomplete="off"
                value=form.party
                error=field_error(error, "party")
            />
            <SelectField
                name="direction"
                label="Direction"
                options=vec![
                    ("outgoing".to_owned(), "Outgoing: we pay".to_owned()),
                    ("incoming".to_owned(), "Incoming: they pay us".to_owned()),
                ]
                value=form.direction
                error=field_error(error, "direction")
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
                name="issued_on"
                label="Issued on"
                kind="date"
                required=true
                value=form.issued_on
                error=field_error(error, "issued_on")
            />
            <Field
                name="due_date"
                label="Due on"
                kind="date"
                required=true
                value=form.due_date
                error=field_error(error, "due_date")
            />
        </div>
        <div class="pair">
            <SelectField
                name="status"
                label="Status"
                options=options(PaymentStatus::ALL, PaymentStatus::label, None)
                value=form.status
                error=field_error(error, "status")
            />
            <Field
                name="paid_on"
                label="Paid on"
                kind="date"
                hint="Only for a paid payment."
                value=form.paid_on
                error=field_error(error, "paid_on")
            />
        </div>
        <Field
            name="reference"
            label="Reference"
            optional=true
            autocomplete="off"
            hint="Unique; an import recognises the payment by it."
            value=form.reference
            error=field_error(error, "reference")
        />
        <TextArea name="note" label="Note" optional=true value=form.note error=field_error(error, "note")/>
        <Suggest suggestions fields=&["party"]/>
    }
}

fn facts(row: &PaymentRow) -> Vec<(&'static str, String)> {
    vec![
        ("Vendor or customer", row.party.clone()),
        ("Direction", row.direction.label().into()),
        ("Amount", format::money(row.amount, &row.currency)),
        ("Status", chip(row).1.into()),
        ("Issued", format::date(row.issued_on)),
        ("Due", format::date(row.due_date)),
        ("Paid", row.paid_on.map(format::date).unwrap_or_default()),
        ("Note", row.note.clone()),
    ]
}

fn name(row: &PaymentRow) -> String {
    row.reference.as_ref().map_or(format!("Payment: {}", row.party), |reference| format!("Payment {reference}"))
}
