//! From a row of the file to what will be stored. The preview, the check and the load all use this, so they agree.

use super::{
    fields::{self, BY_SIGN, Field, Kind},
    model::{DateOrder, DecimalMark, ImportOptions, RowError, Target},
    parser::Record,
    values,
};
use crate::records::formula;
use rust_decimal::Decimal;

/// How long a cell may be in an error's report.
const REPORTED_CHARS: usize = 200;

/// How to convert the rows of one file.
#[derive(Clone, Debug)]
pub struct Plan {
    target: Target,
    header: Vec<String>,
    /// For each field of the target, in order.
    columns: Vec<Option<usize>>,
    defaults: Vec<Option<String>>,
    decimal_mark: DecimalMark,
    date_order: DateOrder,
    /// The fields that hold an amount of money and its currency.
    money: Option<(usize, usize)>,
    base_currency: String,
}

/// A row as it will be stored: one value for each field of the target, in their order; dates as ISO, numbers plain.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Converted {
    pub line: u64,
    pub values: Vec<Option<String>>,
    /// What tells it from other rows; `None` where the file gives no reference.
    pub key: Option<String>,
}

/// A row with what is right and what is wrong in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Examined {
    /// For each field: what will be stored, or the cell and why it cannot be.
    pub values: Vec<Result<Option<String>, (String, String)>>,
    /// What is wrong with the row as a whole.
    pub row_error: Option<String>,
}

impl Plan {
    /// Makes a plan, or says all that must be settled first.
    pub fn new(
        target: Target,
        options: &ImportOptions,
        header: &[String],
        base_currency: &str,
    ) -> Result<Self, Vec<(&'static str, String)>> {
        let plan = Self::lenient(target, options, header, base_currency);
        let mut problems = Vec::new();
        for (i, field) in plan.fields().iter().enumerate() {
            if let Some(column) = plan.columns[i]
                && column >= header.len()
            {
                problems.push((field.name, format!("The file has no column {} for “{}”.", column + 1, field.label)));
            }
            if field.required && plan.columns[i].is_none() && plan.defaults[i].is_none() {
                problems.push((
                    field.name,
                    match field.kind {
                        Kind::Choice(_) | Kind::Currency => {
                            format!("Choose the column that holds “{}”, or a value for all rows.", field.label)
                        }
                        _ => format!("Choose the column that holds “{}”.", field.label),
                    },
                ));
            }
            if let Some(default) = &plan.defaults[i]
                && !plan.is_by_sign(i)
                && let Err(reason) = plan.value(field, default)
            {
                problems.push((field.name, format!("The value for “{}”: {reason}", field.label)));
            }
        }
        if problems.is_empty() { Ok(plan) } else { Err(problems) }
    }

    /// A plan that may have gaps; for the preview of a file that is not ready yet.
    pub fn lenient(target: Target, options: &ImportOptions, header: &[String], base_currency: &str) -> Self {
        let fields = fields::of(target);
        let money = fields.iter().position(is_money).zip(fields.iter().position(|f| f.kind == Kind::Currency));
        let columns =
            fields.iter().map(|f| options.columns.get(f.name).and_then(|c| usize::try_from(*c).ok())).collect();
        let defaults = fields
            .iter()
            .map(|f| match options.defaults.get(f.name) {
                Some(text) if !text.trim().is_empty() => Some(text.trim().to_owned()),
                _ => fields::default_value(target, f, base_currency),
            })
            .collect();
        Self {
            target,
            header: header.to_vec(),
            columns,
            defaults,
            decimal_mark: options.decimal_mark,
            date_order: options.date_order,
            money,
            base_currency: base_currency.to_owned(),
        }
    }

    pub fn target(&self) -> Target {
        self.target
    }

