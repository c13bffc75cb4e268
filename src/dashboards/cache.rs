//! Remembers what was drawn, for as long as it is true. Server only.
//!
//! A key holds everything that a body depends on: the organisation and how it writes money and days, the widget, the
//! range, the comparison, the filters, the local day (for what is overdue), and the change counters of the data, read
//! before it (`server/versions.rs`).

use super::{
    model::{Dashboard, DashboardRow},
    page::Body,
    personal::model::{Arrangement, Preference, Preferences, arranged, first, order},
    rendered::RenderedPages,
    views::model::View,
};
use crate::{
    accounts::Role,
    error::AppError,
    ids::{DashboardId, OrganizationId, UserId},
    metrics::sources::MetricFilters,
    server::Versions,
    widgets::Widget,
};
use chrono::{DateTime, Utc};
use moka::future::Cache;
use std::{
    collections::HashMap,
    hash::{DefaultHasher, Hash, Hasher},
    sync::Arc,
    time::Duration,
};

/// Bytes of HTML that are kept.
const CAPACITY: u64 = 48 * 1024 * 1024;
const IDLE: Duration = Duration::from_secs(20 * 60);
/// Definitions come into effect by the clock, too.
const DEFINITIONS: Duration = Duration::from_secs(60);

/// A dashboard, and for each of its widgets the text that stands for it in keys.
#[derive(Debug)]
pub struct Board {
    pub dashboard: Dashboard,
    pub widget_keys: Vec<Arc<str>>,
    /// The file that it comes from, where it is changed in a file alone.
    pub provisioned: Option<String>,
}

impl Board {
    pub fn new(dashboard: Dashboard, provisioned: Option<String>) -> Self {
        Self { widget_keys: dashboard.widgets.iter().map(widget_key).collect(), dashboard, provisioned }
    }
}

/// The text that stands for a widget in keys.
pub fn widget_key(widget: &Widget) -> Arc<str> {
    format!("{} {}x{} {}", widget.kind, widget.w, widget.h, widget.settings.to_json()).into()
}

/// What one person sees: the organisation's dashboards, shared with everybody who has not arranged them for themselves,
/// and their own.
#[derive(Debug)]
pub struct Desk {
    /// In the order of the person's tabs.
    pub boards: Vec<Seat>,
    /// Shown when no other is named.
    pub first: Option<DashboardId>,
    /// Until when public links show them to anybody; `None` is for ever.
    pub public: HashMap<DashboardId, Option<DateTime<Utc>>>,
    /// The saved views of each dashboard, in the order of its menu.
    pub views: HashMap<DashboardId, Vec<View>>,
}

/// A dashboard on somebody's desk.
#[derive(Debug)]
pub struct Seat {
    pub board: Arc<Board>,
    pub favourite: bool,
    /// The version of the original that the person has arranged for themselves.
    pub arranged: Option<i64>,
}

impl Desk {
    /// In the person's own arrangement stands only what they see in their `role`.
    pub fn new(
        shared: &[Arc<Board>],
        own: Vec<Dashboard>,
        mut preferences: Preferences,
        public: HashMap<DashboardId, Option<DateTime<Utc>>>,
        saved: Vec<View>,
        role: Role,
    ) -> Self {
        let mut views: HashMap<DashboardId, Vec<View>> = HashMap::new();
        for view in saved {
            views.entry(view.dashboard_id).or_default().push(view);
        }
        let own = own.into_iter().map(|dashboard| Arc::new(Board::new(dashboard, None)));
        let boards: Vec<Arc<Board>> = shared.iter().cloned().chain(own).collect();
        let rows: Vec<&DashboardRow> = boards.iter().map(|board| &board.dashboard.row).collect();
        let (order, first) = (order(&rows, &preferences), first(&rows, &preferences));
        let seat = |i: usize| {
            let board = &boards[i];
            let row = &board.dashboard.row;
            let Preference { favourite, arrangement, .. } = preferences.remove(&row.id).unwrap_or_default();
            match arrangement.filter(|_| row.owner_id.is_none()) {
                None => Seat { board: board.clone(), favourite, arranged: None },
                Some(Arrangement { version, places }) => {
                    let seen = board.dashboard.clone().seen_by(role);
                    let widgets = arranged(&seen.widgets, &places);
                    let board = Board::new(Dashboard { row: seen.row, widgets }, board.provisioned.clone());
                    Seat { board: Arc::new(board), favourite, arranged: Some(version) }
                }
            }
        };
        Self { boards: order.into_iter().map(seat).collect(), first, public, views }
    }
}

