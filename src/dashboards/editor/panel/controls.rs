//! One control for each kind of setting.

use super::{conditions::Conditions, form::Form, metric::MetricPicker};
use crate::{
    accounts::Role,
    metrics::QUICK_RANGES,
    widgets::settings::{COLORS, Control, Field},
};
use leptos::prelude::*;
use serde_json::{Value, json};

/// (value, what people read)
type Options = Vec<(String, String)>;

pub fn control(form: Form, field: &'static Field) -> AnyView {
    let name = field.name;
    match field.control {
        Control::Metric => framed(form, field, view! { <MetricPicker form id=id(name)/> }.into_any()),
        Control::Text { max } => framed(form, field, input(form, name, "text", max)),
        Control::Number => framed(form, field, input(form, name, "decimal", 40)),
        Control::Whole { .. } => framed(form, field, input(form, name, "numeric", 10)),
        Control::Markdown { max } => framed(form, field, text_area(form, name, max)),
        Control::Choice { options, none } => {
            let mut all: Options = none.map(|none| (String::new(), none.to_owned())).into_iter().collect();
            all.extend(options.iter().map(|o| (o.value.to_owned(), o.label.to_owned())));
            framed(form, field, select(form, name, Signal::stored(all), move |text| form.set(name, text.into())))
        }
        Control::Source => {
            let options = Signal::derive(move || {
                let mut all = vec![(String::new(), "A metric, by group or period".to_owned())];
                all.extend(form.choices.with(|c| {
                    c.sources.iter().map(|s| (s.name.clone(), format!("Records: {}", s.label))).collect::<Vec<_>>()
                }));
                all
            });
            framed(form, field, select(form, name, options, move |text| choose_source(form, text)))
        }
        Control::Dimension => {
            let options = Signal::derive(move || {
                let fields = form.fields().into_iter().filter(|f| f.groupable).map(|f| (f.name, f.label));
                std::iter::once((String::new(), "The metric’s own".to_owned())).chain(fields).collect()
            });
            framed(form, field, select(form, name, options, move |text| form.set(name, text.into())))
        }
        Control::SortField => {
            let options = Signal::derive(move || sort_options(form));
            framed(form, field, select(form, name, options, move |text| form.set(name, text.into())))
        }
        Control::Columns { .. } => {
            let options = Signal::derive(move || form.fields().into_iter().map(|f| (f.name, f.label)).collect());
            grouped(form, field, ticks(form, name, options, false))
        }
        Control::Choices { options } => {
            let options = options.iter().map(|o| (o.value.to_owned(), o.label.to_owned())).collect();
            grouped(form, field, ticks(form, name, Signal::stored(options), true))
        }
        Control::Roles => {
            let roles = [Role::Member, Role::Viewer, Role::Partner];
            let options = roles.map(|role| (role.as_str().to_owned(), format!("{}s", role.label()))).to_vec();
            grouped(form, field, ticks(form, name, Signal::stored(options), true))
        }
        Control::Flag { default } => flag(form, field, default),
        Control::Color => grouped(form, field, colors(form, name)),
        Control::Range => grouped(form, field, range(form, name)),
        Control::Conditions { .. } => grouped(form, field, view! { <Conditions form name/> }.into_any()),
    }
}

pub fn id(name: &str) -> String {
    format!("set-{name}")
}

/// Label above, hint and error below, tied to the control.
fn framed(form: Form, field: &'static Field, control: AnyView) -> AnyView {
    view! {
        <div class="field">
            <label for=id(field.name)>{field.label}</label>
            {control}
            {notes(form, field)}
        </div>
    }
    .into_any()
}

/// The same around several controls.
fn grouped(form: Form, field: &'static Field, controls: AnyView) -> AnyView {
    view! {
        <fieldset class="field" aria-describedby=format!("set-{0}-error set-{0}-hint", field.name)>
            <legend>{field.label}</legend>
            {controls}
            {notes(form, field)}
        </fieldset>
    }
    .into_any()
}

fn notes(form: Form, field: &'static Field) -> AnyView {
    let error = Memo::new(move |_| form.error(field.name));
    view! {
        {(!field.help.is_empty())
            .then(|| view! { <span class="hint" id=format!("set-{}-hint", field.name)>{field.help}</span> })}
        <span
            class="error"
            id=format!("set-{}-error", field.name)
            role="alert"
            hidden=move || error.with(Option::is_none)
        >
            {move || error.get()}
        </span>
    }
    .into_any()
}

fn described_by(name: &str) -> String {
    format!("set-{name}-error set-{name}-hint")
}

fn input(form: Form, name: &'static str, mode: &'static str, max: usize) -> AnyView {
    view! {
        <input
            class="input"
            id=id(name)
            type="text"
            inputmode=mode
            autocomplete="off"
            maxlength=max.to_string()
            prop:value=move || form.text(name)
            aria-invalid=move || form.error(name).map(|_| "true")
            aria-describedby=described_by(name)
            on:input=move |event| form.set(name, event_target_value(&event).into())
        />
    }
    .into_any()
}

