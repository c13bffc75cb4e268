//! Payments in SQL. Server only.

use super::model::*;
use crate::{
    accounts::{Editor, Member},
    activity::store::{NewActivity, record},
    error::AppError,
    format,
    ids::PaymentId,
    ledger::model::parse_amount,
    page::Page,
    records::{
        cursor::{self, NO_DATE, SortKind, SortValue, Sorted, contains_pattern},
        deleted::{self, Entity},
        export::{Cell, Exported},
        kind::kind,
        listing::{CurrencySum, Listing},
    },
    server::{TenantTx, Topic, fault::OnConstraint},
};
use chrono::{DateTime, NaiveDate, Utc};
use rust_decimal::Decimal;
use serde_json::json;
use sqlx::{Postgres, QueryBuilder};
use uuid::Uuid;

/// Followed by the day that counts as today, [`FROM`] and the organisation.
const SELECT: &str = "select p.id, p.reference, p.party, p.direction, p.issued_on, p.due_date, p.status, p.paid_on,
    p.amount, p.currency, p.note, p.import_id, p.created_at, p.updated_at,
    p.status in ('pending', 'approved') and p.due_date < ";
const FROM: &str = " as overdue from payments p where p.organization_id = ";

/// Today in the member's organisation: what is due before it and open is overdue.
pub fn today(member: &Member) -> NaiveDate {
    member.organization().time_zone.day(Utc::now())
}

/// The SQL of a column of [`SORTS`].
fn sort_column(name: &str) -> (&'static str, SortKind) {
    match name {
        "reference" => ("coalesce(p.reference, '')", SortKind::Text),
        "party" => ("p.party", SortKind::Text),
        "direction" => ("p.direction", SortKind::Text),
        "issued_on" => ("p.issued_on", SortKind::Date),
        "status" => ("p.status", SortKind::Text),
        // NO_DATE, as SQL.
        "paid_on" => ("coalesce(p.paid_on, date '9999-12-31')", SortKind::Date),
        "amount" => ("p.amount", SortKind::Number),
        "currency" => ("p.currency", SortKind::Text),
        _ => ("p.due_date", SortKind::Date),
    }
}

impl Sorted for PaymentRow {
    fn id(&self) -> Uuid {
        self.id.0
    }

    fn updated_at(&self) -> DateTime<Utc> {
        self.updated_at
    }

    fn sort_value(&self, column: &str) -> SortValue {
        match column {
            "reference" => SortValue::Text(self.reference.clone().unwrap_or_default()),
            "party" => SortValue::Text(self.party.clone()),
            "direction" => SortValue::Text(self.direction.to_string()),
            "issued_on" => SortValue::Date(self.issued_on),
            "status" => SortValue::Text(self.status.to_string()),
            "paid_on" => SortValue::Date(self.paid_on.unwrap_or(NO_DATE)),
            "amount" => SortValue::Number(self.amount),
            "currency" => SortValue::Text(self.currency.clone()),
            _ => SortValue::Date(self.due_date),
        }
    }
}

kind! {
    /// The payments of an organisation.
    Payments, PaymentId, PaymentRow, PaymentForm, PaymentQuery, PaymentFilter, PaymentTotals,
    page: "/payments",
    blank: |member| PaymentForm {
        issued_on: today(member).to_string(),
        direction: Direction::Outgoing.to_string(),
        status: PaymentStatus::Pending.to_string(),
        currency: member.organization().base_currency.clone(),
        ..Default::default()
    },
    suggestions: |tx| ["party" = parties(tx)],
    listing: |query, member| query.parse(today(member)), find: |tx, member, id| find(tx, id, today(member)),
    unique: reference of Payment, else reference_taken
}