/// All that the bodies of one page have in common.
#[derive(Clone, Debug)]
pub struct Scope {
    pub organization: OrganizationId,
    pub versions: Versions,
    /// Range, comparison, filters, local day, currency and zone.
    pub question: Arc<str>,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct BodyKey {
    organization: OrganizationId,
    data: [i64; 6],
    question: Arc<str>,
    widget: Arc<str>,
}

/// A body and what tells it from another.
#[derive(Clone, Debug)]
pub struct Drawn {
    pub body: Body,
    pub hash: u64,
}

impl Drawn {
    pub fn new(html: String) -> Self {
        let mut hasher = DefaultHasher::new();
        html.hash(&mut hasher);
        Self { hash: hasher.finish(), body: Body(html.into()) }
    }
}

#[derive(Debug)]
pub struct DashboardCache {
    boards: Cache<(OrganizationId, i64), Arc<Vec<Arc<Board>>>>,
    desks: Cache<(OrganizationId, UserId, Role, i64), Arc<Desk>>,
    bodies: Cache<BodyKey, Drawn>,
    counts: Cache<BodyKey, i64>,
    notices: Cache<BodyKey, Arc<Vec<String>>>,
    metric_filters: Cache<(OrganizationId, i64), Arc<MetricFilters>>,
    pub pages: RenderedPages,
}

impl Default for DashboardCache {
    fn default() -> Self {
        let weigh = |key: &BodyKey, drawn: &Drawn| {
            u32::try_from(drawn.body.0.len() + key.widget.len() + 256).unwrap_or(u32::MAX)
        };
        Self {
            boards: Cache::builder().max_capacity(2_000).time_to_idle(IDLE).build(),
            desks: Cache::builder().max_capacity(5_000).time_to_idle(IDLE).build(),
            bodies: Cache::builder().max_capacity(CAPACITY).weigher(weigh).time_to_idle(IDLE).build(),
            counts: Cache::builder().max_capacity(20_000).time_to_idle(IDLE).build(),
            notices: Cache::builder().max_capacity(5_000).time_to_idle(IDLE).build(),
            metric_filters: Cache::builder().max_capacity(2_000).time_to_live(DEFINITIONS).build(),
            pages: RenderedPages::default(),
        }
    }
}

impl DashboardCache {
    /// The organisation's dashboards, read by `load` unless they are known in this version.
    pub async fn boards(
        &self,
        organization: OrganizationId,
        versions: Versions,
        load: impl Future<Output = Result<(Vec<Dashboard>, HashMap<DashboardId, String>), AppError>>,
    ) -> Result<Arc<Vec<Arc<Board>>>, AppError> {
        let load = async {
            let (dashboards, mut files) = load.await?;
            let board = |dashboard: Dashboard| {
                let file = files.remove(&dashboard.row.id);
                Arc::new(Board::new(dashboard, file))
            };
            Ok(Arc::new(dashboards.into_iter().map(board).collect()))
        };
        self.boards.try_get_with((organization, versions.dashboards), load).await.map_err(shared)
    }

    /// What a person sees, put together by `load` unless it is known in this version. What anybody of the organisation
    /// changes about any dashboard moves the version, personal ones and preferences included.
    pub async fn desk(
        &self,
        organization: OrganizationId,
        user: UserId,
        role: Role,
        versions: Versions,
        load: impl Future<Output = Result<Desk, AppError>>,
    ) -> Result<Arc<Desk>, AppError> {
        let load = async { load.await.map(Arc::new) };
        self.desks.try_get_with((organization, user, role, versions.dashboards), load).await.map_err(shared)
    }

    /// A widget's body, drawn by `draw` unless it is known. Of many who ask at once, one draws. A failure is
    /// not remembered.
    pub async fn body(
        &self,
        scope: &Scope,
        widget: &Arc<str>,
        draw: impl Future<Output = Result<String, AppError>>,
    ) -> Result<Drawn, AppError> {
        let draw = async { draw.await.map(Drawn::new) };
        self.bodies.try_get_with(scope.key(widget), draw).await.map_err(shared)
    }

