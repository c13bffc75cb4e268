//! What every control of the panel works on.

use crate::{
    dashboards::editing::model::DraftWidget,
    error::AppError,
    widgets::{
        choices::{Choices, FieldChoice},
        rpc,
        settings::{Field, When, schema},
    },
};
use leptos::{prelude::*, task::spawn_local};
use serde_json::{Map, Value};

#[derive(Clone, Copy)]
pub struct Form {
    pub widget: Signal<DraftWidget>,
    on_change: Callback<DraftWidget>,
    /// What saving said.
    errors: Signal<Option<AppError>>,
    /// Whether the widget was just added and its metric's field not left yet.
    pub fresh: RwSignal<bool>,
    /// What drawing the preview said.
    pub drawing: RwSignal<Option<AppError>>,
    pub choices: RwSignal<Choices>,
}

impl Form {
    pub fn new(
        widget: Signal<DraftWidget>,
        on_change: Callback<DraftWidget>,
        errors: Signal<Option<AppError>>,
        fresh: RwSignal<bool>,
    ) -> Self {
        let (drawing, choices) = (RwSignal::new(None), RwSignal::new(Choices::default()));
        Self { widget, on_change, errors, fresh, drawing, choices }
    }

    /// Asks the server what may be named.
    pub fn load_choices(self) {
        Effect::new(move |_| {
            spawn_local(async move {
                // Without them, names are typed; the server still says which are wrong.
                if let Ok(choices) = rpc::list_choices().await {
                    let _ = self.choices.try_set(choices);
                }
            });
        });
    }

    pub fn change(self, change: impl FnOnce(&mut DraftWidget)) {
        let mut widget = self.widget.get_untracked();
        change(&mut widget);
        self.on_change.run(widget);
    }

    /// Null where it is not set.
    pub fn value(self, name: &str) -> Value {
        self.widget.with(|w| w.settings.get(name).cloned().unwrap_or_default())
    }

    /// A text or a number as a field shows it.
    pub fn text(self, name: &str) -> String {
        match self.value(name) {
            Value::String(text) => text,
            Value::Null => String::new(),
            other => other.to_string(),
        }
    }

    pub fn change_settings(self, change: impl FnOnce(&mut Map<String, Value>)) {
        self.change(|widget| {
            if !widget.settings.is_object() {
                widget.settings = Value::Object(Map::new());
            }
            if let Some(settings) = widget.settings.as_object_mut() {
                change(settings);
            }
        });
    }

    /// Null and empty texts take the setting away.
    pub fn set(self, name: &'static str, value: Value) {
        self.change_settings(|settings| match value {
            Value::Null => drop(settings.remove(name)),
            Value::String(text) if text.is_empty() => drop(settings.remove(name)),
            value => drop(settings.insert(name.to_owned(), value)),
        });
    }

    /// Which form of a table it is.
    pub fn when(self) -> When {
        let given = |name: &str| !self.text(name).is_empty();
        if given("source") && !given("metric") { When::WithSource } else { When::WithMetric }
    }

    /// Whether it shows a metric and none is chosen.
    pub fn lacks_metric(self) -> bool {
        let (kind, when) = (self.widget.with(|w| w.kind), self.when());
        let shown = |field: &Field| field.when == When::Always || field.when == when;
        schema(kind).iter().any(|field| field.name == "metric" && shown(field)) && self.text("metric").is_empty()
    }

    /// The fields that its metric's sources share, or its source has.
    pub fn fields(self) -> Vec<FieldChoice> {
        let (metric, source) = (self.text("metric"), self.text("source"));
        let given = |text: String| Some(text).filter(|text| !text.is_empty());
        let (metric, source) = (given(metric), given(source));
        self.choices.with(|choices| choices.fields(metric.as_deref(), source.as_deref()))
    }

    /// What is wrong with a setting or with something in it: `filters[0].value` belongs to `filters`.
    pub fn error(self, name: &str) -> Option<String> {
        if name == "metric" && self.fresh.get() {
            return None;
        }
        let found = self.error_where(|field| {
            field.strip_prefix(name).is_some_and(|rest| rest.is_empty() || rest.starts_with(['.', '[']))
        });
        let found = if name == "metric" { found.and_then(|_| self.unchosen()) } else { found };
        found.or_else(|| {
            // The engine knows no such metric.
            let missing = |e: &Option<AppError>| match e {
                Some(error @ AppError::NotFound { .. }) if name == "metric" => Some(error.to_string()),
                _ => None,
            };
            self.drawing.with(missing)
        })
    }

    /// What is wrong with the metric, to people, who choose it by its name; what the server says is for programs too.
    fn unchosen(self) -> Option<String> {
        let code = self.text("metric");
        if code.is_empty() {
            return Some("Choose a metric from the list.".to_owned());
        }
        // Where it was chosen just now, the error is of what was there before.
        let known = self.choices.with(|c| c.metrics.iter().any(|m| m.code == code));
        (!known).then(|| format!("No metric is called “{code}”. Choose one from the list."))
    }

    fn error_where(self, is_it: impl Fn(&str) -> bool) -> Option<String> {
        let find = |error: &Option<AppError>| match error {
            Some(AppError::Invalid { fields, .. }) => {
                fields.iter().find(|f| is_it(&f.field)).map(|f| f.message.clone())
            }
            _ => None,
        };
        self.drawing.with(find).or_else(|| self.errors.with(find))
    }
}

#[cfg(all(test, feature = "ssr"))]
mod tests {
    use super::*;
    use crate::{ids::WidgetId, widgets::WidgetKind};

    #[test]
    fn a_missing_metric_is_an_error_once_its_field_was_left() {
        Owner::new().with(|| {
            let (id, kind) = (WidgetId::new(), WidgetKind::Kpi);
            let widget = DraftWidget { id, kind, x: 0, y: 0, w: 3, h: 2, pinned: false, settings: Value::Null };
            let errors = widget.check().err();
            let fresh = RwSignal::new(true);
            let form = Form::new(Signal::stored(widget), Callback::new(|_| ()), Signal::stored(errors), fresh);
            assert!(form.lacks_metric());
            assert_eq!(form.error("metric"), None);
            fresh.set(false);
            assert_eq!(form.error("metric").as_deref(), Some("Choose a metric from the list."), "no word of codes");
        });
    }
}
