//! Payments as people write them, as they are stored and as they are asked for; and the rules of their status.

use crate::{
    error::{AppError, FieldErrors},
    ids::{ImportId, PaymentId},
    ledger::model::*,
    records::listing::{CurrencySum, Listing, Sort, optional, parse_limit, search_words},
};
use chrono::{DateTime, NaiveDate, Utc};
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

choices! {
    /// Who pays whom.
    Direction, "a direction" {
        /// We pay a vendor.
        Outgoing = "outgoing", "Outgoing";
        /// A customer pays us.
        Incoming = "incoming", "Incoming";
    }
}

choices! {
    /// How far a payment has come. Whether it is overdue is another question, which the day answers.
    PaymentStatus, "a status" {
        Pending = "pending", "Pending";
        Approved = "approved", "Approved";
        Rejected = "rejected", "Rejected";
        Paid = "paid", "Paid";
    }
}

impl PaymentStatus {
    /// What may follow. What we pay has to be approved first; what customers pay simply arrives. Every step can be
    /// taken back: approved and rejected to pending, paid to approved (or pending, for what customers pay).
    pub fn next(self, direction: Direction) -> &'static [Self] {
        use PaymentStatus::*;
        match (self, direction) {
            (Pending, Direction::Outgoing) => &[Approved, Rejected],
            (Pending, Direction::Incoming) => &[Paid, Approved, Rejected],
            (Approved, _) => &[Paid, Rejected, Pending],
            (Rejected, _) => &[Pending],
            (Paid, Direction::Outgoing) => &[Approved],
            (Paid, Direction::Incoming) => &[Pending, Approved],
        }
    }

    /// Whether money is still expected to move.
    pub fn is_open(self) -> bool {
        matches!(self, Self::Pending | Self::Approved)
    }

    /// The refusal of a step that [`Self::next`] does not list; staying where one is is no step.
    pub fn step_to(self, to: Self, direction: Direction) -> Result<(), String> {
        if self == to || self.next(direction).contains(&to) {
            return Ok(());
        }
        let names: Vec<&str> = self.next(direction).iter().map(|s| s.as_str()).collect();
        Err(format!("A {} {} payment can become {}, not {}.", self, direction, names.join(" or "), to))
    }
}

/// A stored payment.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(sqlx::FromRow, utoipa::ToSchema))]
pub struct PaymentRow {
    pub id: PaymentId,
    /// Unique in the organisation; imports recognise a row by it.
    pub reference: Option<String>,
    /// The vendor or customer.
    pub party: String,
    pub direction: Direction,
    pub issued_on: NaiveDate,
    pub due_date: NaiveDate,
    pub status: PaymentStatus,
    /// Set exactly while the status is paid.
    pub paid_on: Option<NaiveDate>,
    /// Open, and due before today in the organisation's time zone. As of the answer.
    pub overdue: bool,
    #[cfg_attr(feature = "ssr", schema(value_type = String))]
    pub amount: Decimal,
    /// ISO 4217.
    pub currency: String,
    pub note: String,
    /// The import that brought it.
    pub import_id: Option<ImportId>,
    pub created_at: DateTime<Utc>,
    /// Sent back with a change, it makes sure that nobody else's change is overwritten.
    pub updated_at: DateTime<Utc>,
}

/// A payment as it is typed: one flat field of text each, in a page's form or a JSON object.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
#[serde(default, deny_unknown_fields)]
pub struct PaymentForm {
    /// Optional; at most 100 characters; unique in the organisation.
    #[serde(deserialize_with = "text_or_null")]
    pub reference: String,
    /// The vendor or customer; at most 200 characters.
    pub party: String,
    /// `outgoing` (the default) or `incoming`.
    pub direction: String,
    /// `2026-11-20`.
    pub issued_on: String,
    pub due_date: String,
    /// `pending` (the default), `approved`, `rejected` or `paid`.
    pub status: String,
    /// Only, and always, for a paid payment.
    #[serde(deserialize_with = "text_or_null")]
    pub paid_on: String,
    /// At most 14 digits before the point and 4 after it.
    #[serde(deserialize_with = "text_or_number")]
    pub amount: String,
    /// ISO 4217, like `USD`.
    pub currency: String,
    #[serde(deserialize_with = "text_or_null")]
    pub note: String,
}

