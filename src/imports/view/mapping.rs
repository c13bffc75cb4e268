//! The preview, and everything about it that can be changed before the start.

use super::one::Actions;
use crate::{
    error::AppError,
    format,
    imports::{
        DateOrder, DecimalMark, Encoding, FieldChoice, Import, OnError, OnExisting, Preview, PreviewRow, Separator, rpc,
    },
    ui::{
        ActionForm, Button, ButtonKind, ButtonVariant, ErrorBox, IconName, Resource, SelectField, Skeleton, TableBox,
        action_error, shell::use_viewer,
    },
};
use leptos::{ev, prelude::*, wasm_bindgen::JsCast, web_sys};

#[component]
pub(super) fn Mapping(import: Import, actions: Actions) -> impl IntoView {
    let id = import.id;
    let versions = move || (actions.configure.version().get(), actions.follow.version().get());
    let preview = Resource::new_blocking(versions, move |_| rpc::preview(id));
    view! {
        <Transition fallback=|| {
            view! { <Skeleton rows=8/> }
        }>
            {move || {
                let import = import.clone();
                Suspend::new(async move {
                    match preview.await {
                        Ok(preview) => view! { <Choices import preview actions/> }.into_any(),
                        Err(error) => view! { <ErrorBox error/> }.into_any(),
                    }
                })
            }}
        </Transition>
    }
}

/// A choice was made: keeps it, and the preview follows.
fn follow(event: &ev::Event, actions: Actions) {
    let form = event.current_target().and_then(|form| form.dyn_into::<web_sys::HtmlFormElement>().ok());
    if let Some(form) = form {
        actions.follow.submit(&form);
    }
}

/// The page draws the form again with every preview: the keyboard stays where it was.
fn keep_focus() {
    #[cfg(feature = "hydrate")]
    {
        let held = document().active_element().map(|element| element.id()).filter(|id| !id.is_empty());
        Effect::new(move |_| {
            let lost = document().active_element().is_none_or(|element| element.tag_name() == "BODY");
            let element = held.as_ref().filter(|_| lost).and_then(|id| document().get_element_by_id(id));
            if let Some(element) = element.and_then(|element| element.dyn_into::<web_sys::HtmlElement>().ok()) {
                // Refused only by an element that is not in the page any more.
                let _ = element.focus();
            }
        });
    }
}

/// A list of choices for a select, out of one of the enums.
macro_rules! options {
    ($kind:ty) => {
        <$kind>::ALL.iter().map(|v| (v.as_str().to_owned(), v.label().to_owned())).collect::<Vec<_>>()
    };
}

#[component]
fn Choices(import: Import, preview: Preview, actions: Actions) -> impl IntoView {
    keep_focus();
    let can_edit = use_viewer().with_untracked(|viewer| viewer.role.can_edit());
    let options = preview.options.clone();
    let (error, followed) = (action_error(actions.configure), action_error(actions.follow));
    let error = Signal::derive(move || error.get().or_else(|| followed.get()));
    let notes = list_of("notice warn", "◆", preview.notes.clone());
    let problems = list_of("notice bad", "!", preview.problems.clone());
    let fields = preview
        .fields
        .iter()
        .cloned()
        .map(|field| view! { <FieldRow field header=preview.header.clone() error/> })
        .collect_view();
    let busy: Signal<bool> = actions.configure.pending();
    let id = import.id.to_string();
    let delete_id = id.clone();
    let form = can_edit.then(move || {
        view! {
            <ActionForm action=actions.configure on:change=move |event| follow(&event, actions)>
                <div class="stack">
                    <input type="hidden" name="id" value=id/>
                    <section class="card form">
                        <h2>"How the file is written"</h2>
                        <div class="pair">
                            <SelectField name="separator" label="Separator" options=options!(Separator) value=options.separator.to_string()/>
                            <SelectField name="decimal_mark" label="Decimal mark" options=options!(DecimalMark) value=options.decimal_mark.to_string()/>
                            <SelectField name="date_order" label="Dates" options=options!(DateOrder) value=options.date_order.to_string()/>
                            <SelectField name="encoding" label="Encoding" options=options!(Encoding) value=options.encoding.to_string()/>
                        </div>
                    </section>
                    <section class="card form">
                        <h2>"Which column is what"</h2>
                        <div class="pair mapping">{fields}</div>
                    </section>
                    <section class="card form">
                        <h2>"What to do with the rows"</h2>
                        <div class="pair">
                            <SelectField name="on_error" label="When some rows are wrong" options=options!(OnError) value=options.on_error.to_string()/>
                            <SelectField
                                name="on_existing"
                                label="When a row is stored already"
                                options=options!(OnExisting)
                                value=options.on_existing.to_string()
                                hint="Rows are recognised by their reference."
                            />
                        </div>
                    </section>
                    <div class="row">
                        <Button
                            kind=ButtonKind::Submit
                            variant=ButtonVariant::Primary
                            icon=IconName::Import
                            busy
                            attr:name="intent"
                            attr:value="start"
                        >
                            "Start the import"
                        </Button>
                        <span class="plain-only">
                            <Button kind=ButtonKind::Submit icon=IconName::Refresh busy attr:name="intent" attr:value="preview">
                                "Update the preview"
                            </Button>
                        </span>
                    </div>
                </div>
            </ActionForm>
            <ActionForm action=actions.delete>
                <input type="hidden" name="id" value=delete_id/>
                <Button kind=ButtonKind::Submit variant=ButtonVariant::Quiet icon=IconName::Trash>
                    "Do not import this file"
                </Button>
            </ActionForm>
        }
    });
    view! {
        {problems}
        {notes}
        <PreviewTable preview/>
        {form}
    }
}

