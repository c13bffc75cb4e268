//! The two pages that every kind of record has. They differ in their server functions, whose types a
//! generic component could not name without a page of bounds, so they are macros.

/// A list's page. `$filters` gives the fields of the filter form, `$table` the table.
macro_rules! list_page {
    (
        $(#[$doc:meta])*
        $Page:ident, path: $path:expr, file: $file:literal, one: $one:literal, title: $title:literal, lead: $lead:literal,
        add: $add:expr, import: $import:expr, query: $query:ty, list: $list:path, suggest: $suggest:path,
        restore: $Restore:ty, suggested: [$($field:literal),*], sorts: $sorts:expr, default_sort: $default:expr,
        filters: $filters:path, table: $table:path $(, above: $above:path)? $(,)?
    ) => {
        $(#[$doc])*
        #[component]
        pub fn $Page() -> impl IntoView {
            let address = use_query_map();
            let query = Memo::new(move |_| address.with(|map| from_pairs::<$query>(|name| map.get(name))));
            let done = Memo::new(move |_| address.with(outcome));
            let place = Memo::new(move |_| query.with(|query| ListAddress::new($path, query, $sorts, $default)));
            let list = Resource::new_blocking(move || (query.get(), done.get()), |(query, _)| $list(query));
            let suggestions = Resource::new(|| (), |_| $suggest());
            let restore = ServerAction::<$Restore>::new();
            let back = move || place.with(ListAddress::query);
            announce::<$Restore>(done, $one, place);
            let undo = move || {
                view! {
                    <ActionForm action=restore attr:class="row">
                        <input type="hidden" name="id" value=address.with(|map| map.get("deleted"))/>
                        <input type="hidden" name="back" value=back/>
                        <Button kind=ButtonKind::Submit busy=restore.pending()>"Undo"</Button>
                    </ActionForm>
                }
            };
            let actions = move || view! { <ListActions list=place add=$add file=$file import=$import/> };
            view! {
                <Page title=$title lead=$lead actions>
                    <OutcomeNotice outcome=done one=$one undo/>
                    {move || action_error(restore).get().map(|error| view! { <ErrorBox error/> })}
                    $({$above(address)})?
                    <Filters list=place>{$filters(query)}</Filters>
                    <Suspense>
                        {move || Suspend::new(async move {
                            let suggestions = suggestions.await.unwrap_or_default();
                            view! { <Suggest suggestions fields=&[$($field),*]/> }
                        })}
                    </Suspense>
                    <Transition fallback=|| view! { <Skeleton rows=8/> }>
                        {move || {
                            let place = place.get();
                            Suspend::new(async move {
                                match list.await {
                                    Ok(list) => $table(list, place).into_any(),
                                    Err(error) => view! { <ErrorBox error/> }.into_any(),
                                }
                            })
                        }}
                    </Transition>
                </Page>
            }
        }
    };
}
pub(crate) use list_page;

/// One record's page: a form for who may edit, facts for who may only look. `$fields` gives the form's fields,
/// `$facts` the record in words, `$name` its heading, `$above` what else an editor can do with it.
macro_rules! record_page {
    (
        $(#[$doc:meta])*
        $Page:ident, $Editor:ident, path: $path:expr, add: $add:literal, all: $all:literal, row: $row:ty, form: $form:ty,
        edit: $edit:path, save: $Save:ty, delete: $Delete:ty, fields: $fields:path, facts: $facts:path, name: $name:path
        $(, above: $above:path)? $(,)?
    ) => {
        $(#[$doc])*
        #[component]
        pub fn $Page() -> impl IntoView {
            let params = use_params_map();
            let id = Memo::new(move |_| params.with(|params| params.get("id").unwrap_or_default()));
            let record = Resource::new_blocking(move || id.get(), $edit);
            view! {
                <Suspense fallback=|| view! { <Skeleton rows=8/> }>
                    {move || Suspend::new(async move {
                        match record.await {
                            Ok(edit) => view! { <$Editor edit/> }.into_any(),
                            Err(error) => view! { <ErrorPage error/> }.into_any(),
                        }
                    })}
                </Suspense>
            }
        }

        #[component]
        fn $Editor(edit: Edit<$row, $form>) -> impl IntoView {
            let Edit { row, form, suggestions } = edit;
            let title = row.as_ref().map_or($add.to_owned(), $name);
            if let Some(row) = &row
                && !use_viewer().with_untracked(|viewer| viewer.role.can_edit())
            {
                let facts = $facts(row);
                return view! {
                    <Page title>
                        <Facts facts/>
                        <div class="row">
                            <LinkButton href=$path>$all</LinkButton>
                        </div>
                    </Page>
                }
                .into_any();
            }
            let save = ServerAction::<$Save>::new();
            let delete = ServerAction::<$Delete>::new();
            let error = action_error(save);
            let id = row.as_ref().map_or("new".to_owned(), |row| row.id.to_string());
            let version = row.as_ref().map(|row| row.updated_at);
            let Typed { form, version, back } = typed_fields(<$Save as ServerFn>::PATH, form, version);
            $(let above_back = { let _ = $above; back.clone() };)?
            let removal = row.as_ref().map(|row| {
                let (id, back) = (row.id.to_string(), back.clone());
                view! {
                    <ActionForm action=delete>
                        <DeleteForm id back error=action_error(delete) busy=delete.pending()/>
                    </ActionForm>
                }
            });
            view! {
                <Page title>
                    <div class="stack narrow">
                        $({row.clone().map(|row| $above(row, above_back))})?
                        <ActionForm action=save attr:class="form card" attr:novalidate="">
                            <EditFields id path=$path version back error busy=save.pending()>
                                {$fields(form, suggestions, error)}
                            </EditFields>
                        </ActionForm>
                        {removal}
                    </div>
                </Page>
            }
            .into_any()
        }
    };
}
pub(crate) use record_page;
