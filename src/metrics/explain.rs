//! How an answer comes about: in words, with the sources that it reads and the statement that asks them. Server only.

use super::{
    compile::{fields_of, measures_money},
    engine::{Definitions, Prepared},
    model::*,
    words,
};
use crate::{accounts::OrganizationSummary, error::AppError, server::TenantTx};
use chrono::{DateTime, Utc};

/// Explains what [`super::engine::answer`] would do with the same question, without doing it.
///
/// # Errors
/// As `answer`.
pub async fn explain(
    tx: &mut TenantTx,
    organization: &OrganizationSummary,
    query: &MetricQuery,
    now: DateTime<Utc>,
) -> Result<Explanation, AppError> {
    let definitions = Definitions::load(tx).await?;
    let prepared = Prepared::new(&definitions, organization, query, now)?;
    let references = prepared.formula.references();
    let name_of = |code: &str| definitions.find(code).ok().map(|definition| definition.name.clone());
    let compiled = prepared.compile(tx.organization_id().0, true);
    let formula = &prepared.formula;
    let sources = compiled
        .scans
        .iter()
        .map(|scan| SourceUse {
            source: scan.source.name.to_owned(),
            label: scan.source.label.to_owned(),
            date: scan.date.map(|date| date.label.to_owned()),
            table: scan.table.to_owned(),
        })
        .collect();
    Ok(Explanation {
        words: formula.value.as_ref().map(|value| capital(words::expression(value, &name_of))),
        parts: formula
            .parts
            .iter()
            .map(|part| format!("{}: {}", part.label, words::expression(&part.formula, &name_of)))
            .collect(),
        formula: formula.to_json(),
        reference_names: references.iter().map(|code| name_of(code).unwrap_or_else(|| (*code).to_owned())).collect(),
        references: references.into_iter().map(str::to_owned).collect(),
        sources,
        notes: notes(&prepared, organization),
        sql: compiled.sql.text().to_owned(),
        binds: compiled.sql.binds().iter().map(ToString::to_string).collect(),
        period: prepared.period,
        comparison_period: prepared.comparison,
        definition: prepared.definition,
    })
}

fn capital(words: String) -> String {
    super::catalogue::capitalised(&words)
}

fn notes(prepared: &Prepared, organization: &OrganizationSummary) -> Vec<String> {
    let mut notes = Vec::new();
    let program = &prepared.program;
    if program.measures.iter().any(measures_money) {
        notes.push(format!(
            "Only amounts in {} are counted; amounts in other currencies are left out, never added up.",
            organization.base_currency
        ));
    }
    if program.is_standing() {
        let dated = program.measures.iter().any(|measure| measure.date_field().is_some());
        notes.push(match dated {
            true => "A part of it is of now, so it has no course over time and nothing to compare it with.".into(),
            false => "It is of now: the time range does not change it, and there is nothing to compare it with.".into(),
        });
    } else {
        notes.push(format!("Days and months are cut in the time zone {}.", organization.time_zone));
    }
    if program.measures.iter().any(|measure| measure.source.name == "budgets") {
        notes.push("A month’s budget counts as a whole in the ranges that its first day lies in.".into());
        if program.measures.iter().any(|measure| fields_of(measure).any(|field| field.name == "budgeted")) {
            notes.push("Of the transactions, those of a month and category without a budget are left out.".into());
        }
    }
    notes
}
