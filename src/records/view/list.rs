//! Parts of a list's page: its address, filters, headers, totals, and a word about what was just done.

use crate::{
    error::AppError,
    format,
    records::listing::{CurrencySum, Sort, Suggestions, address, to_pairs},
    ui::{
        Button, ButtonKind, ButtonVariant, EmptyState, Icon, IconName, LinkButton, Pager, TableBox, shell::use_viewer,
        use_toasts,
    },
};
use leptos::{
    ev, leptos_dom::helpers::TimeoutHandle, prelude::*, server_fn::ServerFn, task::spawn_local, wasm_bindgen::JsCast,
    web_sys,
};
use leptos_router::{NavigateOptions, hooks::use_navigate, params::ParamsMap};
use serde::Serialize;
use std::time::Duration;

/// How long a pause in typing is taken for its end.
const TYPING: Duration = Duration::from_millis(300);

/// A list at one address: where its links lead.
#[derive(Clone, Debug, PartialEq)]
pub struct ListAddress {
    pub path: &'static str,
    /// The fields of the question that are set.
    pairs: Vec<(String, String)>,
    pub sort: Sort,
}

impl ListAddress {
    pub fn new(path: &'static str, query: &impl Serialize, sorts: &'static [&'static str], default: Sort) -> Self {
        let pairs = to_pairs(query);
        let text = pairs.iter().find(|(name, _)| name == "sort").map_or("", |(_, value)| value);
        let sort = Sort::parse(text, sorts, default).unwrap_or(default);
        Self { path, pairs, sort }
    }

    /// This list with one field set (or, empty, not set), from its first page.
    fn with(&self, name: &str, value: &str) -> String {
        let kept = self.pairs.iter().filter(|(n, _)| n != name && n != "cursor");
        let set = (!value.is_empty()).then_some((name, value));
        address(self.path, kept.map(|(n, v)| (n.as_str(), v.as_str())).chain(set))
    }

    /// From the first page.
    pub fn first(&self) -> String {
        self.with("cursor", "")
    }

    pub fn at(&self, cursor: &str) -> String {
        self.with("cursor", cursor)
    }

    /// Ordered by `column`; the other way round if it is so already. `largest_first` is where a column starts.
    fn sorted_by(&self, column: &str, largest_first: bool) -> String {
        let descending = if self.sort.column == column { !self.sort.descending } else { largest_first };
        self.with("sort", &format!("{}{column}", if descending { "-" } else { "" }))
    }

    fn is_set(&self, name: &str) -> bool {
        self.pairs.iter().any(|(n, _)| n == name)
    }

    pub fn is_first_page(&self) -> bool {
        !self.is_set("cursor")
    }

    /// Whether something narrows the list down.
    pub fn is_filtered(&self) -> bool {
        self.pairs.iter().any(|(name, _)| !matches!(name.as_str(), "sort" | "cursor" | "limit"))
    }

    /// Everything that is filtered, as CSV.
    pub fn export(&self, file: &str) -> String {
        let kept = self.pairs.iter().filter(|(n, _)| n != "cursor" && n != "limit");
        address(file, kept.map(|(n, v)| (n.as_str(), v.as_str())))
    }

    /// The question as it stands in the address, less its question mark.
    pub fn query(&self) -> String {
        address("", self.pairs.iter().map(|(n, v)| (n.as_str(), v.as_str()))).trim_start_matches('?').to_owned()
    }

    /// The page of one record, which leads back to this list as it is.
    pub fn record(&self, id: impl ToString) -> String {
        let back = self.query();
        address(
            &format!("{}/{}", self.path, id.to_string()),
            Some(("back", back.as_str())).filter(|(_, back)| !back.is_empty()),
        )
    }
}

/// A column of a list.
pub struct Column {
    label: &'static str,
    /// Numbers stand at the right, and the largest come first.
    number: bool,
    /// What the list is ordered by when the heading is pressed.
    sort: Option<&'static str>,
}

impl Column {
    pub const fn text(label: &'static str) -> Self {
        Self { label, number: false, sort: None }
    }

    pub const fn number(label: &'static str) -> Self {
        Self { label, number: true, sort: None }
    }

    pub const fn by(self, sort: &'static str) -> Self {
        Self { sort: Some(sort), ..self }
    }

