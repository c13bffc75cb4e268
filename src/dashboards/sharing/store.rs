//! Public links in SQL. Server only.

use super::{
    Guest,
    model::{CheckedShare, MAX_SHARES, NewShare, Share},
};
use crate::{
    accounts::{Admin, OrganizationSummary, password, tokens},
    activity::store::{NewActivity, record},
    dashboards::{
        filters::model::{Choice, Choosing},
        page::PageQuery,
        store as dashboards,
    },
    error::AppError,
    ids::{DashboardId, OrganizationId, ShareId},
    metrics::{
        catalogue::{self, Kind},
        narrow,
    },
    server::{Database, TenantTx, Topic, fault},
};
use chrono::{DateTime, Utc};
use serde_json::{Value, json};

fn not_found() -> AppError {
    AppError::not_found("The link")
}

/// The links of one dashboard, or of the whole organisation; newest first. Expired ones are listed too, until
/// somebody revokes them: they explain why a link stopped working.
pub async fn list(tx: &mut TenantTx, _: &Admin, of: Option<DashboardId>) -> Result<Vec<Share>, AppError> {
    select(tx, of, None).await
}

pub async fn find(tx: &mut TenantTx, _: &Admin, id: ShareId) -> Result<Share, AppError> {
    select(tx, None, Some(id)).await?.pop().ok_or_else(not_found)
}

/// Somebody else's personal dashboard is not an admin's business either.
async fn select(tx: &mut TenantTx, of: Option<DashboardId>, id: Option<ShareId>) -> Result<Vec<Share>, AppError> {
    let user_id = tx.user_id();
    let shares = sqlx::query_as(
        "select s.id, s.dashboard_id, d.name as dashboard_name, s.name, s.password_hash is not null as has_password,
                s.expires_at, coalesce(s.expires_at <= now(), false) as expired, s.unlocked, s.origins, s.views, s.last_viewed_at, u.name as created_by, s.created_at
         from dashboard_shares s
         join dashboards d on d.organization_id = s.organization_id and d.id = s.dashboard_id
         left join users u on u.id = s.created_by
         where s.organization_id = $1 and d.deleted_at is null and (d.owner_id is null or d.owner_id = $4)
           and ($2::uuid is null or s.dashboard_id = $2) and ($3::uuid is null or s.id = $3)
         order by s.created_at desc, s.id desc limit 1000",
    )
    .bind(tx.organization_id())
    .bind(of)
    .bind(id)
    .bind(user_id)
    .fetch_all(tx.conn())
    .await?;
    Ok(shares)
}

/// The name of a dashboard that may be shared.
pub async fn dashboard_name(tx: &mut TenantTx, _: &Admin, id: DashboardId) -> Result<String, AppError> {
    Ok(dashboards::find_row(tx, id).await?.name)
}

/// Opens a dashboard to whoever has the link. The token is in the answer and nowhere else.
pub async fn create(
    tx: &mut TenantTx,
    admin: &Admin,
    dashboard: DashboardId,
    new: NewShare,
) -> Result<(Share, String), AppError> {
    let CheckedShare { name, password, expires_at, unlocked, query, origins } = new.check(Utc::now())?;
    let dashboard_name = dashboard_name(tx, admin, dashboard).await?;
    let open: i64 =
        sqlx::query_scalar("select count(*) from dashboard_shares where organization_id = $1 and dashboard_id = $2")
            .bind(tx.organization_id())
            .bind(dashboard)
            .fetch_one(tx.conn())
            .await?;
    if usize::try_from(open).is_ok_and(|open| open >= MAX_SHARES) {
        return Err(AppError::conflict(format!("A dashboard has at most {MAX_SHARES} links. Revoke one first.")));
    }
    let password_hash = match password {
        Some(password) => Some(password::hash(password).await?),
        None => None,
    };
    let (token, token_hash) = tokens::secret();
    let id = ShareId::new();
    let user_id = admin.viewer().user_id;
    sqlx::query(
        "insert into dashboard_shares
           (organization_id, id, dashboard_id, name, token_hash, password_hash, expires_at, unlocked, query, origins, created_by)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)",
    )
    .bind(tx.organization_id())
    .bind(id)
    .bind(dashboard)
    .bind(&name)
    .bind(token_hash)
    .bind(password_hash)
    .bind(expires_at)
    .bind(unlocked)
    .bind(serde_json::to_value(query).map_err(fault::internal)?)
    .bind(origins)
    .bind(user_id)
    .execute(tx.conn())
    .await?;
    note(tx, dashboard, id, format!("Dashboard “{dashboard_name}” was opened to the public by the link “{name}”"))
        .await?;
    Ok((find(tx, admin, id).await?, token))
}