impl From<&PaymentRow> for PaymentForm {
    fn from(row: &PaymentRow) -> Self {
        Self {
            reference: row.reference.clone().unwrap_or_default(),
            party: row.party.clone(),
            direction: row.direction.to_string(),
            issued_on: row.issued_on.to_string(),
            due_date: row.due_date.to_string(),
            status: row.status.to_string(),
            paid_on: row.paid_on.map(|d| d.to_string()).unwrap_or_default(),
            amount: row.amount.normalize().to_string(),
            currency: row.currency.clone(),
            note: row.note.clone(),
        }
    }
}

/// A payment that may be stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewPayment {
    pub reference: Option<String>,
    pub party: String,
    pub direction: Direction,
    pub issued_on: NaiveDate,
    pub due_date: NaiveDate,
    pub status: PaymentStatus,
    pub paid_on: Option<NaiveDate>,
    pub amount: Decimal,
    pub currency: String,
    pub note: String,
}

fn or_default<T: std::str::FromStr<Err = String>>(text: &str, default: T) -> Result<T, String> {
    if text.trim().is_empty() { Ok(default) } else { text.parse() }
}

impl PaymentForm {
    /// Checks every field and gives all errors at once.
    pub fn parse(&self) -> Result<NewPayment, AppError> {
        let mut errors = FieldErrors::default();
        let reference = errors.take("reference", parse_line(&self.reference, MAX_REFERENCE));
        let party = errors.take("party", parse_required_line(&self.party, MAX_PARTY, "Enter the vendor or customer."));
        let direction = errors.take("direction", or_default(&self.direction, Direction::Outgoing));
        let issued_on = errors.take("issued_on", parse_date(&self.issued_on));
        let due_date = errors.take("due_date", parse_date(&self.due_date));
        let status = errors.take("status", or_default(&self.status, PaymentStatus::Pending));
        let paid_on = if self.paid_on.trim().is_empty() {
            Some(None)
        } else {
            errors.take("paid_on", parse_date(&self.paid_on)).map(Some)
        };
        let amount = errors.take("amount", parse_amount(&self.amount));
        let currency = errors.take("currency", parse_currency(&self.currency));
        let note = errors.take("note", parse_text(&self.note, MAX_NOTE));
        match (status, paid_on) {
            (Some(PaymentStatus::Paid), Some(None)) => errors.add("paid_on", "Enter the day on which it was paid."),
            (Some(status), Some(Some(_))) if status != PaymentStatus::Paid => {
                errors.add("paid_on", "Only a paid payment has a day of payment. Clear it, or set the status to paid.");
            }
            _ => {}
        }
        if let (Some(issued_on), Some(due_date)) = (issued_on, due_date)
            && due_date < issued_on
        {
            errors.add("due_date", "This is before the day of issue.");
        }
        match (reference, party, direction, issued_on, due_date, status, paid_on, amount, currency, note) {
            (
                Some(reference),
                Some(party),
                Some(direction),
                Some(issued_on),
                Some(due_date),
                Some(status),
                Some(paid_on),
                Some(amount),
                Some(currency),
                Some(note),
            ) if errors.is_empty() => Ok(NewPayment {
                reference,
                party,
                direction,
                issued_on,
                due_date,
                status,
                paid_on,
                amount,
                currency,
                note,
            }),
            _ => Err(errors.into_error()),
        }
    }
}

choices! {
    /// What a list of payments can be narrowed to: a stored status, or one of two that are computed.
    StatusFilter, "a status" {
        Pending = "pending", "Pending";
        Approved = "approved", "Approved";
        Rejected = "rejected", "Rejected";
        Paid = "paid", "Paid";
        /// Pending or approved.
        Open = "open", "Open";
        /// Open, and due before today.
        Overdue = "overdue", "Overdue";
    }
}

/// What the list can be sorted by.
pub const SORTS: &[&str] =
    &["reference", "party", "direction", "issued_on", "due_date", "status", "paid_on", "amount", "currency"];

pub const DEFAULT_SORT: Sort = Sort::descending("due_date");

/// A question to the list, as it stands in an address. Empty fields ask for nothing.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::IntoParams), into_params(parameter_in = Query))]
#[serde(default, deny_unknown_fields)]
pub struct PaymentQuery {
    /// Words that must all occur in reference, party or note; an amount finds that amount.
    pub search: String,
    /// `pending`, `approved`, `rejected`, `paid`, `open` (pending or approved) or `overdue`.
    pub status: String,
    /// `outgoing` or `incoming`.
    pub direction: String,
    /// The vendor or customer, exactly.
    pub party: String,
    /// ISO 4217.
    pub currency: String,
    /// Due on or after this day.
    pub from: String,
    /// Due on or before this day.
    pub to: String,
    /// The id of an import: only the rows that it brought.
    pub import: String,
    /// A column, or `-column` for the largest first; `-due_date` unless said otherwise.
    pub sort: String,
    pub cursor: String,
    /// 1 to 500; 50 unless said otherwise.
    pub limit: String,
}