impl Exported for PaymentRow {
    const HEADER: &'static [&'static str] = &[
        "reference",
        "party",
        "direction",
        "issued_on",
        "due_date",
        "status",
        "paid_on",
        "amount",
        "currency",
        "note",
    ];

    fn cells(&self) -> Vec<Cell<'_>> {
        vec![
            self.reference.as_deref().into(),
            Cell::Text(&self.party),
            Cell::Text(self.direction.as_str()),
            Cell::Date(self.issued_on),
            Cell::Date(self.due_date),
            Cell::Text(self.status.as_str()),
            self.paid_on.map_or(Cell::Nothing, Cell::Date),
            Cell::Number(self.amount),
            Cell::Text(&self.currency),
            Cell::Text(&self.note),
        ]
    }
}

/// Adds the filter's conditions to a statement over `payments p`.
fn push_filter(sql: &mut QueryBuilder<Postgres>, filter: &PaymentFilter) {
    match filter.status {
        None => {}
        Some(StatusFilter::Open) => {
            sql.push(" and p.status in ('pending', 'approved')");
        }
        Some(StatusFilter::Overdue) => {
            sql.push(" and p.status in ('pending', 'approved') and p.due_date < ").push_bind(filter.today);
        }
        Some(stored) => {
            sql.push(" and p.status = ").push_bind(stored.as_str());
        }
    }
    if let Some(direction) = filter.direction {
        sql.push(" and p.direction = ").push_bind(direction.as_str());
    }
    if let Some(party) = &filter.party {
        sql.push(" and p.party = ").push_bind(party.clone());
    }
    if let Some(currency) = &filter.currency {
        sql.push(" and p.currency = ").push_bind(currency.clone());
    }
    if let Some(from) = filter.from {
        sql.push(" and p.due_date >= ").push_bind(from);
    }
    if let Some(to) = filter.to {
        sql.push(" and p.due_date <= ").push_bind(to);
    }
    if let Some(import) = filter.import {
        sql.push(" and p.import_id = ").push_bind(import);
    }
    for word in &filter.words {
        let pattern = contains_pattern(word);
        sql.push(" and (p.party ilike ")
            .push_bind(pattern.clone())
            .push(" or p.reference ilike ")
            .push_bind(pattern.clone())
            .push(" or p.note ilike ")
            .push_bind(pattern);
        if let Ok(amount) = parse_amount(word) {
            sql.push(" or p.amount = ").push_bind(amount);
        }
        sql.push(")");
    }
}

/// One page of what is asked for.
pub async fn list(tx: &mut TenantTx, listing: &Listing<PaymentFilter>) -> Result<Page<PaymentRow>, AppError> {
    let mut sql = QueryBuilder::new(SELECT);
    sql.push_bind(listing.filter.today).push(FROM).push_bind(tx.organization_id());
    push_filter(&mut sql, &listing.filter);
    cursor::push_page(&mut sql, listing, sort_column(listing.sort.column), "p.id")?;
    let rows = sql.build_query_as::<PaymentRow>().fetch_all(tx.conn()).await?;
    Ok(cursor::page(rows, listing))
}

/// The sums of everything that the filter lets through.
pub async fn totals(tx: &mut TenantTx, filter: &PaymentFilter) -> Result<PaymentTotals, AppError> {
    let mut sql =
        QueryBuilder::new("select p.direction = 'incoming', p.status in ('pending', 'approved') and p.due_date < ");
    sql.push_bind(filter.today)
        .push(", p.currency, sum(p.amount), count(*) from payments p where p.organization_id = ")
        .push_bind(tx.organization_id());
    push_filter(&mut sql, filter);
    sql.push(" group by 1, 2, 3 order by 3");
    let groups: Vec<(bool, bool, String, Decimal, i64)> = sql.build_query_as().fetch_all(tx.conn()).await?;
    let mut totals = PaymentTotals::default();
    for (incoming, overdue, currency, amount, count) in groups {
        totals.count += count;
        add(if incoming { &mut totals.incoming } else { &mut totals.outgoing }, &currency, amount, count);
        if overdue {
            totals.overdue_count += count;
            add(&mut totals.overdue, &currency, amount, count);
        }
    }
    Ok(totals)
}

fn add(sums: &mut Vec<CurrencySum>, currency: &str, amount: Decimal, count: i64) {
    match sums.iter_mut().find(|s| s.currency == currency) {
        Some(sum) => {
            sum.amount += amount;
            sum.count += count;
        }
        None => sums.push(CurrencySum { currency: currency.to_owned(), amount, count }),
    }
}