    /// What the page says about its filters or its sums, by `name`.
    pub async fn notices(
        &self,
        scope: &Scope,
        name: &str,
        find: impl Future<Output = Result<Vec<String>, AppError>>,
    ) -> Result<Arc<Vec<String>>, AppError> {
        let find = async { find.await.map(Arc::new) };
        self.notices.try_get_with(scope.key(&name.into()), find).await.map_err(shared)
    }

    /// What each metric of the organisation can be narrowed by.
    pub async fn metric_filters(
        &self,
        organization: OrganizationId,
        versions: Versions,
        load: impl Future<Output = Result<MetricFilters, AppError>>,
    ) -> Result<Arc<MetricFilters>, AppError> {
        let load = async { load.await.map(Arc::new) };
        self.metric_filters.try_get_with((organization, versions.metrics()), load).await.map_err(shared)
    }

    /// A number of the page's own, by `name`.
    pub async fn count(
        &self,
        scope: &Scope,
        name: &str,
        count: impl Future<Output = Result<i64, AppError>>,
    ) -> Result<i64, AppError> {
        self.counts.try_get_with(scope.key(&name.into()), count).await.map_err(shared)
    }
}

impl Scope {
    fn key(&self, widget: &Arc<str>) -> BodyKey {
        BodyKey {
            organization: self.organization,
            data: self.versions.data,
            question: self.question.clone(),
            widget: widget.clone(),
        }
    }
}

/// The error that several may have waited for.
fn shared(error: Arc<AppError>) -> AppError {
    Arc::unwrap_or_clone(error)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, reason = "tests")]
    use super::*;
    use std::sync::atomic::{AtomicUsize, Ordering};
    use uuid::Uuid;

    fn scope(organization: u128, counters: &[(&str, i64)], question: &str) -> Scope {
        let counters = counters.iter().map(|(k, v)| ((*k).to_owned(), *v)).collect();
        Scope {
            organization: OrganizationId(Uuid::from_u128(organization)),
            versions: Versions::new(&counters),
            question: question.into(),
        }
    }

    #[tokio::test]
    async fn a_body_is_drawn_again_exactly_when_something_it_depends_on_differs() {
        let cache = DashboardCache::default();
        let drawn = AtomicUsize::new(0);
        let ask = async |scope: Scope, widget: &str| {
            let widget: Arc<str> = widget.into();
            let draw = async { Ok(format!("<p>{}</p>", drawn.fetch_add(1, Ordering::SeqCst))) };
            cache.body(&scope, &widget, draw).await.unwrap().body
        };
        let first = ask(scope(1, &[("transactions", 1)], "a"), "kpi").await;
        assert_eq!(ask(scope(1, &[("transactions", 1), ("jobs", 9)], "a"), "kpi").await, first, "jobs draw nothing");
        for other in [
            ask(scope(1, &[("transactions", 2)], "a"), "kpi").await,
            ask(scope(1, &[("transactions", 1)], "b"), "kpi").await,
            ask(scope(1, &[("transactions", 1)], "a"), "gauge").await,
            ask(scope(2, &[("transactions", 1)], "a"), "kpi").await,
        ] {
            assert_ne!(other, first);
        }
        assert_eq!(drawn.load(Ordering::SeqCst), 5);
    }

    #[tokio::test]
    async fn of_many_who_ask_at_once_one_draws() {
        let cache = Arc::new(DashboardCache::default());
        let drawn = Arc::new(AtomicUsize::new(0));
        let asking = (0..32).map(|_| {
            let (cache, drawn) = (cache.clone(), drawn.clone());
            tokio::spawn(async move {
                let draw = async {
                    tokio::time::sleep(Duration::from_millis(20)).await;
                    drawn.fetch_add(1, Ordering::SeqCst);
                    Ok("x".to_owned())
                };
                cache.body(&scope(1, &[], "a"), &"kpi".into(), draw).await.unwrap()
            })
        });
        for task in asking.collect::<Vec<_>>() {
            task.await.unwrap();
        }
        assert_eq!(drawn.load(Ordering::SeqCst), 1);
    }

    #[tokio::test]
    async fn a_failure_is_not_remembered() {
        let cache = DashboardCache::default();
        let failed = cache.body(&scope(1, &[], "a"), &"kpi".into(), async { Err(AppError::Unavailable) }).await;
        assert_eq!(failed.unwrap_err(), AppError::Unavailable);
        let drawn = cache.body(&scope(1, &[], "a"), &"kpi".into(), async { Ok("fine".to_owned()) }).await;
        assert_eq!(&*drawn.unwrap().body.0, "fine");
    }
}