    fn heading(&self, list: &ListAddress) -> impl IntoView + use<> {
        let Self { label, number, sort } = *self;
        let sorted = sort.is_some_and(|sort| sort == list.sort.column);
        let sorted = sorted.then_some(if list.sort.descending { "descending" } else { "ascending" });
        let text = match sort {
            Some(sort) => view! { <a href=list.sorted_by(sort, number)>{label}</a> }.into_any(),
            None => label.into_any(),
        };
        view! {
            <th scope="col" class=number.then_some("num") aria-sort=sorted>
                {text}
            </th>
        }
    }
}

/// The columns' headings.
pub fn headings(list: &ListAddress, columns: &[Column]) -> AnyView {
    columns.iter().map(|column| column.heading(list)).collect_view().into_any()
}

/// A row of sums below a list whose amounts stand after `before` columns and before `after` others. None for no sums.
pub fn sums_row(
    label: &'static str,
    sums: Vec<CurrencySum>,
    (before, after): (u8, u8),
    (one, many): (&str, &str),
) -> Option<AnyView> {
    let count = format::count(sums.iter().map(|sum| sum.count).sum(), one, many);
    (!sums.is_empty()).then(|| {
        view! {
            <tr>
                <th scope="row" colspan=(before > 1).then(|| before.to_string())>
                    {label}
                </th>
                <td class="num">
                    <Sums sums/>
                </td>
                <td colspan=after.to_string() class="muted">
                    {count}
                </td>
            </tr>
        }
        .into_any()
    })
}

/// The search box and filters over a list. A plain GET form; in the browser it follows every change at once.
#[component]
pub fn Filters(#[prop(into)] list: Signal<ListAddress>, children: Children) -> impl IntoView {
    let navigate = use_navigate();
    let timer = StoredValue::new(None::<TimeoutHandle>);
    let path = list.with_untracked(|list| list.path);
    let stop = move || {
        if let Some(waiting) = timer.try_update_value(Option::take).flatten() {
            waiting.clear();
        }
    };
    let go = move |form: &web_sys::HtmlFormElement| {
        if let Some(to) = form_address(path, form) {
            navigate(&to, NavigateOptions { replace: true, scroll: false, ..Default::default() });
        }
    };
    let (on_submit, on_change, on_input) = (go.clone(), go.clone(), go);
    view! {
        <form
            class="filters"
            method="get"
            action=path
            role="search"
            on:submit=move |event: ev::SubmitEvent| {
                stop();
                if let Some(form) = form_of(&event) {
                    event.prevent_default();
                    on_submit(&form);
                }
            }
            on:change=move |event: ev::Event| {
                stop();
                if let Some(form) = form_of(&event) {
                    on_change(&form);
                }
            }
            on:input=move |event: ev::Event| {
                stop();
                if let Some(form) = form_of(&event) {
                    let on_input = on_input.clone();
                    let handle = set_timeout_with_handle(move || on_input(&form), TYPING);
                    timer.set_value(handle.ok());
                }
            }
        >
            {children()}
            // On phones, fields other than the search are shown on demand.
            <label class="btn more-filters">
                <input type="checkbox"/>
                <Icon name=IconName::Filter/>
                "Filters"
            </label>
            <input
                type="hidden"
                name="sort"
                value=move || list.with(|list| if list.is_set("sort") { list.sort.to_string() } else { String::new() })
            />
            <div class="row">
                <span class="plain-only">
                    <Button kind=ButtonKind::Submit>"Apply"</Button>
                </span>
                <span class:idle=move || !list.with(|list| list.is_filtered())>
                    <LinkButton href=path variant=ButtonVariant::Quiet>
                        "Clear"
                    </LinkButton>
                </span>
            </div>
        </form>
    }
}

/// The form that an event came to.
fn form_of(event: &ev::Event) -> Option<web_sys::HtmlFormElement> {
    event.current_target()?.dyn_into().ok()
}

/// Where a GET form would lead, less its empty fields.
fn form_address(path: &str, form: &web_sys::HtmlFormElement) -> Option<String> {
    let data = web_sys::FormData::new_with_form(form).ok()?;
    let fields = web_sys::UrlSearchParams::new_with_str_sequence_sequence(&data).ok()?.to_string();
    let fields: Vec<String> =
        String::from(fields).split('&').filter(|f| !f.ends_with('=') && !f.is_empty()).map(str::to_owned).collect();
    Some(if fields.is_empty() { path.to_owned() } else { format!("{path}?{}", fields.join("&")) })
}

/// The box to search in.
#[component]
pub fn SearchField(#[prop(into)] value: Signal<String>, placeholder: &'static str) -> impl IntoView {
    view! {
        <div class="field wide">
            <label for="search">"Search"</label>
            <input
                class="input"
                id="search"
                name="search"
                type="search"
                placeholder=placeholder
                maxlength="200"
                autocomplete="off"
                value=move || value.get()
            />
        </div>
    }
}

/// A cell of free text. Phones, which show no headings, name it by `label`.
pub fn text_cell(label: &'static str, text: impl Into<Option<String>>) -> AnyView {
    let text: Option<String> = text.into();
    let text = text.filter(|text| !text.is_empty());
    let label = text.is_some().then_some(label);
    view! {
        <td class="text" data-label=label>
            {text}
        </td>
    }
    .into_any()
}

/// A list as a table, with its totals and the way through its pages. `head`, `foot` and `rows` are table rows.
#[component]
pub fn RecordTable(
    label: &'static str,
    list: ListAddress,
    next_cursor: Option<String>,
    /// "4,012 payments".
    summary: String,
    head: AnyView,
    foot: AnyView,
    rows: Vec<AnyView>,
) -> impl IntoView {
    let first = (!list.is_first_page()).then(|| list.first());
    let next = next_cursor.as_deref().map(|cursor| list.at(cursor));
    view! {
        <TableBox label>
            <table class="table records">
                <thead>
                    <tr>{head}</tr>
                </thead>
                <tbody>{rows}</tbody>
                <tfoot>{foot}</tfoot>
            </table>
        </TableBox>
        <Pager summary next=Signal::stored(next) first=Signal::stored(first)/>
    }
}

/// Suggestions for `fields`: the `list` of the field "category" is `category-list`.
#[component]
pub fn Suggest(suggestions: Suggestions, fields: &'static [&'static str]) -> impl IntoView {
    fields
        .iter()
        .map(|field| {
            let values = suggestions.get(*field).cloned().unwrap_or_default();
            let options = values.into_iter().map(|value| view! { <option value=value></option> }).collect_view();
            view! { <datalist id=format!("{field}-list")>{options}</datalist> }
        })
        .collect_view()
}

