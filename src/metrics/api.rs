//! REST routes. Server only.

use super::{
    Filters, alerts, catalogue,
    catalogue::SourceInfo,
    definitions,
    engine::{self, MOST_GROUPS},
    explain, export,
    model::{
        Alert, AlertKind, Comparison, Definition, Explanation, Grain, MetricAnswer, MetricQuery, NewDefinition, Rows,
        RowsQuery, TimeRange,
    },
    rows::MOST_ROWS,
};
use crate::{
    accounts::Member,
    error::AppError,
    page::{self, Page, check_limit},
    server::{
        AppState,
        extract::{Json, Path, Query},
    },
};
use axum::{
    extract::State,
    response::{IntoResponse, Response},
};
use chrono::Utc;
use serde::{Deserialize, Serialize};
use utoipa_axum::{router::OpenApiRouter, routes};

/// The feature's routes, with addresses relative to `/api/v1`.
pub fn router() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(list_metrics, create_metric))
        .routes(routes!(query_metrics))
        .routes(routes!(query_rows))
        .routes(routes!(list_sources))
        .routes(routes!(find_metric))
        .routes(routes!(metric_value))
        .routes(routes!(explain_metric))
        .routes(routes!(list_alerts))
}

/// A list of questions has at most this many.
const MOST_QUESTIONS: usize = 50;

/// One question, or several that are answered from one snapshot after the other.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(untagged)]
enum Questions {
    Several(Vec<serde_json::Value>),
    #[schema(value_type = MetricQuery)]
    One(serde_json::Value),
}

#[derive(Debug, Serialize, utoipa::ToSchema)]
#[serde(untagged)]
#[expect(clippy::large_enum_variant, reason = "serialised at once")]
enum Answers {
    Several(Vec<MetricAnswer>),
    One(MetricAnswer),
}

#[derive(Debug, Default, Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct Form {
    /// `csv`, or `json` (the default).
    format: Option<String>,
}

/// Whether CSV was asked for.
fn wants_csv(format: Option<&str>) -> Result<bool, AppError> {
    match format {
        None | Some("json") => Ok(false),
        Some("csv") => Ok(true),
        Some(_) => Err(AppError::field("format", "A format is json or csv.")),
    }
}

fn csv_response(answer: &MetricAnswer) -> Result<Response, AppError> {
    let disposition = format!("attachment; filename=\"{}.csv\"", answer.code);
    let headers = [
        (http::header::CONTENT_TYPE, "text/csv; charset=utf-8".to_owned()),
        (http::header::CONTENT_DISPOSITION, disposition),
    ];
    Ok((headers, export::csv(answer)?).into_response())
}

/// A question out of JSON, with an error that says what is wrong with it.
fn question(json: serde_json::Value) -> Result<MetricQuery, AppError> {
    let query: MetricQuery =
        serde_json::from_value(json).map_err(|error| AppError::invalid(format!("This is no question: {error}.")))?;
    keeps_limit(query.limit, MOST_GROUPS)?;
    Ok(query)
}

/// Refuses a limit that the engine would make another.
fn keeps_limit(limit: Option<u32>, most: u32) -> Result<(), AppError> {
    if let Some(limit) = limit {
        check_limit(limit, most).map_err(|message| AppError::field("limit", message))?;
    }
    Ok(())
}

/// Ask one question, or several.
#[utoipa::path(
    post, path = "/metrics/query", tag = "metrics", params(Form), request_body = Questions,
    responses((status = 200, body = Answers, description = "The answer, or the answers in the questions’ order"))
)]
async fn query_metrics(
    State(state): State<AppState>,
    member: Member,
    Query(form): Query<Form>,
    Json(questions): Json<Questions>,
) -> Result<Response, AppError> {
    let csv = wants_csv(form.format.as_deref())?;
    let now = Utc::now();
    let mut tx = state.db.tenant(&member).await?;
    let (answers, versions) = (&state.answers, tx.versions().await?);
    match questions {
        Questions::One(json) => {
            let answer = answers.answer(&mut tx, member.organization(), versions, &question(json)?, now).await?;
            if csv { csv_response(&answer) } else { Ok(Json(Answers::One(answer)).into_response()) }
        }
        Questions::Several(_) if csv => Err(AppError::field("format", "A list of answers is given as JSON only.")),
        Questions::Several(list) if list.len() > MOST_QUESTIONS => {
            Err(AppError::invalid(format!("At most {MOST_QUESTIONS} questions at a time.")))
        }
        Questions::Several(list) => {
            let mut found = Vec::with_capacity(list.len());
            for json in list {
                found.push(answers.answer(&mut tx, member.organization(), versions, &question(json)?, now).await?);
            }
            Ok(Json(Answers::Several(found)).into_response())
        }
    }
}

/// Rows of a source, with chosen columns and conditions.
#[utoipa::path(post, path = "/metrics/rows", tag = "metrics", request_body = RowsQuery, responses((status = 200, body = Rows)))]
async fn query_rows(
    State(state): State<AppState>,
    member: Member,
    Json(query): Json<RowsQuery>,
) -> Result<Json<Rows>, AppError> {
    keeps_limit(query.limit, MOST_ROWS)?;
    let mut tx = state.db.tenant(&member).await?;
    engine::rows(&mut tx, member.organization(), &query, Utc::now()).await.map(Json)
}

