//! The first rows of a file as they will be stored, and what a person should look at before the start.

use super::{
    convert::Plan,
    detect::{self, Sample},
    fields::{self, BY_SIGN, Kind},
    model::{
        DecimalMark, Encoding, FieldChoice, ImportOptions, OptionsPatch, PREVIEW_ROWS, Preview, PreviewCell,
        PreviewRow, Target,
    },
    parser::{NOT_UTF8, Record},
    values,
};
use crate::error::{AppError, FieldErrors};

/// Draws up the preview. Refuses a file that cannot be read with these options.
pub fn make(
    target: Target,
    sample: &Sample,
    options: &ImportOptions,
    base_currency: &str,
) -> Result<Preview, AppError> {
    let (header, records) = sample.records(options.encoding, options.separator).map_err(AppError::invalid)?;
    let problems = match Plan::new(target, options, &header, base_currency) {
        Ok(_) => Vec::new(),
        Err(problems) => problems.into_iter().map(|(_, message)| message).collect(),
    };
    let plan = Plan::lenient(target, options, &header, base_currency);
    let rows = records
        .iter()
        .filter(|r| r.fault.is_some() || !r.is_blank())
        .take(PREVIEW_ROWS)
        .map(|record| {
            let examined = plan.examine(record);
            PreviewRow {
                line: i64::try_from(record.line).unwrap_or(i64::MAX),
                cells: examined
                    .values
                    .into_iter()
                    .map(|value| match value {
                        Ok(text) => PreviewCell { text: text.unwrap_or_default(), error: None },
                        Err((text, reason)) => PreviewCell { text, error: Some(reason) },
                    })
                    .collect(),
                error: examined.row_error,
            }
        })
        .collect();
    let fields = plan
        .fields()
        .iter()
        .enumerate()
        .map(|(i, field)| FieldChoice {
            name: field.name.to_owned(),
            label: field.label.to_owned(),
            required: field.required,
            column: options.columns.get(field.name).copied(),
            default: plan.default_of(i).map(str::to_owned),
            choices: choices(target, field),
            numeric: matches!(field.kind, Kind::Amount | Kind::Positive),
        })
        .collect();
    let notes = notes(target, &header, &records, options);
    Ok(Preview { header, fields, rows, notes, problems, options: options.clone() })
}

fn choices(target: Target, field: &fields::Field) -> Vec<(String, String)> {
    let Kind::Choice(choices) = field.kind else { return Vec::new() };
    let mut list: Vec<(String, String)> =
        choices.iter().map(|(value, label, _)| ((*value).to_owned(), (*label).to_owned())).collect();
    if target == Target::Transactions && field.name == "type" {
        list.push((BY_SIGN.to_owned(), "By the sign of the amount".to_owned()));
    }
    list
}

/// The cells of some columns.
fn cells<'a>(records: &'a [Record], columns: &'a [usize]) -> impl Iterator<Item = &'a str> + Clone {
    records.iter().flat_map(move |r| columns.iter().filter_map(move |c| r.cells.get(*c))).map(String::as_str)
}

fn notes(target: Target, header: &[String], records: &[Record], options: &ImportOptions) -> Vec<String> {
    let mut notes = Vec::new();
    if options.encoding == Encoding::Windows1252 {
        notes.push(
            "The file is not UTF-8, so it is read as Windows-1252. Look at letters like é and ü in the preview."
                .to_owned(),
        );
    }
    if let Some(damaged) = records.iter().find(|r| r.fault == Some(NOT_UTF8)) {
        notes.push(format!(
            "The row in line {} has bytes that are not UTF-8, and cannot be stored. If letters of other rows look wrong \
             too, choose another encoding.",
            damaged.line
        ));
    }
    let columns = |wanted: fn(Kind) -> bool| -> Vec<usize> {
        let fields = fields::of(target).iter().filter(|f| wanted(f.kind));
        fields.filter_map(|f| usize::try_from(*options.columns.get(f.name)?).ok()).collect()
    };
    let (dates, numbers) = (
        columns(|kind| matches!(kind, Kind::Date | Kind::Month)),
        columns(|kind| matches!(kind, Kind::Amount | Kind::Positive)),
    );
    if let Some(finding) = detect::date_order(cells(records, &dates), None)
        && finding.is_ambiguous
    {
        notes.push(format!(
            "Each date of the sample could be read in more than one order. They are read {}.",
            options.date_order.label().split(':').next().unwrap_or_default().to_lowercase()
        ));
    }
    if let Some(cell) = detect::ambiguous_number(cells(records, &numbers)) {
        let other = match options.decimal_mark {
            DecimalMark::Point => DecimalMark::Comma,
            DecimalMark::Comma => DecimalMark::Point,
        };
        if let (Ok(read), Ok(other)) = (values::amount(cell, options.decimal_mark), values::amount(cell, other)) {
            notes.push(format!("“{}” is read as {read}. Change the decimal mark if it means {other}.", cell.trim()));
        }
    }
    let doubles = fields::match_columns(target, header).doubles;
    if !doubles.is_empty() {
        notes.push(format!(
            "Several columns have the same name: {}. Choose the right one by its number.",
            doubles.join(", ")
        ));
    }
    if let (Target::Transactions, None, Some(kind)) =
        (target, options.columns.get("type"), options.defaults.get("type"))
    {
        notes.push(match kind.as_str() {
            BY_SIGN => {
                "No column says income or expense: negative amounts become expenses, all others income.".to_owned()
            }
            other => format!("No column says income or expense: every row becomes {other}."),
        });
    }
    if target == Target::Payments && !options.columns.contains_key("direction") {
        let paid = options.defaults.get("direction").is_some_and(|direction| direction == "incoming");
        notes.push(if paid {
            "No column says who pays whom: every row becomes a payment that you receive.".to_owned()
        } else {
            "No column says who pays whom: every row becomes a payment that you make.".to_owned()
        });
    }
    let unused: Vec<&str> = header
        .iter()
        .enumerate()
        .filter(|(i, name)| !name.trim().is_empty() && !options.columns.values().any(|c| usize::try_from(*c) == Ok(*i)))
        .map(|(_, name)| name.trim())
        .collect();
    if !unused.is_empty() {
        notes.push(format!("Not read: {}.", unused.join(", ")));
    }
    if matches!(target, Target::Transactions | Target::Payments) && !options.columns.contains_key("reference") {
        notes.push(
            "Without a column for the reference, importing this file again would store every row again.".to_owned(),
        );
    }
    notes
}