    pub fn fields(&self) -> &'static [Field] {
        fields::of(self.target)
    }

    pub fn default_of(&self, field: usize) -> Option<&str> {
        self.defaults[field].as_deref()
    }

    fn is_by_sign(&self, field: usize) -> bool {
        self.target == Target::Transactions
            && self.fields()[field].name == "type"
            && self.defaults[field].as_deref() == Some(BY_SIGN)
    }

    /// The columns of a stored row that this file speaks about. An update leaves the others as they are.
    pub fn updates(&self, name: &str) -> bool {
        let is_read = |name: &str| {
            self.fields().iter().zip(&self.columns).any(|(field, column)| field.name == name && column.is_some())
        };
        match name {
            // A payment is paid exactly when it has a day of payment, so the two change together.
            "status" | "paid_on" => is_read("status") || is_read("paid_on"),
            // An amount means what its type and currency say, so they change with it.
            "type" | "amount" => is_read("type") || is_read("amount"),
            "currency" => is_read("currency") || is_read("amount") || is_read("unit_cost"),
            other => is_read(other),
        }
    }

    /// Looks at every cell of a row.
    pub fn examine(&self, record: &Record) -> Examined {
        let mut row_error = record.fault.map(str::to_owned);
        let extra = record.cells.get(self.header.len()..).is_some_and(|rest| rest.iter().any(|c| !c.trim().is_empty()));
        if row_error.is_none() && (record.cells.len() < self.header.len() || extra) {
            row_error =
                Some(format!("This row has {} cells where the header has {}.", record.cells.len(), self.header.len()));
        }
        let mut values: Vec<_> = self
            .fields()
            .iter()
            .enumerate()
            .map(|(i, field)| {
                let cell = self.text(i, record);
                self.cell(i, field, cell).map_err(|reason| (cell.to_owned(), reason))
            })
            .collect();
        self.settle_currency(record, &mut values);
        match self.target {
            Target::Transactions => self.settle_transaction(&mut values),
            Target::Payments => self.settle_payment(&mut values),
            Target::Materials => self.settle_material(&mut values),
            Target::Budgets | Target::Categories => {}
        }
        Examined { values, row_error }
    }

    /// Converts a row; `None` for one in which every cell is empty, as spreadsheets leave behind.
    pub fn convert(&self, record: &Record) -> Option<Result<Converted, Vec<RowError>>> {
        if record.fault.is_none() && record.is_blank() {
            return None;
        }
        let examined = self.examine(record);
        let line = i64::try_from(record.line).unwrap_or(i64::MAX);
        if let Some(reason) = examined.row_error {
            let value = record.cells.join(char::from(b' ').to_string().as_str());
            return Some(Err(vec![RowError { line, column: String::new(), value: shorten(&value), reason }]));
        }
        let mut values = Vec::with_capacity(examined.values.len());
        let mut errors = Vec::new();
        for (i, value) in examined.values.into_iter().enumerate() {
            match value {
                Ok(value) => values.push(value),
                Err((cell, reason)) => {
                    errors.push(RowError { line, column: self.column_name(i), value: shorten(&cell), reason });
                }
            }
        }
        if !errors.is_empty() {
            return Some(Err(errors));
        }
        let key = self.key(&values);
        Some(Ok(Converted { line: record.line, values, key }))
    }

    /// The file's name for the column of a field; the field's own where the file has none.
    pub fn column_name(&self, field: usize) -> String {
        self.columns[field]
            .and_then(|c| self.header.get(c))
            .cloned()
            .unwrap_or_else(|| self.fields()[field].label.to_owned())
    }

    /// The file's name for the column that holds the key.
    pub fn key_column(&self) -> String {
        let names = fields::key(self.target);
        let parts: Vec<String> = self
            .fields()
            .iter()
            .enumerate()
            .filter(|(_, f)| names.contains(&f.name))
            .map(|(i, _)| self.column_name(i))
            .collect();
        parts.join(", ")
    }

    fn key(&self, values: &[Option<String>]) -> Option<String> {
        let names = fields::key(self.target);
        let mut parts = Vec::with_capacity(names.len());
        for (field, value) in self.fields().iter().zip(values) {
            if names.contains(&field.name) {
                let value = value.as_deref()?;
                // Category names are the same however they are capitalised; references are not.
                parts.push(match self.target {
                    Target::Budgets | Target::Categories => value.to_lowercase(),
                    _ => value.to_owned(),
                });
            }
        }
        Some(parts.join(" · "))
    }

    /// What stands in the row's cell for a field.
    fn text<'a>(&self, index: usize, record: &'a Record) -> &'a str {
        self.columns[index].and_then(|c| record.cells.get(c)).map_or("", |c| c.trim())
    }

    fn cell(&self, index: usize, field: &Field, cell: &str) -> Result<Option<String>, String> {
        let text = match (cell, self.defaults[index].as_deref()) {
            ("", Some(_)) if self.is_by_sign(index) => return Ok(None),
            ("", Some(default)) => default,
            ("", None) if field.required => {
                return Err(match self.columns[index] {
                    Some(_) => "This cell is empty.".into(),
                    None => "No column was chosen for this.".into(),
                });
            }
            ("", None) => return Ok(None),
            (text, _) => text,
        };
        self.value(field, text).map(Some)
    }

    fn value(&self, field: &Field, text: &str) -> Result<String, String> {
        match field.kind {
            Kind::Text(max) => {
                let text = formula::unguarded(text);
                if text.chars().count() > max {
                    return Err(format!("This is longer than {max} characters."));
                }
                Ok(text.to_owned())
            }
            Kind::Date => values::date(text, self.date_order).map(|d| d.to_string()),
            Kind::Month => values::month(text, self.date_order).map(|d| d.to_string()),
            Kind::Amount | Kind::Positive if !is_money(field) && values::written_currency(text).is_some() => {
                Err("This is not a number.".into())
            }
            Kind::Amount => values::amount(text, self.decimal_mark).map(|a| a.to_string()),
            Kind::Positive => match values::amount(text, self.decimal_mark)? {
                negative if negative < Decimal::ZERO => Err("This may not be negative.".into()),
                amount => Ok(amount.to_string()),
            },
            Kind::Currency => {
                let code = match text {
                    "€" => "EUR".to_owned(),
                    "£" => "GBP".to_owned(),
                    other => other.to_ascii_uppercase(),
                };
                if code.len() == 3 && code.bytes().all(|b| b.is_ascii_uppercase()) {
                    Ok(code)
                } else {
                    Err("This is not a currency code of three letters, like EUR.".into())
                }
            }
            Kind::Choice(choices) => {
                let said = text.to_lowercase();
                choices
                    .iter()
                    .find(|(value, _, words)| *value == said || fields::words(words).any(|w| w == said))
                    .map(|(value, ..)| (*value).to_owned())
                    .ok_or_else(|| {
                        let known: Vec<&str> = choices.iter().map(|(value, ..)| *value).collect();
                        format!("This is none of: {}.", known.join(", "))
                    })
            }
        }
    }

    fn position(&self, name: &str) -> Option<usize> {
        self.fields().iter().position(|f| f.name == name)
    }

    /// The currency that is written beside an amount is the row's, unless the row names another.
    fn settle_currency(&self, record: &Record, values: &mut [Result<Option<String>, (String, String)>]) {
        let Some((amount, currency)) = self.money else { return };
        let cell = match (self.text(amount, record), self.defaults[amount].as_deref()) {
            ("", Some(default)) => default,
            (cell, _) => cell,
        };
        let Some(written) = values::written_currency(cell) else { return };
        let (Ok(_), Ok(Some(named))) = (&values[amount], &values[currency]) else { return };
        let meant = values::currencies(written);
        if named == written || meant.contains(&named.as_str()) {
            return;
        }
        // The organisation's own stands in every form as the value for rows that say nothing.
        let is_open = self.text(currency, record).is_empty() && *named == self.base_currency;
        let reason = match meant.first() {
            Some(code) if is_open => {
                values[currency] = Ok(Some((*code).to_owned()));
                return;
            }
            Some(_) => format!("This is in {written}, but the currency of the row is {named}."),
            None => format!("“{written}” is not the code of a currency."),
        };
        values[amount] = Err((cell.to_owned(), reason));
    }

    /// Where the sign decides: a negative amount is an expense, and is stored without the sign.
    fn settle_transaction(&self, values: &mut [Result<Option<String>, (String, String)>]) {
        let (Some(kind), Some(amount)) = (self.position("type"), self.position("amount")) else { return };
        if !self.is_by_sign(kind) || values[kind] != Ok(None) {
            return;
        }
        let Ok(Some(text)) = &values[amount] else { return };
        let (value, kind_of_row) = match text.strip_prefix('-') {
            Some(without_sign) => (without_sign.to_owned(), "expense"),
            None => (text.clone(), "income"),
        };
        values[amount] = Ok(Some(value));
        values[kind] = Ok(Some(kind_of_row.to_owned()));
    }

    /// The worth of what is on the shelf has to be a number that can be summed: the table says below 10^18.
    fn settle_material(&self, values: &mut [Result<Option<String>, (String, String)>]) {
        let number = |name: &str| -> Option<Decimal> {
            values.get(self.position(name)?)?.as_ref().ok()?.as_deref()?.parse().ok()
        };
        let (Some(quantity), Some(unit_cost), Some(cell)) =
            (number("quantity"), number("unit_cost"), self.position("quantity"))
        else {
            return;
        };
        let limit = Decimal::from(1_000_000_000_000_000_000i64);
        if quantity.checked_mul(unit_cost).is_none_or(|worth| worth.abs() >= limit) {
            values[cell] = Err((quantity.to_string(), "Quantity times unit cost is out of range.".into()));
        }
    }

    /// A payment without a due date is due when it is issued, and none is due before; it is paid exactly when it has a day of payment.
    fn settle_payment(&self, values: &mut [Result<Option<String>, (String, String)>]) {
        let (Some(issued), Some(due), Some(status), Some(paid_on)) =
            (self.position("issued_on"), self.position("due_date"), self.position("status"), self.position("paid_on"))
        else {
            return;
        };
        if values[due] == Ok(None)
            && let Ok(Some(day)) = &values[issued]
        {
            values[due] = Ok(Some(day.clone()));
        }
        // Both are written as year, month and day, so that the earlier one sorts first.
        if let (Ok(Some(from)), Ok(Some(to))) = (&values[issued], &values[due])
            && to < from
        {
            values[due] = Err((to.clone(), "This is before the day of issue.".into()));
        }
        let (Ok(said), Ok(day)) = (&values[status], &values[paid_on]) else { return };
        match (said.as_deref(), day) {
            (None, day) => values[status] = Ok(Some(if day.is_some() { "paid" } else { "pending" }.to_owned())),
            (Some("paid"), None) => {
                values[paid_on] = Err((String::new(), "A paid payment needs the day on which it was paid.".into()));
            }
            (Some("paid"), Some(_)) | (Some(_), None) => {}
            (Some(other), Some(day)) => {
                values[paid_on] =
                    Err((day.clone(), format!("There is a day of payment, but the status is “{other}”.")));
            }
        }
    }
}