/// Sums, a line for each currency; a dash for none.
#[component]
pub fn Sums(sums: Vec<CurrencySum>) -> impl IntoView {
    if sums.is_empty() {
        return view! { <span class="muted">"–"</span> }.into_any();
    }
    sums.into_iter()
        .map(|sum| view! { <span class="block">{format::money(sum.amount, &sum.currency)}</span> })
        .collect_view()
        .into_any()
}

/// The buttons beside a list's heading.
#[component]
pub fn ListActions(
    #[prop(into)] list: Signal<ListAddress>,
    /// "Add payment"; without one, nothing is added by a page of its own.
    add: Option<&'static str>,
    /// The API's file.
    file: &'static str,
    /// The importer's word for this kind; without one, it takes no files of it.
    import: Option<&'static str>,
) -> impl IntoView {
    let can_edit = use_viewer().with_untracked(|viewer| viewer.role.can_edit());
    let new = list.with_untracked(|list| format!("{}/new", list.path));
    view! {
        <LinkButton
            href=Signal::derive(move || list.with(|list| list.export(file)))
            icon=IconName::Download
            external=true
        >
            "Export"
        </LinkButton>
        {import
            .filter(|_| can_edit)
            .map(|kind| {
                view! {
                    <LinkButton href=format!("/imports/new?target={kind}") icon=IconName::Import>
                        "Import"
                    </LinkButton>
                }
            })}
        {add
            .filter(|_| can_edit)
            .map(|add| {
                view! {
                    <LinkButton href=new variant=ButtonVariant::Primary icon=IconName::Plus>
                        {add}
                    </LinkButton>
                }
            })}
    }
}

/// For a list without rows: nothing yet, and how to begin; or nothing that matches, and how to see all again.
#[component]
pub fn Matches(
    list: ListAddress,
    /// "No payments yet".
    title: &'static str,
    /// What they are good for.
    text: &'static str,
    add: Option<&'static str>,
    import: Option<&'static str>,
) -> impl IntoView {
    let can_edit = use_viewer().with_untracked(|viewer| viewer.role.can_edit());
    if list.is_filtered() || !list.is_first_page() {
        return view! {
            <EmptyState title="Nothing matches" text="No record fits the search and the filters.">
                <LinkButton href=list.path>"Clear the filters"</LinkButton>
            </EmptyState>
        }
        .into_any();
    }
    view! {
        <EmptyState title text>
            {import
                .filter(|_| can_edit)
                .map(|kind| {
                    view! {
                        <LinkButton
                            href=format!("/imports/new?target={kind}")
                            variant=ButtonVariant::Primary
                            icon=IconName::Import
                        >
                            "Import a file"
                        </LinkButton>
                    }
                })}
            {add
                .filter(|_| can_edit)
                .map(|add| {
                    view! {
                        <LinkButton href=format!("{}/new", list.path) icon=IconName::Plus>
                            {add}
                        </LinkButton>
                    }
                })}
        </EmptyState>
    }
    .into_any()
}

