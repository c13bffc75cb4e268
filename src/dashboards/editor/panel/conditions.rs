//! Conditions as rows of field, operator and value. What somebody wrote in the formula language and is more than
//! that stays as it is, as text.

use super::form::Form;
use crate::{
    ui::{Icon, IconName},
    widgets::{choices::FieldChoice, rpc},
};
use leptos::{ev, prelude::*, task::spawn_local};
use serde_json::{Value, json};

/// (operator, what people read), by the catalogue's kind of field.
fn operators(kind: &str) -> &'static [(&'static str, &'static str)] {
    match kind {
        "money" | "number" => &[
            ("=", "is"),
            ("!=", "is not"),
            (">", "is above"),
            (">=", "is at least"),
            ("<", "is below"),
            ("<=", "is at most"),
        ],
        "date" => &[
            (">=", "is from"),
            ("<", "is before"),
            ("older than", "is longer ago than"),
            ("within", "is within the last"),
            ("is empty", "is empty"),
            ("is not empty", "is not empty"),
        ],
        "yes or no" => &[("=", "is")],
        "choice" => &[("=", "is"), ("!=", "is not")],
        _ => &[
            ("=", "is"),
            ("!=", "is not"),
            ("contains", "contains"),
            ("is empty", "is empty"),
            ("is not empty", "is not empty"),
        ],
    }
}

fn text_of<'a>(condition: &'a Value, key: &str) -> Option<&'a str> {
    condition.get(key).and_then(Value::as_str)
}

/// Whether a row can show it.
fn is_simple(condition: &Value) -> bool {
    text_of(condition, "field").is_some()
        && text_of(condition, "operator").is_some()
        && !matches!(condition.get("value"), Some(Value::Array(_) | Value::Object(_)))
}

/// Puts the keyboard there once it is drawn, or on the button that adds a condition.
#[cfg(feature = "hydrate")]
fn focus_on(wanted: String) {
    use leptos::{wasm_bindgen::JsCast, web_sys::HtmlElement};
    request_animation_frame(move || {
        let found =
            [wanted.as_str(), ".conditions > .btn"].map(|wanted| document().query_selector(wanted).ok().flatten());
        let found = found.into_iter().flatten().next().and_then(|element| element.dyn_into::<HtmlElement>().ok());
        let _ = found.map(|element| element.focus());
    });
}

#[cfg(not(feature = "hydrate"))]
fn focus_on(_wanted: String) {}

#[component]
pub fn Conditions(form: Form, name: &'static str) -> impl IntoView {
    let list = move || form.value(name).as_array().cloned().unwrap_or_default();
    let store = move |list: Vec<Value>| form.set(name, if list.is_empty() { Value::Null } else { list.into() });
    let count = Memo::new(move |_| list().len());
    let update = move |n: usize, condition: Value| {
        let mut all = untrack(list);
        if let Some(slot) = all.get_mut(n) {
            *slot = condition;
            store(all);
        }
    };
    let remove = move |n: usize| {
        let mut all = untrack(list);
        if n < all.len() {
            all.remove(n);
            store(all);
            // The button that was pressed is gone.
            focus_on(format!(".conditions .condition:nth-of-type({}) select", n + 1));
        }
    };
    let add = move |_| {
        let mut all = untrack(list);
        let field = untrack(move || form.fields()).into_iter().find(|f| f.groupable);
        let field = field.unwrap_or_else(|| FieldChoice { name: "category".into(), ..FieldChoice::default() });
        let operator = operators(&field.kind).first().map_or("=", |known| known.0);
        let value = if field.kind == "yes or no" { json!(true) } else { json!("") };
        all.push(json!({"field": field.name, "operator": operator, "value": value}));
        let last = all.len();
        store(all);
        focus_on(format!(".conditions .condition:nth-of-type({last}) select"));
    };
    view! {
        <div class="conditions">
            {move || {
                (0..count.get())
                    .map(|n| {
                        let condition = Memo::new(move |_| list().get(n).cloned().unwrap_or_default());
                        view! {
                            <div class="condition">
                                <Condition form n condition update=Callback::new(move |c| update(n, c))/>
                                <button
                                    type="button"
                                    class="btn quiet icon-only"
                                    aria-label=format!("Remove condition {}", n + 1)
                                    on:click=move |_| remove(n)
                                >
                                    <Icon name=IconName::Close/>
                                </button>
                            </div>
                        }
                    })
                    .collect_view()
            }}
            <button type="button" class="btn" on:click=add>
                <Icon name=IconName::Plus/>
                "Add a condition"
            </button>
        </div>
    }
}