/// Gives the link another token: the old address stops working, all else stays.
pub async fn rotate(tx: &mut TenantTx, admin: &Admin, id: ShareId) -> Result<(Share, String), AppError> {
    let share = find(tx, admin, id).await?;
    let (token, token_hash) = tokens::secret();
    sqlx::query("update dashboard_shares set token_hash = $3 where organization_id = $1 and id = $2")
        .bind(tx.organization_id())
        .bind(id)
        .bind(token_hash)
        .execute(tx.conn())
        .await?;
    let Share { name, dashboard_name, dashboard_id, .. } = &share;
    note(tx, *dashboard_id, id, format!("The public link “{name}” to “{dashboard_name}” was replaced")).await?;
    Ok((share, token))
}

/// Ends a link.
pub async fn revoke(tx: &mut TenantTx, admin: &Admin, id: ShareId) -> Result<Share, AppError> {
    let share = find(tx, admin, id).await?;
    sqlx::query("delete from dashboard_shares where organization_id = $1 and id = $2")
        .bind(tx.organization_id())
        .bind(id)
        .execute(tx.conn())
        .await?;
    let Share { name, dashboard_name, dashboard_id, .. } = &share;
    note(tx, *dashboard_id, id, format!("The public link “{name}” to “{dashboard_name}” was revoked")).await?;
    Ok(share)
}

/// Ends every link of a dashboard; how many there were.
pub async fn revoke_all(tx: &mut TenantTx, admin: &Admin, dashboard: DashboardId) -> Result<usize, AppError> {
    dashboard_name(tx, admin, dashboard).await?;
    let shares = select(tx, Some(dashboard), None).await?;
    for share in &shares {
        revoke(tx, admin, share.id).await?;
    }
    Ok(shares.len())
}

/// Ends every link of a dashboard that changes hands.
pub async fn end_all(tx: &mut TenantTx, dashboard: DashboardId) -> Result<(), AppError> {
    sqlx::query("delete from dashboard_shares where organization_id = $1 and dashboard_id = $2")
        .bind(tx.organization_id())
        .bind(dashboard)
        .execute(tx.conn())
        .await?;
    Ok(())
}

/// Until when each public dashboard is open: `None` is for ever. Those that are not public are absent.
pub async fn public_dashboards(tx: &mut TenantTx) -> Result<Vec<(DashboardId, Option<DateTime<Utc>>)>, AppError> {
    let open = sqlx::query_as(
        "select dashboard_id, case when bool_or(expires_at is null) then null else max(expires_at) end
         from dashboard_shares where organization_id = $1 group by dashboard_id",
    )
    .bind(tx.organization_id())
    .fetch_all(tx.conn())
    .await?;
    Ok(open)
}

/// Stands in the feed as what happened to the dashboard. Everybody reads it, so of a personal one it says no more than
/// that its links have changed.
async fn note(tx: &mut TenantTx, dashboard: DashboardId, share: ShareId, title: String) -> Result<(), AppError> {
    let metadata = json!({ "share": share });
    let (entity_id, title) = match dashboards::find_row(tx, dashboard).await?.owner_id {
        None => (Some(dashboard.0), title),
        Some(_) => (None, "The public links of a personal dashboard were changed".to_owned()),
    };
    record(
        tx,
        Topic::Dashboards,
        NewActivity { action: "shared", entity_type: "dashboard", entity_id, title, metadata },
    )
    .await
}

/// A link as its visitor meets it.
#[derive(Clone, Debug)]
pub struct Opened {
    pub share: ShareId,
    pub dashboard: DashboardId,
    pub guest: Guest,
    /// What a visitor's password is checked with.
    pub password_hash: Option<String>,
    pub unlocked: bool,
    pub query: PageQuery,
    pub origins: Vec<String>,
}