/// One payment; `today` decides whether it is overdue.
pub async fn find(tx: &mut TenantTx, id: PaymentId, today: NaiveDate) -> Result<PaymentRow, AppError> {
    let mut sql = QueryBuilder::new(SELECT);
    sql.push_bind(today).push(FROM).push_bind(tx.organization_id()).push(" and p.id = ").push_bind(id);
    sql.build_query_as::<PaymentRow>()
        .fetch_optional(tx.conn())
        .await?
        .ok_or_else(|| AppError::not_found("The payment"))
}

fn reference_taken() -> AppError {
    AppError::field("reference", "Another payment has this reference already.")
}

/// Adds a payment. It may begin in any status: what is entered late may have been paid already.
pub async fn create(tx: &mut TenantTx, editor: &Editor, new: NewPayment) -> Result<PaymentRow, AppError> {
    let id = PaymentId::new();
    let (organization_id, user_id) = (tx.organization_id(), tx.user_id());
    sqlx::query(
        "insert into payments (organization_id, id, reference, party, direction, issued_on, due_date, status, paid_on,
           amount, currency, note, created_by, updated_at)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, clock_timestamp())",
    )
    .bind(organization_id)
    .bind(id)
    .bind(&new.reference)
    .bind(&new.party)
    .bind(new.direction)
    .bind(new.issued_on)
    .bind(new.due_date)
    .bind(new.status)
    .bind(new.paid_on)
    .bind(new.amount)
    .bind(&new.currency)
    .bind(&new.note)
    .bind(user_id)
    .execute(tx.conn())
    .await
    .on_constraint("payments_reference_key", reference_taken)?;
    let row = find(tx, id, today(editor)).await?;
    record_change(tx, "created", "was added", &row).await?;
    Ok(row)
}

/// Locks the row and checks that it is still the copy that a change was made on.
async fn lock(
    tx: &mut TenantTx,
    id: PaymentId,
    version: Option<DateTime<Utc>>,
) -> Result<(PaymentStatus, Direction), AppError> {
    let organization_id = tx.organization_id();
    let found: Option<(PaymentStatus, Direction, DateTime<Utc>)> = sqlx::query_as(
        "select status, direction, updated_at from payments where organization_id = $1 and id = $2 for update",
    )
    .bind(organization_id)
    .bind(id)
    .fetch_optional(tx.conn())
    .await?;
    let (status, direction, updated_at) = found.ok_or_else(|| AppError::not_found("The payment"))?;
    if version.is_some_and(|v| v != updated_at) {
        return Err(deleted::changed_meanwhile("payment"));
    }
    Ok((status, direction))
}

/// Replaces a payment's fields; the status may only take a step that is allowed. With `version`, the
/// `updated_at` that the change was made on, somebody else's change meanwhile is a conflict.
pub async fn update(
    tx: &mut TenantTx,
    editor: &Editor,
    id: PaymentId,
    version: Option<DateTime<Utc>>,
    new: NewPayment,
) -> Result<PaymentRow, AppError> {
    let (before, _) = lock(tx, id, version).await?;
    before.step_to(new.status, new.direction).map_err(|message| AppError::field("status", message))?;
    let organization_id = tx.organization_id();
    sqlx::query(
        "update payments set reference = $3, party = $4, direction = $5, issued_on = $6, due_date = $7, status = $8,
           paid_on = $9, amount = $10, currency = $11, note = $12, updated_at = clock_timestamp()
         where organization_id = $1 and id = $2",
    )
    .bind(organization_id)
    .bind(id)
    .bind(&new.reference)
    .bind(&new.party)
    .bind(new.direction)
    .bind(new.issued_on)
    .bind(new.due_date)
    .bind(new.status)
    .bind(new.paid_on)
    .bind(new.amount)
    .bind(&new.currency)
    .bind(&new.note)
    .execute(tx.conn())
    .await
    .on_constraint("payments_reference_key", reference_taken)?;
    let row = find(tx, id, today(editor)).await?;
    let verb = if before == row.status { "was changed".to_owned() } else { status_verb(row.status) };
    record_change(tx, "updated", &verb, &row).await?;
    Ok(row)
}

