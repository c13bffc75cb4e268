//! The page of categories. They are few and have only a name, so all is done on one page: `?edit=` opens one.

use super::{CategoryForm, CategoryQuery, CategoryRow, CategoryTotals, DEFAULT_SORT, SORTS, rpc};
use crate::{
    records::view::prelude::*,
    ui::{ActionForm, ButtonVariant, ConfirmButton, FormError, IconName, Resource, ServerAction},
};
use leptos_router::params::ParamsMap;

const PATH: &str = "/categories";

list_page! {
    /// Every category, and what is in it.
    CategoriesPage, path: PATH, file: "/api/v1/categories.csv", one: "category", title: "Categories",
    lead: "Names under which transactions and budgets are grouped.", add: None, import: None, query: CategoryQuery,
    list: rpc::list_categories, suggest: rpc::suggest_categories, restore: rpc::RestoreCategory,
    suggested: [], sorts: SORTS, default_sort: DEFAULT_SORT, filters: filters, table: table, above: panel,
}

const COLUMNS: [Column; 3] = [
    Column::text("Name").by("name"),
    Column::number("Transactions").by("transactions"),
    Column::number("Budgets").by("budgets"),
];

fn filters(query: Memo<CategoryQuery>) -> impl IntoView {
    view! { <SearchField value=asked(query, |q| &q.search) placeholder="Name"/> }
}

/// Above the list: the form for a new category, or the forms of the one that is open.
fn panel(address: Memo<ParamsMap>) -> impl IntoView {
    let open = Memo::new(move |_| address.with(|map| map.get("edit")));
    let can_edit = use_viewer().with_untracked(|viewer| viewer.role.can_edit());
    Effect::new(move |before: Option<Option<String>>| {
        let now = open.get();
        if let (Some(Some(closed)), None) = (before, &now) {
            focus(edit_link(closed), true);
        }
        now
    });
    can_edit.then(|| {
        view! {
            {move || match open.get() {
                None => view! { <AddCategory/> }.into_any(),
                Some(id) => view! { <OpenCategory id/> }.into_any(),
            }}
        }
    })
}

/// The id of the link that opens a category.
fn edit_link(id: impl std::fmt::Display) -> String {
    format!("edit-{id}")
}

/// Puts the keyboard on an element; `when_lost`, only if what it was on is gone.
#[cfg(feature = "hydrate")]
fn focus(id: String, when_lost: bool) {
    use leptos::{wasm_bindgen::JsCast, web_sys::HtmlElement};
    request_animation_frame(move || {
        let lost = document().active_element().is_none_or(|element| element.tag_name() == "BODY");
        let found = document().get_element_by_id(&id).filter(|_| lost || !when_lost);
        // What is not there cannot have the focus.
        let _ = found.and_then(|element| element.dyn_into::<HtmlElement>().ok()).map(|element| element.focus());
    });
}

#[cfg(not(feature = "hydrate"))]
fn focus(_: String, _: bool) {}

#[component]
fn AddCategory() -> impl IntoView {
    let save = ServerAction::<rpc::SaveCategory>::new();
    let error = action_error(save);
    let typed = typed_fields(rpc::SaveCategory::PATH, CategoryForm::default(), None);
    view! {
        <ActionForm action=save attr:class="filters">
            <input type="hidden" name="id" value="new"/>
            <Field
                name="name"
                id="new-name"
                label="New category"
                max_length=100
                autocomplete="off"
                value=typed.form.name
                error=field_error(error, "name")
            />
            <Button kind=ButtonKind::Submit icon=IconName::Plus busy=save.pending()>
                "Add"
            </Button>
        </ActionForm>
    }
}

#[component]
fn OpenCategory(id: String) -> impl IntoView {
    let record = Resource::new_blocking(move || id.clone(), rpc::edit_category);
    view! {
        <Suspense fallback=|| view! { <Skeleton rows=3/> }>
            {move || Suspend::new(async move {
                match record.await.map(|edit| edit.row) {
                    Ok(Some(row)) => view! { <CategoryForms row/> }.into_any(),
                    Ok(None) => ().into_any(),
                    Err(error) => view! { <ErrorBox error/> }.into_any(),
                }
            })}
        </Suspense>
    }
}