/// Whether a number is an amount of money, which has a currency.
fn is_money(field: &Field) -> bool {
    matches!(field.name, "amount" | "unit_cost")
}

fn shorten(text: &str) -> String {
    match text.char_indices().nth(REPORTED_CHARS) {
        Some((at, _)) => format!("{}…", &text[..at]),
        None => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, reason = "tests")]
    use super::*;
    use crate::imports::{
        model::{Encoding, OnError, OnExisting, Separator},
        parser::parse_all,
    };

    fn options(target: Target, header: &[String], defaults: &[(&str, &str)]) -> ImportOptions {
        let matching = fields::match_columns(target, header);
        ImportOptions {
            encoding: Encoding::Utf8,
            separator: Separator::Semicolon,
            decimal_mark: DecimalMark::Comma,
            date_order: DateOrder::DayFirst,
            columns: fields::of(target)
                .iter()
                .zip(matching.columns)
                .filter_map(|(f, c)| Some((f.name.to_owned(), u32::try_from(c?).unwrap())))
                .collect(),
            defaults: defaults.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect(),
            on_error: OnError::Nothing,
            on_existing: OnExisting::Update,
        }
    }

    /// Rows as "line: v|v|v" or "line: column=reason".
    fn converted(target: Target, text: &str, defaults: &[(&str, &str)]) -> Vec<String> {
        let mut records = parse_all(text, b';').into_iter();
        let header = records.next().unwrap().cells;
        let plan = Plan::new(target, &options(target, &header, defaults), &header, "USD").unwrap();
        records
            .filter_map(|r| plan.convert(&r))
            .flat_map(|row| match row {
                Ok(row) => {
                    let values: Vec<String> = row.values.into_iter().map(Option::unwrap_or_default).collect();
                    vec![format!("{}: {}", row.line, values.join("|"))]
                }
                Err(errors) => errors.into_iter().map(|e| format!("{}: {}={}", e.line, e.column, e.reason)).collect(),
            })
            .collect()
    }

    #[test]
    fn the_sign_decides_where_it_was_asked_to() {
        assert_eq!(
            converted(
                Target::Transactions,
                "Datum;Betrag\n03.11.2026;-1.234,50\n04.11.2026;10\n;;\n",
                &[("type", "by_sign")]
            ),
            ["2: |2026-11-03|expense|||1234.5|USD|", "3: |2026-11-04|income|||10|USD|"]
        );
    }

    #[test]
    fn the_currency_beside_an_amount_counts() {
        let text = "Datum;Betrag;Währung\n03.11.2026;12,00 EUR;\n03.11.2026;$ 13,00;CAD\n03.11.2026;£14,00;EUR\n\
                    03.11.2026;15 BGN;BGN\n03.11.2026;16 ABC;\n03.11.2026;$17;\n";
        let fixed = [("type", "income")];
        assert_eq!(
            converted(Target::Transactions, text, &fixed),
            [
                "2: |2026-11-03|income|||12|EUR|",
                "3: |2026-11-03|income|||13|CAD|",
                "4: Betrag=This is in £, but the currency of the row is EUR.",
                "5: |2026-11-03|income|||15|BGN|",
                "6: Betrag=“ABC” is not the code of a currency.",
                "7: |2026-11-03|income|||17|USD|",
            ]
        );
        let text = "Datum;Betrag\n03.11.2026;12,00 EUR\n03.11.2026;$13\n";
        assert_eq!(
            converted(Target::Transactions, text, &[("type", "income"), ("currency", "CAD")]),
            ["2: Betrag=This is in EUR, but the currency of the row is CAD.", "3: |2026-11-03|income|||13|CAD|"]
        );
        assert_eq!(
            converted(Target::Materials, "sku;name;quantity;unit cost\n1;A;5;2 €\n2;B;5 €;2\n", &[]),
            ["2: 1|A||5|0|2|EUR", "3: quantity=This is not a number."]
        );
    }

    #[test]
    fn a_type_column_keeps_the_sign_of_a_reversal() {
        assert_eq!(
            converted(Target::Transactions, "Datum;Art;Betrag\n03.11.2026;Haben;-5\n03.11.2026;gift;-5\n", &[]),
            ["2: |2026-11-03|income|||-5|USD|", "3: Art=This is none of: income, expense."]
        );
    }

    #[test]
    fn a_payment_is_paid_exactly_when_it_has_a_day() {
        let text = "ref;vendor;issued;status;paid on;amount\n1;A;01.11.2026;;;1\n2;A;01.11.2026;;02.11.2026;1\n\
                    3;A;01.11.2026;paid;;1\n4;A;01.11.2026;open;02.11.2026;1\n";
        assert_eq!(
            converted(Target::Payments, text, &[]),
            [
                "2: 1|A|outgoing|2026-11-01|2026-11-01|pending||1|USD|",
                "3: 2|A|outgoing|2026-11-01|2026-11-01|paid|2026-11-02|1|USD|",
                "4: paid on=A paid payment needs the day on which it was paid.",
                "5: paid on=There is a day of payment, but the status is “pending”.",
            ]
        );
    }

    #[test]
    fn ragged_rows_and_every_bad_cell_are_told() {
        let text = "ref;Datum;Betrag\n1;01.11.2026\n2;31.02.2026;abc\n3;01.11.2026;1;2\n4;01.11.2026;1;\n";
        assert_eq!(
            converted(Target::Transactions, text, &[("type", "income")]),
            [
                "2: =This row has 2 cells where the header has 3.",
                "3: Datum=This date does not exist: that month has no day 31.",
                "3: Betrag=This is not a number.",
                "4: =This row has 4 cells where the header has 3.",
                "5: 4|2026-11-01|income|||1|USD|",
            ]
        );
    }

    #[test]
    fn what_is_missing_is_asked_for_all_at_once() {
        let header = ["Datum".to_owned()];
        let problems =
            Plan::new(Target::Transactions, &options(Target::Transactions, &header, &[]), &header, "USD").unwrap_err();
        assert_eq!(problems.iter().map(|p| p.0).collect::<Vec<_>>(), ["type", "amount"]);
    }
}
