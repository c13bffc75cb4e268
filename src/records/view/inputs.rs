//! The fields of records' forms and filters, as lists of what differs between them.

use crate::{
    error::AppError,
    ui::{Field, SelectField, TextArea, field_error},
};
use leptos::prelude::*;

/// One field. Text of one line unless said otherwise.
pub struct Input {
    name: &'static str,
    label: &'static str,
    value: Signal<String>,
    kind: Kind,
    placeholder: Option<&'static str>,
    hint: Option<&'static str>,
    required: bool,
    optional: bool,
}

enum Kind {
    Line,
    /// With what was typed there before, from the list that `Suggest` makes.
    Suggested,
    Decimal,
    Currency,
    /// A type of the browser's own: date, month.
    Native(&'static str),
    Choice(Vec<(String, String)>),
    Note,
}

impl Input {
    fn new(name: &'static str, label: &'static str, value: impl Into<Signal<String>>, kind: Kind) -> Self {
        let value = value.into();
        Self { name, label, value, kind, placeholder: None, hint: None, required: false, optional: false }
    }

    pub fn line(name: &'static str, label: &'static str, value: impl Into<Signal<String>>) -> Self {
        Self::new(name, label, value, Kind::Line)
    }

    pub fn suggested(name: &'static str, label: &'static str, value: impl Into<Signal<String>>) -> Self {
        Self::new(name, label, value, Kind::Suggested)
    }

    pub fn decimal(name: &'static str, label: &'static str, value: impl Into<Signal<String>>) -> Self {
        Self::new(name, label, value, Kind::Decimal)
    }

    pub fn date(name: &'static str, label: &'static str, value: impl Into<Signal<String>>) -> Self {
        Self::new(name, label, value, Kind::Native("date"))
    }

    /// Where a browser has no picker of months, `placeholder` shows how one is written.
    pub fn month(
        name: &'static str,
        label: &'static str,
        placeholder: &'static str,
        value: impl Into<Signal<String>>,
    ) -> Self {
        Self { placeholder: Some(placeholder), ..Self::new(name, label, value, Kind::Native("month")) }
    }

    pub fn choice(
        name: &'static str,
        label: &'static str,
        options: Vec<(String, String)>,
        value: impl Into<Signal<String>>,
    ) -> Self {
        Self::new(name, label, value, Kind::Choice(options))
    }

    pub fn currency(value: String) -> Self {
        Self::new("currency", "Currency", value, Kind::Currency).required()
    }

    pub fn note(value: String) -> Self {
        Self::new("note", "Note", value, Kind::Note).optional()
    }

    pub fn required(self) -> Self {
        Self { required: true, ..self }
    }

    /// Says "(optional)" beside the label.
    pub fn optional(self) -> Self {
        Self { optional: true, ..self }
    }

    pub fn hint(self, hint: &'static str) -> Self {
        Self { hint: Some(hint), ..self }
    }

    fn draw(self, error: Signal<Option<String>>) -> AnyView {
        let Self { name, label, value, kind, placeholder, hint, required, optional } = self;
        let hint = hint.map(str::to_owned);
        let (kind, list, input_mode, max_length) = match kind {
            Kind::Choice(options) => {
                return view! { <SelectField name label options value required optional nostrip:hint=hint error/> }
                    .into_any();
            }
            Kind::Note => {
                let value = value.get_untracked();
                return view! { <TextArea name label value required optional nostrip:hint=hint error/> }.into_any();
            }
            Kind::Line => ("text", None, None, None),
            Kind::Suggested => ("text", Some(format!("{name}-list")), None, None),
            Kind::Decimal => ("text", None, Some("decimal"), None),
            Kind::Currency => ("text", None, None, Some(3_u32)),
            Kind::Native(kind) => (kind, None, None, None),
        };
        view! {
            <Field
                name
                label
                value
                kind
                nostrip:hint=hint
                error
                required
                optional
                autocomplete="off"
                nostrip:placeholder=placeholder.map(str::to_owned)
                nostrip:max_length=max_length
                nostrip:input_mode=input_mode
                nostrip:list=list
            />
        }
        .into_any()
    }
}

/// The fields of a form; those of one row stand side by side.
pub fn inputs(rows: Vec<Vec<Input>>, error: Signal<Option<AppError>>) -> AnyView {
    let draw = |input: Input| {
        let error = field_error(error, input.name);
        input.draw(error)
    };
    rows.into_iter()
        .map(|mut row| match row.pop() {
            Some(only) if row.is_empty() => draw(only),
            last => view! { <div class="pair">{row.into_iter().chain(last).map(draw).collect_view()}</div> }.into_any(),
        })
        .collect_view()
        .into_any()
}

/// The fields of a filter, which are never wrong.
pub fn filter_inputs(inputs: Vec<Input>) -> AnyView {
    inputs.into_iter().map(|input| input.draw(Signal::stored(None))).collect_view().into_any()
}
