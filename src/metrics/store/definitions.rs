//! Definitions in SQL: the system's, and an organisation's own. Server only.

use crate::{
    accounts::Admin,
    activity::{self, store::NewActivity},
    error::{AppError, FieldErrors},
    ids::MetricId,
    metrics::{
        engine::Definitions,
        model::{CATEGORIES, Definition, Grain, NewDefinition},
        nearest, parse,
    },
    server::{TenantTx, Topic, fault::OnConstraint},
};
use rust_decimal::Decimal;
use serde_json::json;

// Of the versions in effect, an organisation's own one before the system's, then the latest.
macro_rules! in_effect {
    ($condition:literal) => {
        concat!(
            "select distinct on (code) id, code, version, name, description, formula, unit, format, target, \
             warning_threshold, critical_threshold, direction, category, refresh_rate, default_grain, default_group, \
             effective_at, deprecated_at, organization_id is null as system
             from metric_definitions
             where (organization_id is null or organization_id = $1)
               and effective_at <= now() and (deprecated_at is null or deprecated_at > now()) and ",
            $condition,
            " order by code, organization_id nulls last, version desc"
        )
    };
}

/// Every definition in effect, by category and name.
pub async fn list(tx: &mut TenantTx) -> Result<Vec<Definition>, AppError> {
    let organization_id = tx.organization_id();
    let mut definitions: Vec<Definition> =
        sqlx::query_as(in_effect!("true")).bind(organization_id).fetch_all(tx.conn()).await?;
    definitions.sort_by(|a, b| (&a.category, &a.name).cmp(&(&b.category, &b.name)));
    Ok(definitions)
}

/// The definition in effect for `code`.
///
/// # Errors
/// `NotFound` when there is none.
pub async fn find(tx: &mut TenantTx, code: &str) -> Result<Definition, AppError> {
    let organization_id = tx.organization_id();
    let found = sqlx::query_as(in_effect!("code = $2")).bind(organization_id).bind(code).fetch_optional(tx.conn());
    found.await?.ok_or_else(|| unknown(code))
}

pub fn unknown(code: &str) -> AppError {
    AppError::not_found(format!("The metric “{}”", code.chars().take(60).collect::<String>()))
}

/// What is wrong with a code that none of `known` has, with the nearest one that there is.
pub fn lack_of(code: &str, known: &[Definition]) -> Option<String> {
    if known.iter().any(|definition| definition.code == code) {
        return None;
    }
    let hint = nearest(code, known.iter().map(|definition| definition.code.as_str()));
    let hint = hint.map(|code| format!(" Did you mean “{code}”?")).unwrap_or_default();
    let shown: String = code.chars().take(60).collect();
    Some(format!("There is no metric “{shown}” in this organisation.{hint}"))
}

/// What a new version follows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Base {
    /// Nothing: the code must be free.
    New,
    /// This version, which must still be the one in effect.
    Version(i32),
    /// Whatever is there.
    Any,
}

/// Checks and stores a metric of the organisation's own; a code that it has already gets a new version.
///
/// # Errors
/// `Invalid` with every field that is wrong, the formula's places below `formula`; `Conflict` when the version in
/// effect is another than the one that `base` names.
pub async fn create(tx: &mut TenantTx, admin: &Admin, base: Base, new: &NewDefinition) -> Result<Definition, AppError> {
    let stored = insert(tx, base, new).await?;
    let action = if stored.version == 1 { "created" } else { "updated" };
    activity::store::record(
        tx,
        Topic::Metrics,
        NewActivity {
            action,
            entity_type: "metric",
            entity_id: Some(stored.id.0),
            title: format!("{} {action} the metric {}", admin.viewer().name, stored.name),
            metadata: json!({"code": stored.code, "version": stored.version}),
        },
    )
    .await?;
    Ok(stored)
}