fn text_area(form: Form, name: &'static str, max: usize) -> AnyView {
    view! {
        <textarea
            class="input"
            id=id(name)
            rows="10"
            maxlength=max.to_string()
            prop:value=move || form.text(name)
            aria-invalid=move || form.error(name).map(|_| "true")
            aria-describedby=described_by(name)
            on:input=move |event| form.set(name, event_target_value(&event).into())
        ></textarea>
        <details class="settings-help">
            <summary>"How to write Markdown"</summary>
            <table>
                <tbody>
                    {MARKDOWN
                        .map(|(typed, what)| {
                            view! {
                                <tr>
                                    <td>
                                        <code>{typed}</code>
                                    </td>
                                    <td>{what}</td>
                                </tr>
                            }
                        })
                        .collect_view()}
                </tbody>
            </table>
        </details>
    }
    .into_any()
}

const MARKDOWN: [(&str, &str); 8] = [
    ("# Heading", "a heading; ## is smaller"),
    ("**bold** *italic*", "emphasis"),
    ("- item", "a list; 1. numbers it"),
    ("- [ ] task", "a box; [x] is ticked"),
    ("[words](/payments)", "a link, here or to https://"),
    ("> words", "a quotation"),
    ("| a | b |", "a table, with |---|---| below its head"),
    ("`code`", "as typed"),
];

/// A choice of one. `choose` gets the value of the option.
pub fn select(
    form: Form,
    name: &'static str,
    options: Signal<Options>,
    choose: impl Fn(String) + Copy + 'static,
) -> AnyView {
    view! {
        <select
            class="input"
            id=id(name)
            aria-invalid=move || form.error(name).map(|_| "true")
            aria-describedby=described_by(name)
            on:change=move |event| choose(event_target_value(&event))
        >
            {move || {
                let mut options = options.get();
                let now = form.text(name);
                // What is set stays visible, even where it is not among what could be chosen.
                if !now.is_empty() && !options.iter().any(|(value, _)| *value == now) {
                    options.push((now.clone(), now));
                }
                options
                    .into_iter()
                    .map(|(value, label)| {
                        let own = value.clone();
                        view! {
                            <option value=value prop:selected=move || form.text(name) == own>
                                {label}
                            </option>
                        }
                    })
                    .collect_view()
            }}
        </select>
    }
    .into_any()
}

/// Records have no metric, and a metric no source; what only the other form has is left behind.
fn choose_source(form: Form, source: String) {
    form.change_settings(|settings| {
        for name in ["metric", "source", "columns", "sort", "filters", "group_by", "grain", "comparison"] {
            settings.remove(name);
        }
        for name in ["format", "notation", "decimals", "color", "warning", "critical"] {
            settings.remove(name);
        }
        if !source.is_empty() {
            settings.insert("source".to_owned(), source.into());
        }
    });
}

fn sort_options(form: Form) -> Options {
    let mut options = vec![(String::new(), "As usual for these records".to_owned())];
    for field in form.fields() {
        let (up, down) = match field.kind.as_str() {
            "money" | "number" => ("smallest first", "largest first"),
            "date" => ("earliest first", "latest first"),
            "yes or no" => ("no first", "yes first"),
            _ => ("A to Z", "Z to A"),
        };
        options.push((field.name.clone(), format!("{}, {up}", field.label)));
        options.push((format!("-{}", field.name), format!("{}, {down}", field.label)));
    }
    options
}

/// Boxes to tick, kept as a list. With `all`, nothing set means that all are ticked.
fn ticks(form: Form, name: &'static str, options: Signal<Options>, all: bool) -> AnyView {
    let chosen = move || -> Vec<String> {
        match form.value(name) {
            Value::Array(items) => items.iter().filter_map(|v| v.as_str().map(str::to_owned)).collect(),
            Value::Null if all => options.with(|o| o.iter().map(|(value, _)| value.clone()).collect()),
            _ => Vec::new(),
        }
    };
    let toggle = move |value: &str, on: bool| {
        let mut list = untrack(chosen);
        list.retain(|item| item != value);
        if on {
            list.push(value.to_owned());
        }
        let everything = all && options.with_untracked(|o| o.iter().all(|(value, _)| list.contains(value)));
        // An empty list of roles means nobody else; of columns and layers, the usual ones.
        let nothing = list.is_empty() && name != "roles";
        form.set(name, if everything || nothing { Value::Null } else { json!(list) });
    };
    view! {
        <div class="ticks">
            {move || {
                options
                    .get()
                    .into_iter()
                    .map(|(value, label)| {
                        let own = value.clone();
                        view! {
                            <label class="check">
                                <input
                                    type="checkbox"
                                    prop:checked=move || chosen().contains(&own)
                                    on:change=move |event| toggle(&value, event_target_checked(&event))
                                />
                                <span>{label}</span>
                            </label>
                        }
                    })
                    .collect_view()
            }}
        </div>
    }
    .into_any()
}

