//! The values that a filter may have. Server only.

use super::model::{Choice, Choosing};
use crate::{
    accounts::Member,
    dashboards::{load, page::PageQuery},
    error::AppError,
    metrics::{
        Filters,
        catalogue::{self, Kind, SOURCES, Source},
        narrow, sources,
    },
    server::{AppState, TenantTx},
};

/// The values for a dashboard that somebody looks at: what stands in the organisation's records, all of which its members
/// may list anyway.
///
/// # Errors
/// `NotFound` for a dashboard that is not the person's to see, and for a filter that nothing on it honours.
pub async fn choose(
    state: &AppState,
    member: &Member,
    query: &PageQuery,
    name: &str,
    find: &str,
) -> Result<Choosing, AppError> {
    let colleague = member.colleague()?;
    let mut tx = state.db.tenant(&colleague).await?;
    let offered = load::offered_on(state, member, &colleague, &mut tx, query).await?;
    if !offered.iter().any(|(filter, _)| *filter == name) {
        return Err(AppError::not_found("The filter"));
    }
    let find: String = find.chars().filter(|c| !c.is_control()).take(200).collect();
    list(&mut tx, name, &query.filters, find.trim()).await
}

pub(in crate::dashboards) async fn list(
    tx: &mut TenantTx,
    name: &str,
    chosen: &Filters,
    find: &str,
) -> Result<Choosing, AppError> {
    let field = catalogue::filter(name).ok_or_else(|| AppError::not_found("The filter"))?;
    let with_it: Vec<&'static Source> = SOURCES.into_iter().filter(|source| source.filter(name).is_some()).collect();
    let (found, more) = sources::filter_values(tx, &with_it, name, find).await?;
    let free = field.kind == Kind::Text;
    let of = |value: &str| found.iter().find(|found| found.value == *value);
    // What is chosen stays in view, also what is no record's value.
    let first = chosen.get(name).iter().filter(|value| free || of(value).is_some()).map(|value| Choice {
        value: value.clone(),
        label: narrow::value_label(field, value),
        count: of(value).and_then(|found| found.count),
    });
    let rest = found.iter().filter(|found| !chosen.get(name).contains(&found.value)).map(|found| Choice {
        value: found.value.clone(),
        label: found.label.clone(),
        count: found.count,
    });
    let label = field.as_filter().map_or(field.label, |(_, label)| label);
    Ok(Choosing { name: name.to_owned(), label: label.to_owned(), values: first.chain(rest).collect(), more, free })
}