/// Takes one step: approve, reject, pay, or take one of these back. `paid_on` is for paid alone; today if absent.
pub async fn set_status(
    tx: &mut TenantTx,
    editor: &Editor,
    id: PaymentId,
    version: Option<DateTime<Utc>>,
    status: PaymentStatus,
    paid_on: Option<NaiveDate>,
) -> Result<PaymentRow, AppError> {
    let (before, direction) = lock(tx, id, version).await?;
    before.step_to(status, direction).map_err(|message| AppError::field("status", message))?;
    if before == status {
        return find(tx, id, today(editor)).await;
    }
    let paid_on = (status == PaymentStatus::Paid).then(|| paid_on.unwrap_or_else(|| today(editor)));
    let organization_id = tx.organization_id();
    sqlx::query(
        "update payments set status = $3, paid_on = $4, updated_at = clock_timestamp()
         where organization_id = $1 and id = $2",
    )
    .bind(organization_id)
    .bind(id)
    .bind(status)
    .bind(paid_on)
    .execute(tx.conn())
    .await?;
    let row = find(tx, id, today(editor)).await?;
    record_change(tx, "updated", &status_verb(status), &row).await?;
    Ok(row)
}

/// Deletes a payment; [`restore`] brings it back.
pub async fn delete(tx: &mut TenantTx, editor: &Editor, id: PaymentId) -> Result<PaymentRow, AppError> {
    let row = find(tx, id, today(editor)).await?;
    deleted::delete(tx, Entity::Payment, id.0).await?;
    record_change(tx, "deleted", "was deleted", &row).await?;
    Ok(row)
}

/// Brings a deleted payment back as it was.
pub async fn restore(tx: &mut TenantTx, editor: &Editor, id: PaymentId) -> Result<PaymentRow, AppError> {
    deleted::restore(tx, Entity::Payment, id.0).await?;
    let row = find(tx, id, today(editor)).await?;
    record_change(tx, "restored", "was restored", &row).await?;
    Ok(row)
}

/// The vendors and customers of the latest few thousand payments, for suggestions.
pub async fn parties(tx: &mut TenantTx) -> Result<Vec<String>, AppError> {
    Ok(sqlx::query_scalar(
        "select distinct party
         from (select party from payments where organization_id = $1 order by issued_on desc, id desc limit 5000) p
         order by party limit 500",
    )
    .bind(tx.organization_id())
    .fetch_all(tx.conn())
    .await?)
}

fn status_verb(status: PaymentStatus) -> String {
    match status {
        PaymentStatus::Pending => "was set back to pending".into(),
        other => format!("was {other}"),
    }
}

async fn record_change(tx: &mut TenantTx, action: &str, verb: &str, row: &PaymentRow) -> Result<(), AppError> {
    let name = row.reference.as_ref().map(|r| format!(" {r}")).unwrap_or_default();
    let preposition = match row.direction {
        Direction::Outgoing => "to",
        Direction::Incoming => "from",
    };
    let amount = format::money(row.amount, &row.currency);
    let activity = NewActivity {
        action,
        entity_type: Entity::Payment.as_str(),
        entity_id: Some(row.id.0),
        title: format!("Payment{name} {verb}: {amount} {preposition} {}", row.party),
        metadata: json!({ "amount": row.amount, "currency": row.currency, "status": row.status, "party": row.party }),
    };
    record(tx, Topic::Payments, activity).await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_sortable_column_has_its_sql() {
        for name in SORTS {
            assert!(*name == "due_date" || sort_column(name).0 != sort_column("due_date").0, "{name}");
        }
    }

    #[test]
    fn rows_without_a_date_sort_where_the_cursor_says() {
        assert!(sort_column("paid_on").0.contains(&NO_DATE.to_string()));
    }
}
