//! Pages.

use super::{
    DEFAULT_SORT, Direction, PaymentForm, PaymentQuery, PaymentRow, PaymentStatus, PaymentTotals, SORTS, StatusFilter,
    rpc,
};
use crate::records::view::prelude::*;
use crate::ui::{ActionForm, ServerAction};

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

const COLUMNS: [Column; 8] = [
    Column::text("Vendor or customer").by("party"),
    Column::number("Amount").by("amount"),
    Column::text("Status").by("status"),
    Column::text("Due").by("due_date"),
    Column::text("Paid").by("paid_on"),
    Column::text("Issued").by("issued_on"),
    Column::text("Direction").by("direction"),
    Column::text("Reference").by("reference"),
];

fn filters(query: Memo<PaymentQuery>) -> impl IntoView {
    view! {
        <SearchField value=asked(query, |q| &q.search) placeholder="Reference, name or amount"/>
        {filter_inputs(
            vec![
                Input::choice(
                    "status",
                    "Status",
                    options(StatusFilter::ALL, StatusFilter::label, Some("All")),
                    asked(query, |q| &q.status),
                ),
                Input::choice(
                    "direction",
                    "Direction",
                    options(Direction::ALL, Direction::label, Some("Both")),
                    asked(query, |q| &q.direction),
                ),
                Input::suggested("party", "Vendor or customer", asked(query, |q| &q.party)),
                Input::date("from", "Due from", asked(query, |q| &q.from)),
                Input::date("to", "Due until", asked(query, |q| &q.to)),
            ],
        )}
    }
}

fn table(list: ListPage<PaymentRow, PaymentTotals>, place: ListAddress) -> AnyView {
    let ListPage { page, totals } = list;
    if page.items.is_empty() {
        let text = "Bring your payments in from a CSV file, or add one by hand. What is late shows up in the alerts.";
        return view! { <Matches list=place title="No payments yet" text add=ADD import=IMPORT/> }.into_any();
    }
    let totals = totals.unwrap_or_default();
    let head = headings(&place, &COLUMNS);
    let foot = [("Outgoing", totals.outgoing), ("Incoming", totals.incoming), ("Overdue", totals.overdue)]
        .map(|(label, sums)| sums_row(label, sums, (1, 6), ("payment", "payments")))
        .into_any();
    let rows = page.items.into_iter().map(|row| line(&place, row)).collect();
    let summary = format::count(totals.count, "payment", "payments");
    view! { <RecordTable label="Payments" list=place next_cursor=page.next_cursor summary head foot rows/> }.into_any()
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
            <td class="text">
                <a href=place.record(row.id)>{row.party}</a>
            </td>
            <td class="num">{format::money(row.amount, &row.currency)}</td>
            <td>
                <Chip tone text/>
            </td>
            <td class="whitespace-nowrap" data-label="Due">{format::date(row.due_date)}</td>
            <td class="whitespace-nowrap" data-label=row.paid_on.map(|_| "Paid")>{row.paid_on.map(format::date)}</td>
            <td class="whitespace-nowrap" data-label="Issued">{format::date(row.issued_on)}</td>
            <td>{row.direction.label()}</td>
            {text_cell("Reference", row.reference)}
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
    let directions = [("outgoing", "Outgoing: we pay"), ("incoming", "Incoming: they pay us")];
    let directions = directions.map(|(key, label)| (key.to_owned(), label.to_owned())).to_vec();
    let rows = vec![
        vec![
            Input::suggested("party", "Vendor or customer", form.party).required(),
            Input::choice("direction", "Direction", directions, form.direction),
        ],
        vec![Input::decimal("amount", "Amount", form.amount).required(), Input::currency(form.currency)],
        vec![
            Input::date("issued_on", "Issued on", form.issued_on).required(),
            Input::date("due_date", "Due on", form.due_date).required(),
        ],
        vec![
            Input::choice("status", "Status", options(PaymentStatus::ALL, PaymentStatus::label, None), form.status),
            Input::date("paid_on", "Paid on", form.paid_on).hint("Only for a paid payment."),
        ],
        vec![
            Input::line("reference", "Reference", form.reference)
                .optional()
                .hint("Unique; an import recognises the payment by it."),
        ],
        vec![Input::note(form.note)],
    ];
    view! {
        {inputs(rows, error)}
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