/// What [`create`] does, without a word to anybody: for a transaction that is rolled back once the new metric has been
/// asked for its value.
///
/// # Errors
/// As `create`.
pub async fn insert(tx: &mut TenantTx, base: Base, new: &NewDefinition) -> Result<Definition, AppError> {
    check(new)?;
    let known = Definitions::load(tx).await?;
    match (base, known.find(&new.code).ok()) {
        (_, Some(Definition { system: true, .. })) => {
            return Err(AppError::field("code", "This code belongs to a metric of the system. Choose another."));
        }
        (Base::New, Some(_)) => {
            return Err(AppError::field("code", "There is a metric with this code already. Choose another."));
        }
        (Base::Version(base), taken) if taken.is_none_or(|taken| taken.version != base) => {
            return Err(changed_meanwhile());
        }
        _ => {}
    }
    let formula = parse::formula(&new.formula)?;
    let program = known.link(&new.code, &formula)?;
    if program.measures.is_empty() {
        return Err(AppError::field("formula", "This formula measures nothing."));
    }
    if let Some(name) = &new.default_group {
        program.dimension(name).map_err(|error| match error.for_field("group_by") {
            Some(message) => AppError::field("default_group", message),
            None => error,
        })?;
    }
    let (organization_id, user_id) = (tx.organization_id(), tx.user_id());
    sqlx::query(
        "insert into metric_definitions
           (id, organization_id, code, version, name, description, formula, unit, format, target, warning_threshold,
            critical_threshold, direction, category, refresh_rate, default_grain, default_group, created_by)
         select $1, $2, $3, coalesce(max(version), 0) + 1, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17
         from metric_definitions where organization_id = $2 and code = $3",
    )
    .bind(MetricId::new())
    .bind(organization_id)
    .bind(&new.code)
    .bind(new.name.trim())
    .bind(&new.description)
    .bind(formula.to_json())
    .bind(&new.unit)
    .bind(new.format.as_str())
    .bind(new.target)
    .bind(new.warning_threshold)
    .bind(new.critical_threshold)
    .bind(new.direction.as_str())
    .bind(&new.category)
    .bind(new.refresh_rate)
    .bind(new.default_grain.map(Grain::as_str))
    .bind(&new.default_group)
    .bind(user_id)
    .execute(tx.conn())
    .await
    .on_constraint("metric_definitions_version_key", changed_meanwhile)?;
    find(tx, &new.code).await
}

fn changed_meanwhile() -> AppError {
    AppError::conflict("Somebody else has changed this metric meanwhile. Look at their version and try again.")
}

fn check(new: &NewDefinition) -> Result<(), AppError> {
    let mut errors = FieldErrors::default();
    let mut characters = new.code.chars();
    let starts = characters.next().is_some_and(|c| c.is_ascii_lowercase());
    let code = starts && characters.all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_');
    if !code || !(2..=60).contains(&new.code.len()) {
        errors.add("code", "A code is 2 to 60 small letters, digits and _, beginning with a letter.");
    }
    if !(1..=100).contains(&new.name.trim().chars().count()) {
        errors.add("name", "A name has 1 to 100 characters.");
    }
    if new.description.chars().count() > 1000 {
        errors.add("description", "A description has at most 1,000 characters.");
    }
    if new.unit.as_ref().is_some_and(|unit| !(1..=30).contains(&unit.chars().count())) {
        errors.add("unit", "A unit has 1 to 30 characters.");
    }
    for (field, text) in
        [("name", Some(&new.name)), ("description", Some(&new.description)), ("unit", new.unit.as_ref())]
    {
        if text.is_some_and(|text| text.contains('\0')) {
            errors.add(field, "This has a character that no text has (NUL).");
        }
    }
    let most = Decimal::from(10_000_000_000_000_000_u64);
    for (field, value) in [
        ("target", new.target),
        ("warning_threshold", new.warning_threshold),
        ("critical_threshold", new.critical_threshold),
    ] {
        if value.is_some_and(|value| value.abs() >= most) {
            errors.add(field, "This number is too large.");
        }
    }
    if !CATEGORIES.iter().any(|(name, _)| *name == new.category) {
        let names: Vec<_> = CATEGORIES.iter().map(|(name, _)| *name).collect();
        errors.add("category", format!("A category is one of {}.", names.join(", ")));
    }
    if new.refresh_rate < 60 {
        errors.add("refresh_rate", "A metric is refreshed at most once in 60 seconds.");
    }
    if new.default_grain == Some(Grain::Hour) {
        errors.add("default_grain", "The finest grain is a day.");
    }
    errors.into_result()
}
