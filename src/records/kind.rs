//! One way through for every kind of record, from a page's server function or the REST API to its store: the
//! member's scope, the editor's authority, one transaction. Server only.

use super::{
    cursor::Sorted,
    export::Exported,
    fields::parse_version,
    listing::{Edit, ListPage, Listing, Suggestions, merge_patch},
};
use crate::{
    accounts::{Editor, Member},
    error::AppError,
    page::Page,
    server::{Database, TenantTx},
};
use chrono::{DateTime, Utc};
use serde::{Serialize, de::DeserializeOwned};
use serde_json::{Map, Value};
use std::{fmt, str::FromStr};

/// A kind of record: transactions, categories, payments, budgets, materials.
pub trait Kind: Send + Sync + 'static {
    type Id: Copy + FromStr + fmt::Display + Send + Sync + 'static;
    type Row: Sorted + Exported + Send + Sync + 'static;
    type Form: for<'a> From<&'a Self::Row> + Serialize + DeserializeOwned + Send + Sync;
    type Query: Send + Sync;
    type Filter: Send + Sync + 'static;
    type Totals: Send;

    /// Where the list's page is.
    const PAGE: &'static str;
    /// The field of the list's address that opens a record there; without one, each record has a page of its own.
    const OPENED_BY: Option<&'static str> = None;

    /// What a new record's form begins with.
    fn blank(member: &Member) -> Self::Form;
    /// Values that have been used before.
    fn suggestions(tx: &mut TenantTx) -> impl Future<Output = Result<Suggestions, AppError>> + Send;
    fn id(row: &Self::Row) -> Self::Id;

    /// Checks a question. Some depend on the day in the member's organisation.
    fn listing(query: &Self::Query, member: &Member) -> Result<Listing<Self::Filter>, AppError>;
    fn list(
        tx: &mut TenantTx,
        listing: &Listing<Self::Filter>,
    ) -> impl Future<Output = Result<Page<Self::Row>, AppError>> + Send;
    fn totals(tx: &mut TenantTx, filter: &Self::Filter) -> impl Future<Output = Result<Self::Totals, AppError>> + Send;
    fn find(
        tx: &mut TenantTx,
        member: &Member,
        id: Self::Id,
    ) -> impl Future<Output = Result<Self::Row, AppError>> + Send;
    fn create(
        tx: &mut TenantTx,
        editor: &Editor,
        form: &Self::Form,
    ) -> impl Future<Output = Result<Self::Row, AppError>> + Send;
    fn update(
        tx: &mut TenantTx,
        editor: &Editor,
        id: Self::Id,
        version: Option<DateTime<Utc>>,
        form: &Self::Form,
    ) -> impl Future<Output = Result<Self::Row, AppError>> + Send;
    fn delete(
        tx: &mut TenantTx,
        editor: &Editor,
        id: Self::Id,
    ) -> impl Future<Output = Result<Self::Row, AppError>> + Send;
    fn restore(
        tx: &mut TenantTx,
        editor: &Editor,
        id: Self::Id,
    ) -> impl Future<Output = Result<Self::Row, AppError>> + Send;
}

/// Whether a list's answer carries the totals of all its pages.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Totals {
    Always,
    /// With the first page only, for readers that go through all pages.
    FirstPage,
}

pub async fn list<K: Kind>(
    db: &Database,
    member: &Member,
    query: &K::Query,
    totals: Totals,
) -> Result<ListPage<K::Row, K::Totals>, AppError> {
    let listing = K::listing(query, member)?;
    let mut tx = db.tenant(member).await?;
    let page = K::list(&mut tx, &listing).await?;
    let totals = match totals {
        Totals::FirstPage if listing.cursor.is_some() => None,
        _ => Some(K::totals(&mut tx, &listing.filter).await?),
    };
    Ok(ListPage { page, totals })
}

pub async fn find<K: Kind>(db: &Database, member: &Member, id: K::Id) -> Result<K::Row, AppError> {
    let mut tx = db.tenant(member).await?;
    K::find(&mut tx, member, id).await
}

/// Reads an id out of an address or a form. One that cannot be read names nothing that there is.
pub fn parse_id<K: Kind>(id: &str) -> Result<K::Id, AppError> {
    id.parse().map_err(|_| AppError::not_found("This record"))
}

/// What a page needs to change the record `id`, or to add one when it is "new".
pub async fn edit<K: Kind>(db: &Database, member: &Member, id: &str) -> Result<Edit<K::Row, K::Form>, AppError> {
    let mut tx = db.tenant(member).await?;
    let (row, form) = if id == "new" {
        member.editor()?;
        (None, K::blank(member))
    } else {
        let row = K::find(&mut tx, member, parse_id::<K>(id)?).await?;
        let form = K::Form::from(&row);
        (Some(row), form)
    };
    let suggestions = if member.editor().is_ok() { K::suggestions(&mut tx).await? } else { Suggestions::default() };
    Ok(Edit { row, form, suggestions })
}

/// Values that have been used before, for the filters of a list.
pub async fn suggestions<K: Kind>(db: &Database, member: &Member) -> Result<Suggestions, AppError> {
    let mut tx = db.tenant(member).await?;
    K::suggestions(&mut tx).await
}

pub async fn create<K: Kind>(db: &Database, member: &Member, form: &K::Form) -> Result<K::Row, AppError> {
    let editor = member.editor()?;
    let mut tx = db.tenant(&editor).await?;
    let row = K::create(&mut tx, &editor, form).await?;
    tx.commit().await?;
    Ok(row)
}