impl Opened {
    /// What is shown to a visitor who asks for `asked`: nothing but the link's own selection, unless that is unlocked. Then
    /// another range, and filters within bounds:
    ///
    /// - what the link is filtered by, a visitor may narrow further, to some of its values, and never widen;
    /// - a filter of a few fixed words (a status, a yes or no) may be chosen freely, for the words are the product's own;
    /// - any other filter is left out. Its values are the organisation's records, such as vendors: somebody who may try them
    ///   out learns which there are, and what each amounts to, beyond what the widgets show.
    ///
    /// So whoever makes the link decides by its own filters what visitors may choose among.
    pub fn narrowed(&self, asked: PageQuery) -> PageQuery {
        if !self.unlocked || !asked.is_explicit() {
            return self.query.clone();
        }
        let mut filters = self.query.filters.clone();
        for (name, values) in asked.filters.iter() {
            let own = self.query.filters.get(name);
            let within: Vec<String> = values.iter().filter(|value| own.contains(value)).cloned().collect();
            if !within.is_empty() {
                filters.set(name, within);
            } else if own.is_empty() && has_fixed_words(name) {
                filters.set(name, values.iter().cloned());
            }
        }
        let said = [&asked.from, &asked.to, &asked.until].into_iter().any(Option::is_some);
        let dated = if said { &asked } else { &self.query };
        let compare = asked.compare.as_ref().or(self.query.compare.as_ref()).cloned();
        PageQuery {
            from: dated.from.clone(),
            to: dated.to.clone(),
            until: dated.until.clone(),
            compare,
            filters,
            ..PageQuery::default()
        }
    }

    /// The filters that a visitor may choose values of, and those values: of all `offered` by the dashboard.
    pub fn choices(&self, offered: &[(String, String)]) -> Vec<Choosing> {
        let choosing = |(name, label): &(String, String)| {
            let field = catalogue::filter(name)?;
            let own = self.query.filters.get(name);
            let words: Vec<String> = match field.kind {
                _ if !own.is_empty() => own.to_vec(),
                Kind::Choice(words) => words.iter().map(|word| (*word).to_owned()).collect(),
                Kind::YesNo => vec!["true".to_owned(), "false".to_owned()],
                _ => return None,
            };
            let choice = |value: String| Choice { label: narrow::value_label(field, &value), value, count: None };
            let values = words.into_iter().map(choice).collect();
            Some(Choosing { name: name.clone(), label: label.clone(), values, more: false, free: false })
        };
        if self.unlocked { offered.iter().filter_map(choosing).collect() } else { Vec::new() }
    }
}

fn has_fixed_words(name: &str) -> bool {
    catalogue::filter(name).is_some_and(|field| matches!(field.kind, Kind::Choice(_) | Kind::YesNo))
}

/// What a token opens now.
///
/// # Errors
/// `NotFound` for one that is unknown, revoked or expired, or whose dashboard lies in the bin, or belongs to somebody who is
/// no admin any more and so may not share: no difference shows.
pub async fn open(db: &Database, token: &str) -> Result<Opened, AppError> {
    #[derive(sqlx::FromRow)]
    struct Row {
        id: ShareId,
        dashboard_id: DashboardId,
        password_hash: Option<String>,
        unlocked: bool,
        query: Value,
        origins: Vec<String>,
        organization_id: OrganizationId,
        organization_name: String,
        base_currency: String,
        time_zone: String,
        tier: String,
    }
    let mut tx = db.system("a public link names no organisation").await?;
    let row: Option<Row> = sqlx::query_as(
        "select s.id, s.dashboard_id, s.password_hash, s.unlocked, s.query, s.origins,
                o.id as organization_id, o.name as organization_name, o.base_currency, o.time_zone, o.tier
         from dashboard_shares s
         join organizations o on o.id = s.organization_id
         join dashboards d on d.organization_id = s.organization_id and d.id = s.dashboard_id
         where s.token_hash = $1 and d.deleted_at is null and (s.expires_at is null or s.expires_at > now())
           and (d.owner_id is null
                or exists (select from memberships m where m.organization_id = d.organization_id
                           and m.user_id = d.owner_id and m.role in ('OWNER', 'ADMIN')))",
    )
    .bind(tokens::hash(token))
    .fetch_optional(tx.conn())
    .await?;
    let row = row.ok_or_else(not_found)?;
    let organization = OrganizationSummary {
        id: row.organization_id,
        name: row.organization_name,
        base_currency: row.base_currency,
        time_zone: row.time_zone.parse().map_err(fault::internal)?,
        tier: row.tier.parse().map_err(fault::internal)?,
    };
    Ok(Opened {
        share: row.id,
        dashboard: row.dashboard_id,
        guest: Guest::new(organization),
        password_hash: row.password_hash,
        unlocked: row.unlocked,
        query: serde_json::from_value(row.query).map_err(fault::internal)?,
        origins: row.origins,
    })
}

/// Counts one view. It is no change of anything that a page shows, so nobody is told.
pub async fn count_view(db: &Database, opened: &Opened) -> Result<(), AppError> {
    let mut tx = db.tenant(&opened.guest).await?;
    sqlx::query(
        "update dashboard_shares set views = views + 1, last_viewed_at = now() where organization_id = $1 and id = $2",
    )
    .bind(tx.organization_id())
    .bind(opened.share)
    .execute(tx.conn())
    .await?;
    tx.commit().await
}