fn flag(form: Form, field: &'static Field, default: bool) -> AnyView {
    let name = field.name;
    view! {
        <label class="check">
            <input
                type="checkbox"
                prop:checked=move || form.value(name).as_bool().unwrap_or(default)
                on:change=move |event| form.set(name, event_target_checked(&event).into())
            />
            <span>{field.label}</span>
        </label>
        {notes(form, field)}
    }
    .into_any()
}

fn colors(form: Form, name: &'static str) -> AnyView {
    let usual = move || form.text(name).is_empty();
    let swatches = COLORS
        .into_iter()
        .zip(1_u8..)
        .map(|(label, n)| {
            view! {
                <label class=format!("swatch s{n}") title=label>
                    <input
                        type="radio"
                        name="set-color"
                        aria-label=label
                        prop:checked=move || form.text(name) == n.to_string()
                        on:change=move |_| form.set(name, n.into())
                    />
                </label>
            }
        })
        .collect_view();
    view! {
        <div class="swatches">
            {swatches}
            <label class="check">
                <input type="radio" name="set-color" prop:checked=usual on:change=move |_| form.set(name, Value::Null)/>
                <span>"As usual"</span>
            </label>
        </div>
    }
    .into_any()
}

/// The dashboard's range, a named one, or two ends in the range language.
fn range(form: Form, name: &'static str) -> AnyView {
    let end = move |key: &str| form.value(name).get(key).and_then(Value::as_str).unwrap_or_default().to_owned();
    let named = move || {
        let value = form.value(name);
        let of = |key: &str| value.get(key).and_then(Value::as_str);
        QUICK_RANGES.iter().position(|quick| (quick.from, quick.to) == (of("from"), of("to")))
    };
    // What was chosen by hand stays so while its ends happen to be those of a named range.
    let own = RwSignal::new(form.widget.with_untracked(|w| w.settings.get(name).is_some()) && untrack(named).is_none());
    let choice = move || match form.value(name) {
        Value::Null => "dashboard".to_owned(),
        _ => named().filter(|_| !own.get()).map_or_else(|| "own".to_owned(), |n| n.to_string()),
    };
    let choose = move |text: String| {
        own.set(text == "own");
        match text.parse::<usize>().ok().and_then(|n| QUICK_RANGES.get(n)) {
            Some(quick) => form.set(name, range_of(quick.from, quick.to)),
            None if text == "own" => form.set(name, range_of(Some("now-30d"), Some("now"))),
            None => form.set(name, Value::Null),
        }
    };
    let quick = QUICK_RANGES.iter().enumerate().map(|(n, quick)| (n.to_string(), quick.label.to_owned()));
    let first = ("dashboard".to_owned(), "As the dashboard".to_owned());
    let last = ("own".to_owned(), "From … to …".to_owned());
    let options = std::iter::once(first)
        .chain(quick)
        .chain([last])
        .map(|(value, label)| {
            let own = value.clone();
            view! {
                <option value=value prop:selected=move || choice() == own>
                    {label}
                </option>
            }
        })
        .collect_view();
    let end_input = move |key: &'static str, label: &'static str| {
        view! {
            <input
                class="input"
                type="text"
                aria-label=label
                placeholder="now-30d or 2026-01-31"
                prop:value=move || end(key)
                aria-invalid=move || form.error(name).map(|_| "true")
                on:input=move |event| {
                    let typed = event_target_value(&event);
                    let other = untrack(move || end(if key == "from" { "to" } else { "from" }));
                    let (from, to) = if key == "from" { (typed, other) } else { (other, typed) };
                    form.set(name, range_of(Some(&from), Some(&to)));
                }
            />
        }
    };
    view! {
        <select
            class="input"
            id=id(name)
            aria-label="Time range"
            aria-invalid=move || form.error(name).map(|_| "true")
            on:change=move |event| choose(event_target_value(&event))
        >
            {options}
        </select>
        {move || {
            (choice() == "own")
                .then(|| {
                    view! {
                        <div class="range-ends">
                            {end_input("from", "From, included")} <span aria-hidden="true">"–"</span>
                            {end_input("to", "To, not included")}
                        </div>
                    }
                })
        }}
    }
    .into_any()
}

fn range_of(from: Option<&str>, to: Option<&str>) -> Value {
    let mut range = serde_json::Map::new();
    for (key, text) in [("from", from), ("to", to)] {
        if let Some(text) = text.filter(|text| !text.is_empty()) {
            range.insert(key.to_owned(), text.into());
        }
    }
    Value::Object(range)
}
