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
        shell::use_viewer,
    },
};
use leptos::{ev, prelude::*};

#[component]
pub(super) fn Mapping(import: Import, actions: Actions) -> impl IntoView {
    let id = import.id;
    let preview = Resource::new_blocking(|| (), move |()| rpc::preview(id));
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

/// Whether the choices that the form shows are kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(not(feature = "hydrate"), expect(dead_code, reason = "only browsers send choices"))]
enum Kept {
    All,
    /// They are on their way.
    Soon,
    /// Others are on their way, and these go after them.
    Later,
}

/// A choice was made: it is kept, and the preview follows. The form stays as the person left it meanwhile.
#[cfg(feature = "hydrate")]
fn follow(
    event: &ev::Event,
    id: crate::ids::ImportId,
    actions: Actions,
    preview: RwSignal<Preview>,
    kept: StoredValue<Kept>,
) {
    use leptos::{task, wasm_bindgen::JsCast, web_sys::HtmlFormElement};

    let Some(form) = event.current_target().and_then(|form| form.dyn_into::<HtmlFormElement>().ok()) else { return };
    if kept.get_value() != Kept::All {
        return kept.set_value(Kept::Later);
    }
    kept.set_value(Kept::Soon);
    task::spawn_local(async move {
        loop {
            let followed = match actions.configure.ask(&form).await {
                Ok(()) => rpc::preview(id).await,
                Err(error) => Err(error),
            };
            // The page may have been left, or the import started, meanwhile.
            let Some(now) = kept.try_get_value() else { return };
            actions.followed.set(followed.as_ref().err().cloned());
            if let Ok(new) = followed
                && (now == Kept::Soon || preview.with_untracked(|old| table(old) != table(&new)))
            {
                preview.set(new);
            }
            if now == Kept::Soon {
                return kept.set_value(Kept::All);
            }
            kept.set_value(Kept::Soon);
            // Another table's columns are drawn before they are sent.
            task::tick().await;
        }
    });
}

/// What decides about the file's columns.
fn table(preview: &Preview) -> (Encoding, Separator) {
    (preview.options.encoding, preview.options.separator)
}

/// A list of choices for a select, out of one of the enums.
macro_rules! options {
    ($kind:ty) => {
        <$kind>::ALL.iter().map(|v| (v.as_str().to_owned(), v.label().to_owned())).collect::<Vec<_>>()
    };
}

#[component]
fn Choices(import: Import, preview: Preview, actions: Actions) -> impl IntoView {
    let can_edit = use_viewer().with_untracked(|viewer| viewer.role.can_edit());
    let options = preview.options.clone();
    let preview = RwSignal::new(preview);
    let decimal_mark = Signal::derive(move || preview.with(|p| p.options.decimal_mark.to_string()));
    let date_order = Signal::derive(move || preview.with(|p| p.options.date_order.to_string()));
    let columns_of = Memo::new(move |_| preview.with(table));
    let fields = move || {
        preview.with_untracked(|preview| {
            let columns = column_choices(&preview.header);
            let fields = preview.fields.iter().cloned();
            fields.map(|field| view! { <FieldRow field columns=columns.clone() error=actions.refused/> }).collect_view()
        })
    };
    let busy = actions.busy;
    let id = import.id.to_string();
    let delete_id = id.clone();
    #[cfg(feature = "hydrate")]
    let on_change = {
        let (id, kept) = (import.id, StoredValue::new(Kept::All));
        move |event: ev::Event| follow(&event, id, actions, preview, kept)
    };
    #[cfg(not(feature = "hydrate"))]
    let on_change = |_: ev::Event| ();
    let form = can_edit.then(move || {
        view! {
            <ActionForm action=actions.configure on:change=on_change>
                <div class="stack">
                    <input type="hidden" name="id" value=id/>
                    <section class="card form">
                        <h2>"How the file is written"</h2>
                        <div class="pair choosers">
                            <SelectField name="separator" label="Separator" options=options!(Separator) value=options.separator.to_string()/>
                            <SelectField name="decimal_mark" label="Decimal mark" options=options!(DecimalMark) value=decimal_mark/>
                            <SelectField name="date_order" label="Dates" options=options!(DateOrder) value=date_order/>
                            <SelectField name="encoding" label="Encoding" options=options!(Encoding) value=options.encoding.to_string()/>
                        </div>
                    </section>
                    <section class="card form">
                        <h2>"Which column is what"</h2>
                        <div class="pair mapping">
                            // Another table has other columns, and nothing that was chosen among these.
                            <For each=move || [columns_of.get()] key=|columns| *columns let:_columns>
                                {fields()}
                            </For>
                        </div>
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
        {move || preview.with(|p| list_of("notice bad", "!", p.problems.clone()))}
        {move || preview.with(|p| list_of("notice warn", "◆", p.notes.clone()))}
        {move || view! { <PreviewTable preview=preview.get()/> }}
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

/// The file's columns as they are chosen: by number, and with it where several have one name.
fn column_choices(header: &[String]) -> Vec<(String, String)> {
    let mut choices = vec![(String::new(), "Not in the file".to_owned())];
    choices.extend((1..).zip(header).map(|(number, name)| {
        let is_double = header.iter().filter(|other| *other == name).count() > 1;
        let label = match name.as_str() {
            "" => format!("Column {number}"),
            name if is_double => format!("{name} (column {number})"),
            name => name.to_owned(),
        };
        (format!("#{number}"), label)
    }));
    choices
}

/// One of our fields: the file's column that fills it, and the value where there is none.
#[component]
fn FieldRow(field: FieldChoice, columns: Vec<(String, String)>, error: Signal<Option<AppError>>) -> impl IntoView {
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

fn class_of(field: &FieldChoice) -> &'static str {
    match field.name.as_str() {
        _ if field.numeric => "num",
        "date" | "month" | "issued_on" | "due_date" | "paid_on" => "day",
        _ => "",
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
    let fields = preview.fields.clone();
    let head = shown
        .iter()
        .filter_map(|i| fields.get(*i))
        .map(|f| {
            view! {
                <th scope="col" class=class_of(f)>
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
                .filter_map(|i| Some((row.cells.get(*i)?.clone(), class_of(fields.get(*i)?))))
                .map(|(cell, class)| {
                    let bad = cell.error.is_some();
                    view! {
                        <td class=class class:cell-bad=bad>
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

#[cfg(all(test, feature = "ssr"))]
mod tests {
    use super::*;

    #[test]
    fn columns_of_one_name_are_told_apart_by_their_number() {
        let header = ["Betrag", "", "Datum", "Betrag"].map(str::to_owned);
        let labels = column_choices(&header).into_iter().map(|(_, label)| label).collect::<Vec<_>>();
        assert_eq!(labels, ["Not in the file", "Betrag (column 1)", "Column 2", "Datum", "Betrag (column 4)"]);
    }
}