/// What was just done to a record of a list, as the list's address tells.
#[derive(Clone, Debug, PartialEq)]
pub enum Outcome {
    Saved(String),
    Deleted(String),
    Restored(String),
}

/// Reads the outcome from a list's address.
pub fn outcome(address: &ParamsMap) -> Option<Outcome> {
    if let Some(id) = address.get("deleted") {
        Some(Outcome::Deleted(id))
    } else if let Some(id) = address.get("restored") {
        Some(Outcome::Restored(id))
    } else {
        address.get("saved").map(Outcome::Saved)
    }
}

impl Outcome {
    fn text(&self, one: &str) -> String {
        match self {
            Self::Saved(_) => format!("The {one} is saved."),
            Self::Restored(_) => format!("The {one} is back."),
            Self::Deleted(_) => format!("The {one} was deleted."),
        }
    }
}

/// In the browser a toast says what was just done, with a button that takes a deletion back by the server function
/// `F`; the list follows it, from wherever the person has gone meanwhile.
pub fn announce<F>(outcome: Memo<Option<Outcome>>, one: &'static str, place: Memo<ListAddress>)
where
    F: ServerFn<Output = (), Error = AppError> + From<(String, String)> + 'static,
{
    let toasts = use_toasts();
    Effect::new(move |_| match outcome.get() {
        Some(Outcome::Deleted(id)) => {
            let text = Outcome::Deleted(id.clone()).text(one);
            let back = place.with_untracked(ListAddress::query);
            toasts.undo(text, move || {
                let restore = F::from((id.clone(), back.clone()));
                spawn_local(async move {
                    if let Err(error) = restore.run_on_client().await {
                        toasts.error(&error);
                    }
                });
            });
        }
        Some(done) => toasts.success(done.text(one)),
        None => {}
    });
}

/// Says what was just done, where there is no toast: without JavaScript. `undo` is the form that takes a deletion back.
#[component]
pub fn OutcomeNotice(
    #[prop(into)] outcome: Signal<Option<Outcome>>,
    /// "payment".
    one: &'static str,
    #[prop(into)] undo: ViewFn,
) -> impl IntoView {
    move || {
        outcome.get().map(|outcome| {
            let text = outcome.text(one);
            let undo = matches!(outcome, Outcome::Deleted(_)).then(|| undo.run());
            view! {
                <div class="notice good plain-only" role="status">
                    <span class="mark" aria-hidden="true">"✓"</span>
                    <div class="row">
                        <span>{text}</span>
                        {undo}
                    </div>
                </div>
            }
        })
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, reason = "tests")]
    use super::*;

    #[derive(Serialize)]
    struct Query {
        search: &'static str,
        sort: &'static str,
        cursor: &'static str,
    }

    fn list() -> ListAddress {
        let query = Query { search: "a b", sort: "-amount", cursor: "xyz" };
        ListAddress::new("/payments", &query, &["amount", "party"], Sort::ascending("party"))
    }

    #[test]
    fn a_new_order_begins_at_the_first_page_and_keeps_the_filters() {
        assert_eq!(list().sorted_by("amount", true), "/payments?search=a%20b&sort=amount");
        assert_eq!(list().sorted_by("party", false), "/payments?search=a%20b&sort=party");
        assert_eq!(list().at("next"), "/payments?search=a%20b&sort=-amount&cursor=next");
        assert_eq!(list().first(), "/payments?search=a%20b&sort=-amount");
        assert_eq!(list().export("/api/v1/payments.csv"), "/api/v1/payments.csv?search=a%20b&sort=-amount");
    }

    #[test]
    fn a_record_leads_back_to_the_list_as_it_was() {
        assert_eq!(list().record("1"), "/payments/1?back=cursor%3Dxyz%26search%3Da%2520b%26sort%3D-amount");
        assert!(list().is_filtered() && !list().is_first_page());
    }
}
