//! Server functions.

use super::{
    form::MetricForm,
    model::{Comparison, Definition, Explanation, MetricAnswer, TimeRange},
};
use crate::error::AppError;
use crate::wire::Wire;
use leptos::prelude::*;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

#[cfg(feature = "ssr")]
use super::{
    catalogue,
    definitions::{self, Base},
    engine, explain,
    model::MetricQuery,
    range::DEFAULT_RANGE,
    sources,
};
#[cfg(feature = "ssr")]
use crate::{records::forms, server, widgets::draw};
#[cfg(feature = "ssr")]
use leptos::server_fn::ServerFn;

/// A metric and its value over the range that a page shows; the value is absent where it could not be computed.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct MetricRow {
    pub definition: Definition,
    pub answer: Result<MetricAnswer, AppError>,
}

/// Every metric in effect with its value.
#[server(name = ListMetrics, prefix = "/rpc", endpoint = "metrics/list", input = Wire, output = Wire)]
pub async fn list_metrics(range: TimeRange) -> Result<Vec<MetricRow>, AppError> {
    let member = server::member()?;
    let state = server::state()?;
    let mut tx = state.db.tenant(&member).await?;
    let (now, versions) = (chrono::Utc::now(), tx.versions().await?);
    let mut rows = Vec::new();
    for definition in definitions::list(&mut tx).await? {
        let query = MetricQuery { metric: definition.code.clone(), range: range.clone(), ..Default::default() };
        let answer = match state.answers.answer(&mut tx, member.organization(), versions, &query, now).await {
            // The list shows the single value; the points stay on the server.
            Ok(answer) => Ok(MetricAnswer { series: Vec::new(), ..answer }),
            Err(AppError::Unavailable) => return Err(AppError::Unavailable),
            Err(error) => Err(error),
        };
        rows.push(MetricRow { definition, answer });
    }
    Ok(rows)
}

/// All that the page of one metric shows.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct MetricDetails {
    pub explanation: Explanation,
    /// Without its points: those are in the charts.
    pub answer: MetricAnswer,
    /// Its course over time and its groups, as far as it has them.
    pub charts: Vec<MetricChart>,
}

/// A chart, drawn by the server as widgets are.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MetricChart {
    /// "By month".
    pub heading: String,
    pub html: String,
}

/// [`MetricDetails`] as a page's resource. The charts stand in the page's HTML, which hydration leaves alone, and so do not
/// travel beside it once more.
#[derive(Clone, Debug, PartialEq)]
pub struct Hydrated(pub MetricDetails);

impl Serialize for Hydrated {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let MetricDetails { explanation, answer, charts } = &self.0;
        let charts = charts.iter().map(|chart| MetricChart { heading: chart.heading.clone(), html: String::new() });
        let (explanation, answer) = (explanation.clone(), answer.clone());
        MetricDetails { explanation, answer, charts: charts.collect() }.serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Hydrated {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        MetricDetails::deserialize(deserializer).map(Self)
    }
}

/// One metric, explained and computed for `range`.
#[server(name = FindMetricDetails, prefix = "/rpc", endpoint = "metrics/details", input = Wire, output = Wire)]
pub async fn metric_details(
    code: String,
    range: TimeRange,
    comparison: Option<Comparison>,
) -> Result<MetricDetails, AppError> {
    let member = server::member()?;
    let state = server::state()?;
    let mut tx = state.db.tenant(&member).await?;
    let (organization, now, versions) = (member.organization(), chrono::Utc::now(), tx.versions().await?);
    let query = MetricQuery { metric: code, range, comparison, ..Default::default() };
    let explanation = explain::explain(&mut tx, organization, &query, now).await?;
    let mut answer = state.answers.answer(&mut tx, organization, versions, &query, now).await?;
    sources::note_lack(&mut tx, &mut answer, member.editor().is_ok()).await?;
    let mut charts = Vec::new();
    if answer.grain.is_none() && explanation.sources.iter().all(|source| source.date.is_some()) {
        let query = MetricQuery { grain: Some(answer.period.grain()), ..query };
        let course = state.answers.answer(&mut tx, organization, versions, &query, now).await?;
        charts.push(chart(&MetricAnswer { lack: answer.lack, ..course }, comparison));
    }
    if !answer.series.is_empty() {
        charts.push(chart(&answer, comparison));
    }
    Ok(MetricDetails { explanation, answer: MetricAnswer { series: Vec::new(), ..answer }, charts })
}