/// What a list is narrowed down to.
#[derive(Clone, Debug, PartialEq)]
pub struct PaymentFilter {
    /// What is due before this day and open is overdue: today in the organisation's time zone.
    pub today: NaiveDate,
    pub words: Vec<String>,
    pub status: Option<StatusFilter>,
    pub direction: Option<Direction>,
    pub party: Option<String>,
    pub currency: Option<String>,
    pub from: Option<NaiveDate>,
    pub to: Option<NaiveDate>,
    pub import: Option<ImportId>,
}

impl PaymentQuery {
    /// Checks every field and gives all errors at once. `today` is the organisation's.
    pub fn parse(&self, today: NaiveDate) -> Result<Listing<PaymentFilter>, AppError> {
        let mut errors = FieldErrors::default();
        let filter = PaymentFilter {
            today,
            words: search_words(&self.search),
            status: optional(&mut errors, "status", &self.status, str::parse),
            direction: optional(&mut errors, "direction", &self.direction, str::parse),
            party: optional(&mut errors, "party", &self.party, |t| parse_line(t, MAX_PARTY)).flatten(),
            currency: optional(&mut errors, "currency", &self.currency, parse_currency),
            from: optional(&mut errors, "from", &self.from, parse_date),
            to: optional(&mut errors, "to", &self.to, parse_date),
            import: optional(&mut errors, "import", &self.import, |t| {
                t.parse().map_err(|_| "This is not the id of an import.".to_owned())
            }),
        };
        let sort = errors.take("sort", Sort::parse(&self.sort, SORTS, DEFAULT_SORT));
        let limit = errors.take("limit", parse_limit(&self.limit));
        match (sort, limit) {
            (Some(sort), Some(limit)) if errors.is_empty() => {
                let cursor = Some(self.cursor.clone()).filter(|c| !c.is_empty());
                Ok(Listing { filter, sort, cursor, limit })
            }
            _ => Err(errors.into_error()),
        }
    }
}

/// The sums of everything that a filter lets through.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
pub struct PaymentTotals {
    pub count: i64,
    /// By currency.
    pub outgoing: Vec<CurrencySum>,
    pub incoming: Vec<CurrencySum>,
    /// The part of both that is overdue.
    pub overdue_count: i64,
    pub overdue: Vec<CurrencySum>,
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, reason = "tests")]
    use super::*;

    fn form() -> PaymentForm {
        PaymentForm {
            party: "Litware, Inc.".into(),
            issued_on: "2026-10-01".into(),
            due_date: "2026-10-31".into(),
            amount: "100".into(),
            currency: "USD".into(),
            ..Default::default()
        }
    }

    #[test]
    fn a_payment_starts_pending_and_outgoing() {
        let new = form().parse().unwrap();
        assert_eq!((new.status, new.direction, new.paid_on), (PaymentStatus::Pending, Direction::Outgoing, None));
    }

    #[test]
    fn paid_and_the_day_of_payment_belong_together() {
        let paid = PaymentForm { status: "paid".into(), ..form() };
        assert!(paid.parse().unwrap_err().for_field("paid_on").is_some());
        let paid = PaymentForm { paid_on: "2026-10-30".into(), ..paid };
        assert!(paid.parse().is_ok());
        let pending = PaymentForm { status: "pending".into(), ..paid };
        assert!(pending.parse().unwrap_err().for_field("paid_on").is_some());
    }

    #[test]
    fn nothing_is_due_before_it_is_issued() {
        let error = PaymentForm { due_date: "2026-09-30".into(), ..form() }.parse().unwrap_err();
        assert!(error.for_field("due_date").is_some());
    }

    #[test]
    fn what_we_pay_is_approved_first_and_every_step_can_be_taken_back() {
        use PaymentStatus::*;
        assert!(Pending.step_to(Paid, Direction::Outgoing).is_err());
        assert!(Pending.step_to(Paid, Direction::Incoming).is_ok());
        assert!(Rejected.step_to(Paid, Direction::Incoming).is_err());
        for direction in [Direction::Outgoing, Direction::Incoming] {
            for from in PaymentStatus::ALL {
                assert!(from.step_to(*from, direction).is_ok());
                for to in from.next(direction) {
                    let back = to.next(direction).iter().any(|s| s == from || s.next(direction).contains(from));
                    assert!(back, "{from} to {to} is a dead end");
                }
            }
        }
    }
}