/// Every metric in effect.
#[utoipa::path(get, path = "/metrics", tag = "metrics", responses((status = 200, body = Page<Definition>)))]
async fn list_metrics(State(state): State<AppState>, member: Member) -> Result<Json<Page<Definition>>, AppError> {
    let mut tx = state.db.tenant(&member).await?;
    Ok(Json(Page { items: definitions::list(&mut tx).await?, next_cursor: None }))
}

/// Create a metric, or a new version of one of the organisation's own.
#[utoipa::path(
    post, path = "/metrics", tag = "metrics", request_body = NewDefinition,
    responses((status = 201, body = Definition), (status = 422, description = "With the place in the formula"))
)]
async fn create_metric(
    State(state): State<AppState>,
    member: Member,
    Json(new): Json<NewDefinition>,
) -> Result<(http::StatusCode, Json<Definition>), AppError> {
    let admin = member.admin()?;
    let mut tx = state.db.tenant(&admin).await?;
    let definition = definitions::create(&mut tx, &admin, definitions::Base::Any, &new).await?;
    tx.commit().await?;
    Ok((http::StatusCode::CREATED, Json(definition)))
}

/// What formulas may name: sources and their fields.
#[utoipa::path(get, path = "/metrics/sources", tag = "metrics", responses((status = 200, body = Vec<SourceInfo>)))]
async fn list_sources(_member: Member) -> Json<Vec<SourceInfo>> {
    Json(catalogue::describe())
}

/// One metric's definition in effect.
#[utoipa::path(get, path = "/metrics/{code}", tag = "metrics", responses((status = 200, body = Definition)))]
async fn find_metric(
    State(state): State<AppState>,
    member: Member,
    Path(code): Path<String>,
) -> Result<Json<Definition>, AppError> {
    let mut tx = state.db.tenant(&member).await?;
    definitions::find(&mut tx, &code).await.map(Json)
}

/// A question that fits into an address.
#[derive(Debug, Default, Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct Asked {
    /// `now-12M/M`, `2026-01-31`.
    from: Option<String>,
    /// Not included.
    to: Option<String>,
    grain: Option<Grain>,
    group_by: Option<String>,
    comparison: Option<Comparison>,
    limit: Option<u32>,
    /// `csv`, or `json` (the default).
    format: Option<String>,
}

impl Asked {
    fn into_query(self, code: String) -> Result<MetricQuery, AppError> {
        keeps_limit(self.limit, MOST_GROUPS)?;
        Ok(MetricQuery {
            metric: code,
            range: TimeRange { from: self.from, to: self.to },
            grain: self.grain,
            group_by: self.group_by,
            filters: Vec::new(),
            narrowed: Filters::default(),
            comparison: self.comparison,
            limit: self.limit,
        })
    }
}

/// One metric's value.
#[utoipa::path(get, path = "/metrics/{code}/value", tag = "metrics", params(Asked), responses((status = 200, body = MetricAnswer)))]
async fn metric_value(
    State(state): State<AppState>,
    member: Member,
    Path(code): Path<String>,
    Query(mut asked): Query<Asked>,
) -> Result<Response, AppError> {
    let csv = wants_csv(asked.format.take().as_deref())?;
    let query = asked.into_query(code)?;
    let mut tx = state.db.tenant(&member).await?;
    let (organization, versions) = (member.organization(), tx.versions().await?);
    let answer = state.answers.answer(&mut tx, organization, versions, &query, Utc::now()).await?;
    if csv { csv_response(&answer) } else { Ok(Json(answer).into_response()) }
}

/// How a metric is computed: in words, with its sources and its statement.
#[utoipa::path(get, path = "/metrics/{code}/explain", tag = "metrics", params(Asked), responses((status = 200, body = Explanation)))]
async fn explain_metric(
    State(state): State<AppState>,
    member: Member,
    Path(code): Path<String>,
    Query(asked): Query<Asked>,
) -> Result<Json<Explanation>, AppError> {
    let query = asked.into_query(code)?;
    let mut tx = state.db.tenant(&member).await?;
    explain::explain(&mut tx, member.organization(), &query, Utc::now()).await.map(Json)
}

#[derive(Debug, Default, Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct AlertForm {
    /// Only these.
    kind: Option<AlertKind>,
    /// 1 to 200; 50 unless given.
    limit: Option<u16>,
    /// The `next_cursor` of the page before.
    cursor: Option<String>,
}

/// What somebody should look at, the worst first.
#[utoipa::path(get, path = "/alerts", tag = "metrics", params(AlertForm), responses((status = 200, body = Page<Alert>)))]
async fn list_alerts(
    State(state): State<AppState>,
    member: Member,
    Query(form): Query<AlertForm>,
) -> Result<Json<Page<Alert>>, AppError> {
    let AlertForm { kind, limit, cursor } = form;
    let (narrowed, limit) = (Filters::default(), u32::from(page::limit(limit)?));
    let mut tx = state.db.tenant(&member).await?;
    alerts::page(&mut tx, member.organization(), kind, &narrowed, limit, cursor.as_deref(), Utc::now()).await.map(Json)
}