/// Applies a person's changes to the options. A new encoding or separator makes new columns, so those are matched
/// again unless the person names them too.
pub fn patch(
    target: Target,
    sample: &Sample,
    mut options: ImportOptions,
    patch: OptionsPatch,
) -> Result<ImportOptions, AppError> {
    let encoding = patch.encoding.unwrap_or(options.encoding);
    let separator = patch.separator.unwrap_or(options.separator);
    if encoding != options.encoding || separator != options.separator {
        let (on_error, on_existing) = (options.on_error, options.on_existing);
        options = detect::propose_with(target, sample, encoding, Some(separator)).map_err(AppError::invalid)?;
        (options.on_error, options.on_existing) = (on_error, on_existing);
    }
    let (header, _) = sample.records(encoding, separator).map_err(AppError::invalid)?;
    options.decimal_mark = patch.decimal_mark.unwrap_or(options.decimal_mark);
    options.date_order = patch.date_order.unwrap_or(options.date_order);
    options.on_error = patch.on_error.unwrap_or(options.on_error);
    options.on_existing = patch.on_existing.unwrap_or(options.on_existing);
    let mut errors = FieldErrors::default();
    let known = |name: &str| fields::of(target).iter().any(|f| f.name == name);
    for (field, column) in patch.columns {
        if !known(&field) {
            errors.add(format!("columns.{field}"), format!("{} have no field “{field}”.", target.label()));
        } else if column.is_empty() {
            options.columns.remove(&field);
        } else {
            match find_column(&header, &column) {
                Ok(index) => {
                    options.columns.insert(field, index);
                }
                Err(message) => errors.add(format!("columns.{field}"), message),
            }
        }
    }
    for (field, value) in patch.defaults {
        if !known(&field) {
            errors.add(format!("defaults.{field}"), format!("{} have no field “{field}”.", target.label()));
        } else if value.trim().is_empty() {
            options.defaults.remove(&field);
        } else {
            options.defaults.insert(field, value.trim().to_owned());
        }
    }
    errors.into_result()?;
    Ok(options)
}

/// The index of a column that is given by its name, or by its number from 1 as `#3`.
fn find_column(header: &[String], said: &str) -> Result<u32, String> {
    if let Some(number) = said.strip_prefix('#').and_then(|n| n.parse::<u32>().ok()) {
        return match number.checked_sub(1) {
            Some(index) if usize::try_from(index).is_ok_and(|i| i < header.len()) => Ok(index),
            _ => Err(format!("The file has {} columns.", header.len())),
        };
    }
    let wanted = fields::normalize(said);
    let mut exact = (0u32..).zip(header).filter(|(_, name)| name.as_str() == said.trim());
    let mut close = (0u32..).zip(header).filter(|(_, name)| fields::normalize(name) == wanted);
    match (exact.next(), exact.next(), close.next(), close.next()) {
        (Some((index, _)), None, ..) | (None, None, Some((index, _)), None) => Ok(index),
        (None, _, None, _) => Err(format!("The file has no column “{said}”. It has: {}.", header.join(", "))),
        _ => Err(format!("The file has several columns “{said}”. Give the number, like #3.")),
    }
}
