//! Puts a page together. Server only.
//!
//! One round trip tells how far the data has moved; what was drawn under the same counters is used as it is, so a page that
//! nothing has changed under runs no metric at all.

use super::{
    cache::{Board, Drawn, Scope, Versions},
    page::*,
    store,
};
use crate::{
    accounts::Member,
    error::AppError,
    metrics::{Comparison, DEFAULT_RANGE, MetricQuery, Period, TimeRange, engine},
    server::{AppState, TenantScope, TenantTx},
    widgets::draw::{self, DrawContext},
};
use chrono::{DateTime, Utc};
use std::{collections::HashMap, sync::Arc};

/// What is asked of every widget of a page.
struct Question {
    range: TimeRange,
    period: Period,
    comparison: Option<Comparison>,
    now: DateTime<Utc>,
    error: Option<String>,
}

impl Question {
    /// A range that cannot be understood gives way to the usual one, and a word about it.
    fn new(query: &PageQuery, member: &Member, now: DateTime<Utc>) -> Result<Self, AppError> {
        let zone = member.organization().time_zone;
        let comparison = query.comparison();
        let range = query.range();
        match range.resolve(now, zone) {
            Ok(period) => Ok(Self { range, period, comparison, now, error: None }),
            Err(error) => {
                let range = DEFAULT_RANGE.range();
                let period = range.resolve(now, zone)?;
                Ok(Self { range, period, comparison, now, error: Some(error.to_string()) })
            }
        }
    }

    fn key(&self, member: &Member) -> Arc<str> {
        let organization = member.organization();
        let today = self.now.with_timezone(&organization.time_zone).date_naive();
        let (range, comparison) = (&self.range, self.comparison);
        let (currency, zone) = (&organization.base_currency, organization.time_zone);
        format!("{range:?} {comparison:?} {today} {currency} {zone}").into()
    }
}

/// The page that `query` asks for.
///
/// # Errors
/// `NotFound` for a dashboard that is not there; a widget's own failure stays in its card.
pub async fn page(state: &AppState, member: &Member, query: &PageQuery) -> Result<PageData, AppError> {
    let question = Question::new(query, member, Utc::now())?;
    let mut tx = state.db.tenant(member).await?;
    let (scope, boards) = open(state, member, &mut tx, &question).await?;
    let tabs = boards.iter().map(|b| Tab { id: b.dashboard.row.id, name: b.dashboard.row.name.clone() }).collect();
    let deleted = match query.deleted {
        Some(id) => store::find_deleted(&mut tx, id).await?.map(|name| Tab { id, name }),
        None => None,
    };
    let Some(board) = choose(&boards, query)? else {
        return Ok(PageData { head: PageHead { tabs, shown: None, deleted }, bodies: Vec::new() });
    };
    let (drawn, transactions) = draw_all(state, member, tx, &scope, board, &question).await?;
    let mut cards = Vec::with_capacity(drawn.len());
    let mut bodies = Vec::with_capacity(drawn.len());
    for (widget, drawn) in board.dashboard.widgets.iter().zip(drawn) {
        let (hash, error, body) = outcome(drawn);
        cards.push(Card {
            id: widget.id,
            kind: widget.kind,
            title: widget.title(),
            metric: widget.settings.metric().map(str::to_owned),
            x: widget.x,
            y: widget.y,
            w: widget.w,
            h: widget.h,
            hash,
            error,
        });
        bodies.push(body);
    }
    let shown = Shown {
        row: board.dashboard.row.clone(),
        range_label: question.range.label(),
        period_label: question.period.label(),
        first_day: question.period.from,
        last_day: question.period.to.and_then(|to| to.pred_opt()),
        range: question.range,
        comparison: question.comparison,
        range_error: question.error,
        transactions,
        cards,
    };
    Ok(PageData { head: PageHead { tabs, shown: Some(shown), deleted }, bodies })
}

/// What has changed on a page that is open in a browser.
pub async fn refresh(
    state: &AppState,
    member: &Member,
    query: &PageQuery,
    version: i64,
    known: Vec<Known>,
) -> Result<Refreshed, AppError> {
    let question = Question::new(query, member, Utc::now())?;
    let mut tx = state.db.tenant(member).await?;
    let (scope, boards) = open(state, member, &mut tx, &question).await?;
    let Some(board) = choose(&boards, query)?.filter(|board| board.dashboard.row.version == version) else {
        return Ok(Refreshed { rearranged: true, ..Refreshed::default() });
    };
    let (drawn, transactions) = draw_all(state, member, tx, &scope, board, &question).await?;
    let known: HashMap<_, _> = known.into_iter().map(|k| (k.id, k.hash)).collect();
    let cards = board
        .dashboard
        .widgets
        .iter()
        .zip(drawn)
        .map(|(widget, drawn)| {
            let (hash, error, body) = outcome(drawn);
            Redrawn { id: widget.id, hash, error, body }
        })
        .filter(|card| known.get(&card.id) != Some(&card.hash))
        .collect();
    Ok(Refreshed { rearranged: false, cards, period_label: question.period.label(), transactions })
}

async fn open(
    state: &AppState,
    member: &Member,
    tx: &mut TenantTx,
    question: &Question,
) -> Result<(Scope, Arc<Vec<Board>>), AppError> {
    let versions = Versions::new(&store::change_counters(tx).await?);
    let organization = member.organization_id();
    let boards = state.dashboards.boards(organization, versions, store::list_whole(tx)).await?;
    Ok((Scope { organization, versions, question: question.key(member) }, boards))
}

/// The dashboard of the address, or the default one; `None` when there is none at all.
fn choose<'a>(boards: &'a [Board], query: &PageQuery) -> Result<Option<&'a Board>, AppError> {
    match query.dashboard {
        None => Ok(boards.first()),
        Some(id) => {
            let found = boards.iter().find(|b| b.dashboard.row.id == id);
            found.map(Some).ok_or_else(|| AppError::not_found("The dashboard"))
        }
    }
}

/// Draws each widget by itself: a statement that fails spoils its transaction, so the next widget gets a new one.
async fn draw_all(
    state: &AppState,
    member: &Member,
    mut tx: TenantTx,
    scope: &Scope,
    board: &Board,
    question: &Question,
) -> Result<(Vec<Result<Drawn, AppError>>, Option<i64>), AppError> {
    let organization = member.organization();
    let context = DrawContext { range: question.range.clone(), comparison: question.comparison, now: question.now };
    let mut drawn = Vec::with_capacity(board.widget_keys.len());
    for (widget, key) in board.dashboard.widgets.iter().zip(&board.widget_keys) {
        let body = draw::body(&mut tx, organization, widget, &context);
        let result = state.dashboards.body(scope, key, body).await;
        if result.is_err() {
            tx = state.db.tenant(member).await?;
        }
        drawn.push(result);
    }
    // How many transactions the page is about is a courtesy: without it the page is still a page.
    let count = async {
        let query =
            MetricQuery { metric: "net_profit".into(), range: question.range.clone(), ..MetricQuery::default() };
        engine::answer(&mut tx, organization, &query, question.now).await.map(|answer| answer.count)
    };
    let transactions = state.dashboards.count(scope, "transactions", count).await.ok();
    Ok((drawn, transactions))
}

fn outcome(drawn: Result<Drawn, AppError>) -> (String, Option<AppError>, Body) {
    match drawn {
        Ok(drawn) => (format!("{:016x}", drawn.hash), None, drawn.body),
        // Never equal to a body's hash, so that the next look replaces the error.
        Err(error) => ("error".into(), Some(error), Body::default()),
    }
}