#[component]
fn Condition(form: Form, n: usize, condition: Memo<Value>, update: Callback<Value>) -> impl IntoView {
    let simple = Memo::new(move |_| condition.with(is_simple));
    move || {
        if simple.get() {
            row(form, n, condition, update)
        } else {
            let text = move || condition.with(Value::to_string);
            view! { <code class="formula">{text}</code> }.into_any()
        }
    }
}

fn row(form: Form, n: usize, condition: Memo<Value>, update: Callback<Value>) -> AnyView {
    let part = move |key: &'static str| condition.with(|c| text_of(c, key).unwrap_or_default().to_owned());
    let value = move || {
        condition.with(|c| match c.get("value") {
            Some(Value::String(text)) => text.clone(),
            Some(Value::Null) | None => String::new(),
            Some(other) => other.to_string(),
        })
    };
    let kind = Memo::new(move |_| {
        let name = part("field");
        form.fields().into_iter().find(|f| f.name == name).map_or_else(String::new, |f| f.kind)
    });
    let put = move |field: String, operator: String, value: Value| {
        let mut changed = json!({"field": field, "operator": operator});
        if !operator.ends_with("empty") {
            changed["value"] = value;
        }
        update.run(changed);
    };
    let choose_field = move |event: ev::Event| {
        let field = event_target_value(&event);
        let fields = untrack(move || form.fields());
        let kind = fields.into_iter().find(|f| f.name == field).map_or_else(String::new, |f| f.kind);
        let operator = operators(&kind).first().map_or("=", |known| known.0);
        put(field, operator.to_owned(), if kind == "yes or no" { json!(true) } else { json!("") });
    };
    // What the field holds in the records, offered while typing.
    let values = RwSignal::new(Vec::<String>::new());
    let wanted = Memo::new(move |_| {
        let source = form.choices.with(|c| {
            let metric = form.text("metric");
            let of_metric = c.metrics.iter().find(|m| m.code == metric).and_then(|m| m.sources.first().cloned());
            of_metric.unwrap_or_else(|| form.text("source"))
        });
        (source, part("field"))
    });
    Effect::new(move |_| {
        let (source, field) = wanted.get();
        if source.is_empty() {
            return;
        }
        spawn_local(async move {
            let found = rpc::list_values(source, field).await.unwrap_or_default();
            let _ = values.try_set(found);
        });
    });
    let list_id = format!("condition-{n}-values");
    let wrong = move || form.error(&format!("filters[{n}]"));
    let label = move |what: &str| format!("{what} of condition {}", n + 1);
    view! {
        <select class="input" aria-label=label("Field") on:change=choose_field>
            {move || {
                let mut fields = form.fields();
                let now = part("field");
                if !fields.iter().any(|f| f.name == now) {
                    fields.push(FieldChoice { name: now.clone(), label: now, ..FieldChoice::default() });
                }
                fields
                    .into_iter()
                    .map(|f| {
                        let own = f.name.clone();
                        view! {
                            <option value=f.name prop:selected=move || part("field") == own>
                                {f.label}
                            </option>
                        }
                    })
                    .collect_view()
            }}
        </select>
        <select
            class="input"
            aria-label=label("Operator")
            on:change=move |event| {
                let (field, value) = untrack(move || (part("field"), value()));
                put(field, event_target_value(&event), value.into());
            }
        >
            {move || {
                operators(&kind.get())
                    .iter()
                    .map(|(operator, words)| {
                        view! {
                            <option value=*operator prop:selected=move || part("operator") == *operator>
                                {*words}
                            </option>
                        }
                    })
                    .collect_view()
            }}
        </select>
        <input
            class="input"
            type="text"
            aria-label=label("Value")
            list=list_id.clone()
            hidden=move || part("operator").ends_with("empty")
            placeholder=move || match (kind.get().as_str(), part("operator").as_str()) {
                (_, "older than" | "within") => "30 days",
                ("date", _) => "2026-01-31 or now-30d",
                _ => "",
            }
            prop:value=value
            aria-invalid=move || wrong().map(|_| "true")
            aria-describedby="set-filters-error"
            on:input=move |event| {
                let typed = event_target_value(&event);
                let typed = match (kind.get_untracked().as_str(), typed.as_str()) {
                    ("yes or no", "true") => json!(true),
                    ("yes or no", "false") => json!(false),
                    _ => json!(typed),
                };
                let (field, operator) = untrack(move || (part("field"), part("operator")));
                put(field, operator, typed);
            }
        />
        <datalist id=list_id>
            {move || values.get().into_iter().map(|value| view! { <option value=value></option> }).collect_view()}
        </datalist>
    }
    .into_any()
}
