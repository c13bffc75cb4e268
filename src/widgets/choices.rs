//! What settings may name: metrics and sources, for whoever chooses among them.

use serde::{Deserialize, Serialize};

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Choices {
    /// By category and name.
    pub metrics: Vec<MetricChoice>,
    pub sources: Vec<SourceChoice>,
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct MetricChoice {
    pub code: String,
    pub name: String,
    pub description: String,
    /// "USD", "%", "items"; empty for plain numbers.
    pub unit: String,
    /// "Financial".
    pub category: String,
    /// The names of those that it is made of.
    pub sources: Vec<String>,
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct SourceChoice {
    pub name: String,
    pub label: String,
    pub fields: Vec<FieldChoice>,
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct FieldChoice {
    pub name: String,
    pub label: String,
    /// As the catalogue names kinds: "text", "money", "date" …
    pub kind: String,
    /// Whether values may be grouped by it.
    pub groupable: bool,
}

impl Choices {
    /// The metrics that have all of these words, those first whose names are most like them.
    pub fn metrics_named(&self, words: &str) -> Vec<MetricChoice> {
        let mut found: Vec<_> = self.metrics.iter().filter(|metric| metric.matches(words)).cloned().collect();
        found.sort_by_key(|metric| metric.distance(words));
        found
    }

    /// The metric whose name or code this is, in any case.
    pub fn metric_called(&self, words: &str) -> Option<&MetricChoice> {
        self.metrics.iter().find(|metric| metric.is_called(words))
    }

    /// The fields that all of the sources of a metric, or the one source, have; with the first one's labels.
    pub fn fields(&self, metric: Option<&str>, source: Option<&str>) -> Vec<FieldChoice> {
        let names: Vec<&str> = match (metric, source) {
            (Some(code), _) => self
                .metrics
                .iter()
                .find(|m| m.code == code)
                .map(|m| m.sources.iter().map(String::as_str).collect())
                .unwrap_or_default(),
            (None, Some(source)) => vec![source],
            (None, None) => Vec::new(),
        };
        let mut sources = names.iter().filter_map(|name| self.sources.iter().find(|s| s.name == *name));
        let Some(first) = sources.next() else { return Vec::new() };
        let others: Vec<_> = sources.collect();
        let shared = |field: &&FieldChoice| others.iter().all(|s| s.fields.iter().any(|f| f.name == field.name));
        first.fields.iter().filter(shared).cloned().collect()
    }
}

impl MetricChoice {
    fn is_called(&self, words: &str) -> bool {
        let words = words.trim().to_lowercase();
        self.name.to_lowercase() == words || self.code.to_lowercase() == words
    }

    /// How far its name is from what was typed: the same, begun so, holding it, holding each word, or none of it.
    fn distance(&self, words: &str) -> u8 {
        let (name, words) = (self.name.to_lowercase(), words.trim().to_lowercase());
        match () {
            () if self.is_called(&words) => 0,
            () if name.starts_with(&words) => 1,
            () if name.contains(&words) => 2,
            () if words.split_whitespace().all(|word| name.contains(word)) => 3,
            () => 4,
        }
    }

    /// Whether every word is somewhere in what people know of the metric.
    pub fn matches(&self, words: &str) -> bool {
        let text = format!("{} {} {} {} {}", self.name, self.code, self.category, self.unit, self.description);
        let text = text.to_lowercase();
        words.to_lowercase().split_whitespace().all(|word| text.contains(word))
    }
}

#[cfg(feature = "ssr")]
mod server {
    use super::{Choices, FieldChoice, MetricChoice, SourceChoice};
    use crate::{
        accounts::OrganizationSummary,
        error::AppError,
        metrics::{CATEGORIES, ValueFormat, catalogue::SOURCES, sources},
        server::TenantTx,
    };

    /// All that a widget of this organisation may show.
    pub async fn find(tx: &mut TenantTx, organization: &OrganizationSummary) -> Result<Choices, AppError> {
        let metrics = sources::list(tx).await?.into_iter().map(|(definition, sources)| MetricChoice {
            category: CATEGORIES
                .iter()
                .find(|(code, _)| *code == definition.category)
                .map_or(definition.category.clone(), |(_, label)| (*label).to_owned()),
            unit: match definition.format {
                ValueFormat::Currency => organization.base_currency.clone(),
                ValueFormat::Percentage => "%".to_owned(),
                ValueFormat::Duration => "duration".to_owned(),
                ValueFormat::Number => definition.unit.unwrap_or_default(),
            },
            code: definition.code,
            name: definition.name,
            description: definition.description,
            sources: sources.into_iter().map(|source| source.name.to_owned()).collect(),
        });
        let metrics = metrics.collect();
        let field = |field: &crate::metrics::catalogue::Field| FieldChoice {
            name: field.name.to_owned(),
            label: field.label.to_owned(),
            kind: field.kind.name().to_owned(),
            groupable: field.groupable,
        };
        let sources = SOURCES.into_iter().map(|source| SourceChoice {
            name: source.name.to_owned(),
            label: source.label.to_owned(),
            fields: source.fields.iter().map(field).collect(),
        });
        Ok(Choices { metrics, sources: sources.collect() })
    }
}
#[cfg(feature = "ssr")]
pub use server::find;

#[cfg(test)]
mod tests {
    use super::*;

    fn choices() -> Choices {
        let field = |name: &str| FieldChoice { name: name.into(), groupable: true, ..FieldChoice::default() };
        let source = |name: &str, fields: &[&str]| SourceChoice {
            name: name.into(),
            label: name.into(),
            fields: fields.iter().map(|f| field(f)).collect(),
        };
        let metric = |code: &str, sources: &[&str]| MetricChoice {
            code: code.into(),
            name: "Net profit".into(),
            description: "Income less expenses.".into(),
            unit: "USD".into(),
            category: "Financial".into(),
            sources: sources.iter().map(|s| (*s).into()).collect(),
        };
        Choices {
            metrics: vec![metric("one", &["a"]), metric("both", &["a", "b"])],
            sources: vec![source("a", &["category", "status"]), source("b", &["category", "party"])],
        }
    }

    #[test]
    fn only_fields_that_all_sources_of_a_metric_have_can_be_chosen() {
        let names = |metric, source| -> Vec<String> {
            choices().fields(metric, source).into_iter().map(|field| field.name).collect()
        };
        assert_eq!(names(Some("one"), None), ["category", "status"]);
        assert_eq!(names(Some("both"), None), ["category"]);
        assert_eq!(names(None, Some("b")), ["category", "party"]);
        assert!(names(Some("none"), None).is_empty() && names(None, None).is_empty());
    }

    #[test]
    fn the_metric_that_is_named_comes_first() {
        let metric = |name: &str| MetricChoice {
            name: name.into(),
            description: "Cash in and out.".into(),
            ..MetricChoice::default()
        };
        let choices =
            Choices { metrics: ["Cash flow", "Petty cash in", "Cash in"].map(metric).into(), ..Choices::default() };
        let names = |words| choices.metrics_named(words).into_iter().map(|metric| metric.name).collect::<Vec<_>>();
        assert_eq!(names("cash in"), ["Cash in", "Petty cash in", "Cash flow"]);
        assert_eq!(names(""), ["Cash flow", "Petty cash in", "Cash in"], "as they are listed");
    }

    #[test]
    fn a_metric_is_called_by_its_whole_name_or_code_in_any_case() {
        let metric =
            |code: &str, name: &str| MetricChoice { code: code.into(), name: name.into(), ..MetricChoice::default() };
        let metrics = vec![metric("cash_flow_trend", "Cash flow"), metric("cash_in", "Cash in")];
        let choices = Choices { metrics, ..Choices::default() };
        let code = |words| choices.metric_called(words).map(|metric| metric.code.as_str());
        assert_eq!(code(" cash IN "), Some("cash_in"));
        assert_eq!(code("CASH_FLOW_TREND"), Some("cash_flow_trend"));
        assert_eq!(code("cash"), None);
    }

    #[test]
    fn a_metric_is_found_by_any_of_its_words() {
        let metric = &choices().metrics[0];
        assert!(metric.matches("PROFIT usd") && metric.matches("") && metric.matches("less fin"));
        assert!(!metric.matches("profit eur"));
    }
}