/// Rename, merge or delete one category.
#[component]
fn CategoryForms(row: CategoryRow) -> impl IntoView {
    let rename = ServerAction::<rpc::SaveCategory>::new();
    let merge = ServerAction::<rpc::MergeCategory>::new();
    let delete = ServerAction::<rpc::DeleteCategory>::new();
    let error = action_error(rename);
    let Typed { form, version, .. } =
        typed_fields(rpc::SaveCategory::PATH, CategoryForm::from(&row), Some(row.updated_at));
    let merge_error = action_error(merge);
    let others =
        Resource::new(|| (), |_| rpc::list_categories(CategoryQuery { limit: "500".into(), ..Default::default() }));
    let id = row.id;
    Effect::new(|_| focus("edit-name".to_owned(), false));
    let text =
        format!("Everything in “{}” ({}) moves to the other category. This cannot be undone.", row.name, row.uses());
    let last = if row.in_use() {
        ().into_any()
    } else {
        view! {
            <ActionForm action=delete>
                <DeleteForm id=id.to_string() back=String::new() error=action_error(delete) busy=delete.pending()/>
            </ActionForm>
        }
        .into_any()
    };
    view! {
        <div class="card stack narrow" id="edit">
            <h2>{row.name}</h2>
            <FormError error/>
            <CurrentVersion error href=format!("{PATH}?edit={id}")/>
            <ActionForm action=rename attr:class="filters">
                <input type="hidden" name="id" value=id.to_string()/>
                <input type="hidden" name="updated_at" value=version/>
                <Field
                    name="name"
                    id="edit-name"
                    label="Name"
                    max_length=100
                    autocomplete="off"
                    value=form.name
                    error=field_error(error, "name")
                />
                <Button kind=ButtonKind::Submit variant=ButtonVariant::Primary busy=rename.pending()>
                    "Rename"
                </Button>
            </ActionForm>
            <Suspense>
                {move || {
                    let text = text.clone();
                    Suspend::new(async move {
                        let others = others.await.map(|list| list.page.items).unwrap_or_default();
                        let mut choices = vec![(String::new(), "Choose one".to_owned())];
                        choices
                            .extend(
                                others
                                    .into_iter()
                                    .filter(|other| other.id != id)
                                    .map(|other| (other.id.to_string(), other.name)),
                            );
                        view! {
                            <FormError error=merge_error/>
                            <ActionForm action=merge attr:class="filters">
                                <input type="hidden" name="id" value=id.to_string()/>
                                <SelectField name="into" label="Merge into" options=choices/>
                                <ConfirmButton label="Merge" text=text>
                                    <Button
                                        kind=ButtonKind::Submit
                                        variant=ButtonVariant::Danger
                                        busy=merge.pending()
                                    >
                                        "Merge"
                                    </Button>
                                </ConfirmButton>
                            </ActionForm>
                        }
                    })
                }}
            </Suspense>
            {last}
            <div class="row">
                <LinkButton href=PATH>"Close"</LinkButton>
            </div>
        </div>
    }
}

fn table(list: ListPage<CategoryRow, CategoryTotals>, place: ListAddress) -> AnyView {
    let ListPage { page, totals } = list;
    if page.items.is_empty() {
        let text = "A category is made when a transaction or a budget first names it, or with the form above.";
        return view! { <Matches list=place title="No categories yet" text add=None import=None/> }.into_any();
    }
    if let Some(Outcome::Saved(id)) = use_query_map().with_untracked(outcome) {
        Effect::new(move |_| focus(edit_link(&id), true));
    }
    let totals = totals.unwrap_or_default();
    let can_edit = use_viewer().with_untracked(|viewer| viewer.role.can_edit());
    let head = view! {
        {headings(&place, &COLUMNS)}
        {can_edit.then(|| view! { <th scope="col"><span class="sr-only">"Edit"</span></th> })}
    }
    .into_any();
    let rows = page.items.into_iter().map(|row| line(row, can_edit)).collect();
    let summary = format::count(totals.count, "category", "categories");
    let foot = ().into_any();
    view! { <RecordTable label="Categories" list=place next_cursor=page.next_cursor summary head foot rows/> }
        .into_any()
}

fn line(row: CategoryRow, can_edit: bool) -> AnyView {
    let transactions = crate::records::listing::address("/transactions", [("category", row.name.as_str())]);
    let budgets = crate::records::listing::address("/budgets", [("category", row.name.as_str())]);
    let label = format!("Edit {}", row.name);
    view! {
        <tr>
            <td class="text">{row.name}</td>
            <td class="num" data-label="Transactions">
                <a href=transactions>{format::number(row.transactions.into(), 0)}</a>
            </td>
            <td class="num" data-label="Budgets">
                <a href=budgets>{format::number(row.budgets.into(), 0)}</a>
            </td>
            {can_edit
                .then(|| {
                    view! {
                        <td class="num">
                            <a id=edit_link(row.id) href=format!("{PATH}?edit={}", row.id) aria-label=label>
                                "Edit"
                            </a>
                        </td>
                    }
                })}
        </tr>
    }
    .into_any()
}