fn list_of(class: &'static str, mark: &'static str, texts: Vec<String>) -> impl IntoView {
    (!texts.is_empty()).then(|| {
        let items = texts.into_iter().map(|text| view! { <div>{text}</div> }).collect_view();
        view! {
            <div class=class role="status">
                <span class="mark" aria-hidden="true">
                    {mark}
                </span>
                <div>{items}</div>
            </div>
        }
    })
}

/// One of our fields: the file's column that fills it, and the value where there is none.
#[component]
fn FieldRow(field: FieldChoice, header: Vec<String>, error: Signal<Option<AppError>>) -> impl IntoView {
    let mut columns = vec![(String::new(), "Not in the file".to_owned())];
    columns.extend(header.iter().enumerate().map(|(i, name)| {
        let number = i + 1;
        (format!("#{number}"), if name.is_empty() { format!("Column {number}") } else { name.clone() })
    }));
    let value = field.column.map(|c| format!("#{}", c + 1)).unwrap_or_default();
    let label = if field.required { format!("{} *", field.label) } else { field.label.clone() };
    let key = format!("columns.{}", field.name);
    let field_error =
        Signal::derive(move || error.with(|e| e.as_ref().and_then(|e| e.for_field(&key)).map(str::to_owned)));
    let default_name = format!("values[{}]", field.name);
    let default_label = format!("{}: value for all other rows", field.label);
    let default = field.default.clone().unwrap_or_default();
    // A fixed value makes sense where few values are possible.
    let fixed = if !field.choices.is_empty() {
        let mut choices = vec![(String::new(), "No fixed value".to_owned())];
        choices.extend(field.choices.clone());
        Some(choices)
    } else {
        None
    };
    let is_text = fixed.is_none() && field.name == "currency";
    view! {
        <div class="stack">
            <SelectField name=format!("columns[{}]", field.name) label options=columns value error=field_error/>
            {fixed
                .map(|choices| {
                    view! { <SelectField name=default_name.clone() label=default_label.clone() options=choices value=default.clone()/> }
                })}
            {is_text
                .then(|| {
                    view! {
                        <crate::ui::Field name=default_name.clone() label=default_label.clone() value=default.clone() max_length=3/>
                    }
                })}
        </div>
    }
}

#[component]
fn PreviewTable(preview: Preview) -> impl IntoView {
    // Fields that get nothing at all would only take room.
    let shown: Vec<usize> = preview
        .fields
        .iter()
        .enumerate()
        .filter(|(i, f)| {
            f.column.is_some()
                || f.required
                || preview.rows.iter().any(|r| r.cells.get(*i).is_some_and(|c| !c.text.is_empty() || c.error.is_some()))
        })
        .map(|(i, _)| i)
        .collect();
    let class = |numeric: bool| if numeric { "num" } else { "" };
    let fields = preview.fields.clone();
    let head = shown
        .iter()
        .filter_map(|i| fields.get(*i))
        .map(|f| {
            view! {
                <th scope="col" class=class(f.numeric)>
                    {f.label.clone()}
                </th>
            }
        })
        .collect_view();
    let rows = preview
        .rows
        .iter()
        .map(|row| {
            let row: PreviewRow = row.clone();
            let cells = shown
                .iter()
                .filter_map(|i| Some((row.cells.get(*i)?.clone(), fields.get(*i)?.numeric)))
                .map(|(cell, numeric)| {
                    let bad = cell.error.is_some();
                    view! {
                        <td class=class(numeric) class:cell-bad=bad>
                            {cell.text}
                            {cell.error.map(|reason| view! { <small>{reason}</small> })}
                        </td>
                    }
                })
                .collect_view();
            let is_bad = row.error.is_some();
            view! {
                <tr>
                    <th scope="row" class="num" class:cell-bad=is_bad>
                        {format::number(row.line.into(), 0)}
                        {row.error.map(|reason| view! { <small>{reason}</small> })}
                    </th>
                    {cells}
                </tr>
            }
        })
        .collect_view();
    view! {
        <section class="stack">
            <h2>"The first rows, as they will be stored"</h2>
            <TableBox label="Preview">
                <table class="table tight">
                    <thead>
                        <tr>
                            <th scope="col" class="num">
                                "Line"
                            </th>
                            {head}
                        </tr>
                    </thead>
                    <tbody>{rows}</tbody>
                </table>
            </TableBox>
        </section>
    }
}