/// Replaces all fields. An empty `version` overwrites whatever is there.
pub async fn update<K: Kind>(
    db: &Database,
    member: &Member,
    id: K::Id,
    version: &str,
    form: &K::Form,
) -> Result<K::Row, AppError> {
    let editor = member.editor()?;
    let version = parse_version(version).map_err(|message| AppError::field("updated_at", message))?;
    let mut tx = db.tenant(&editor).await?;
    let row = K::update(&mut tx, &editor, id, version, form).await?;
    tx.commit().await?;
    Ok(row)
}

/// Changes the fields that `patch` names (JSON merge patch). With `updated_at`, only if the row is still of then;
/// without, only if nobody changes it in this very moment.
pub async fn patch<K: Kind>(
    db: &Database,
    member: &Member,
    id: K::Id,
    mut patch: Map<String, Value>,
) -> Result<K::Row, AppError> {
    let editor = member.editor()?;
    let version = match patch.remove("updated_at") {
        None | Some(Value::Null) => None,
        Some(Value::String(text)) => parse_version(&text).map_err(|message| AppError::field("updated_at", message))?,
        Some(_) => return Err(AppError::field("updated_at", "Send the text that this record came with.")),
    };
    let mut tx = db.tenant(&editor).await?;
    let before = K::find(&mut tx, &editor, id).await?;
    let form = merge_patch(&K::Form::from(&before), patch)?;
    let row = K::update(&mut tx, &editor, id, version.or(Some(before.updated_at())), &form).await?;
    tx.commit().await?;
    Ok(row)
}

pub async fn delete<K: Kind>(db: &Database, member: &Member, id: K::Id) -> Result<K::Row, AppError> {
    let editor = member.editor()?;
    let mut tx = db.tenant(&editor).await?;
    let row = K::delete(&mut tx, &editor, id).await?;
    tx.commit().await?;
    Ok(row)
}

pub async fn restore<K: Kind>(db: &Database, member: &Member, id: K::Id) -> Result<K::Row, AppError> {
    let editor = member.editor()?;
    let mut tx = db.tenant(&editor).await?;
    let row = K::restore(&mut tx, &editor, id).await?;
    tx.commit().await?;
    Ok(row)
}

/// Implements [`Kind`] by the functions of the store that it stands in. `$parse` checks the question, `$find`
/// finds one row; both get the member, whose organisation's day some of them need. `$unique` is the form's field that no
/// two rows share.
macro_rules! kind {
    ($(#[$doc:meta])* $name:ident, $id:ty, $row:ty, $form:ty, $query:ty, $filter:ty, $totals:ty,
     page: $page:literal $(, opened_by: $opened_by:literal)?, blank: |$new_member:ident| $blank:expr, suggestions: |$suggest_tx:ident| [$($field:literal = $values:expr),*],
     listing: |$asked:ident, $asker:ident| $listing:expr, find: |$tx:ident, $member:ident, $found:ident| $find:expr
     $(, unique: $unique:ident of $entity:ident, else $taken:ident)?) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug)]
        pub struct $name;

        impl $crate::records::kind::Kind for $name {
            type Id = $id;
            type Row = $row;
            type Form = $form;
            type Query = $query;
            type Filter = $filter;
            type Totals = $totals;

            const PAGE: &'static str = $page;
            $(const OPENED_BY: Option<&'static str> = Some($opened_by);)?

            fn blank($new_member: &$crate::accounts::Member) -> $form {
                $blank
            }
            async fn suggestions($suggest_tx: &mut TenantTx) -> Result<$crate::records::listing::Suggestions, AppError> {
                Ok($crate::records::listing::Suggestions::from([$(($field.to_owned(), $values.await?)),*]))
            }
            fn id(row: &$row) -> $id {
                row.id
            }
            fn listing($asked: &$query, $asker: &$crate::accounts::Member) -> Result<Listing<$filter>, AppError> {
                $listing
            }
            async fn list(tx: &mut TenantTx, listing: &Listing<$filter>) -> Result<Page<$row>, AppError> {
                list(tx, listing).await
            }
            async fn totals(tx: &mut TenantTx, filter: &$filter) -> Result<$totals, AppError> {
                totals(tx, filter).await
            }
            async fn find($tx: &mut TenantTx, $member: &$crate::accounts::Member, $found: $id) -> Result<$row, AppError> {
                $find.await
            }
            async fn create(tx: &mut TenantTx, editor: &Editor, form: &$form) -> Result<$row, AppError> {
                let parsed = form.parse();
                $(
                    let (entity, field) = (Entity::$entity, stringify!($unique));
                    let rule = $crate::records::unique::Unique { entity, field, taken: $taken };
                    let parsed = rule.check(tx, parsed, &form.$unique, None).await;
                )?
                create(tx, editor, parsed?).await
            }
            async fn update(
                tx: &mut TenantTx,
                editor: &Editor,
                id: $id,
                version: Option<DateTime<Utc>>,
                form: &$form,
            ) -> Result<$row, AppError> {
                let parsed = form.parse();
                $(
                    let (entity, field) = (Entity::$entity, stringify!($unique));
                    let rule = $crate::records::unique::Unique { entity, field, taken: $taken };
                    let parsed = rule.check(tx, parsed, &form.$unique, Some(id.0)).await;
                )?
                update(tx, editor, id, version, parsed?).await
            }
            async fn delete(tx: &mut TenantTx, editor: &Editor, id: $id) -> Result<$row, AppError> {
                delete(tx, editor, id).await
            }
            async fn restore(tx: &mut TenantTx, editor: &Editor, id: $id) -> Result<$row, AppError> {
                restore(tx, editor, id).await
            }
        }
    };
}
pub(crate) use kind;