#[cfg(feature = "ssr")]
fn chart(answer: &MetricAnswer, comparison: Option<Comparison>) -> MetricChart {
    let by =
        answer.grain.map_or_else(|| answer.group_by.clone().unwrap_or_default(), |grain| grain.as_str().to_owned());
    MetricChart { heading: format!("By {}", by.replace('_', " ")), html: draw::chart(answer, comparison) }
}

/// What the page needs to make a metric or to change one.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct MetricEdit {
    pub form: MetricForm,
    /// The version that the form was filled with; empty for a new metric.
    pub base: String,
    /// What formulas may name: each source with its fields.
    pub sources: Vec<(String, String)>,
}

/// The form of the metric `code`; of a new one without a code, filled like the metric `like` if there is one.
#[server(name = EditMetric, prefix = "/rpc", endpoint = "metrics/edit", input = Wire, output = Wire)]
pub async fn edit_metric(code: Option<String>, like: Option<String>) -> Result<MetricEdit, AppError> {
    let member = server::member()?;
    let mut tx = server::state()?.db.tenant(&member).await?;
    let (form, base) = match (code, like) {
        (Some(code), _) => {
            let definition = definitions::find(&mut tx, &code).await?;
            if definition.system {
                return Err(AppError::forbidden("This metric belongs to the system. Make one of your own like it."));
            }
            (MetricForm::from(&definition), definition.version.to_string())
        }
        (None, Some(like)) => {
            let definition = definitions::find(&mut tx, &like).await?;
            let name = format!("{} (copy)", definition.name);
            (MetricForm { code: String::new(), name, ..MetricForm::from(&definition) }, String::new())
        }
        (None, None) => (MetricForm::blank(), String::new()),
    };
    member.admin()?;
    let sources = catalogue::describe().iter().map(|source| (source.name.to_owned(), source.in_words())).collect();
    Ok(MetricEdit { form, base, sources })
}

/// Stores a metric of the organisation's own, or a new version of it; its page follows.
#[server(name = SaveMetric, prefix = "/rpc", endpoint = "metrics/save", output = Wire)]
pub async fn save_metric(#[server(default)] base: String, #[server(flatten)] form: MetricForm) -> Result<(), AppError> {
    let saved = try_save(&base, &form).await;
    match &saved {
        Ok(definition) => leptos_axum::redirect(&format!("/metrics/{}", definition.code)),
        Err(error) => {
            let code: String = form.code.chars().filter(|c| c.is_ascii_alphanumeric() || *c == '_').collect();
            let page = if base.is_empty() { "/metrics/new".to_owned() } else { format!("/metrics/{code}/edit") };
            forms::send_back(<SaveMetric as ServerFn>::PATH, &page, &form, &[("base", base.as_str())], error);
        }
    }
    saved.map(drop)
}

#[cfg(feature = "ssr")]
async fn try_save(base: &str, form: &MetricForm) -> Result<Definition, AppError> {
    let admin = server::member()?.admin()?;
    let base = match base {
        "" => Base::New,
        version => Base::Version(version.parse().map_err(|_| AppError::invalid("This form cannot be read."))?),
    };
    let mut tx = server::state()?.db.tenant(&admin).await?;
    let stored = definitions::create(&mut tx, &admin, base, &form.parse()?).await;
    let stored = stored.map_err(|error| form.locate(error))?;
    tx.commit().await?;
    Ok(stored)
}

/// A metric that is not stored yet: its value, and its formula in words.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct MetricPreview {
    pub answer: MetricAnswer,
    pub words: Option<String>,
}

/// What the metric in the form would show, over the usual range.
#[server(name = PreviewMetric, prefix = "/rpc", endpoint = "metrics/preview", input = Wire, output = Wire)]
pub async fn preview_metric(form: MetricForm) -> Result<MetricPreview, AppError> {
    let admin = server::member()?.admin()?;
    // A name may still have to be typed, and is of no matter to the value.
    let form = if form.name.trim().is_empty() { MetricForm { name: "Preview".into(), ..form } } else { form };
    let new = form.parse()?;
    let mut tx = server::state()?.db.tenant(&admin).await?;
    let query = MetricQuery { metric: new.code.clone(), range: DEFAULT_RANGE.range(), ..Default::default() };
    let (organization, now) = (admin.organization(), chrono::Utc::now());
    definitions::insert(&mut tx, Base::Any, &new).await.map_err(|error| form.locate(error))?;
    let answer = engine::answer(&mut tx, organization, &query, now).await?;
    let words = explain::explain(&mut tx, organization, &query, now).await?.words;
    // Without a commit nothing is kept.
    Ok(MetricPreview { answer: MetricAnswer { series: Vec::new(), ..answer }, words })
}
