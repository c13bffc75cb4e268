//! Puts a page together. Server only.
//!
//! One round trip tells how far the data has moved; what was drawn under the same counters is used as it is, so a page that
//! nothing has changed under runs no metric at all.

use super::{
    cache::{Board, Desk, Drawn, Scope, Seat, widget_key},
    code, filters,
    model::{Dashboard, DashboardRow},
    page::*,
    personal::{self, model::Standing},
    selection::{STANDARD, Selection},
    sharing::{self, Guest},
    store,
    views::{self, model::ViewLink},
};
use crate::{
    accounts::{Colleague, Member, OrganizationSummary, Role},
    error::AppError,
    ids::DashboardId,
    metrics::{
        Comparison, DEFAULT_RANGE, Filters, Lack, MetricQuery, Period, QUICK_RANGES, RowsQuery, TimeRange,
        catalogue::{SOURCES, TRANSACTIONS},
        currencies, engine,
        narrow::{self, Named},
        sources::{self, MetricFilters},
    },
    server::{AppState, TenantScope, TenantTx, Versions},
    widgets::{
        Widget, WidgetKind, ask,
        draw::{self, DrawContext},
        reach,
        settings::{CalendarLayer, WidgetSettings},
        turn::Turn,
    },
};
use chrono::{DateTime, Utc};
use std::{
    collections::HashMap,
    hash::{DefaultHasher, Hash, Hasher},
    sync::Arc,
};

/// Who looks at a dashboard: a member, or the holder of a public link.
pub trait Reader: TenantScope {
    fn organization(&self) -> &OrganizationSummary;
    /// Whether they may know of a widget at all.
    fn sees(&self, widget: &Widget) -> bool;
    fn is_partner(&self) -> bool;
    /// Whether they may add records.
    fn may_add(&self) -> bool;
}

impl Reader for Member {
    fn organization(&self) -> &OrganizationSummary {
        self.organization()
    }
    fn sees(&self, widget: &Widget) -> bool {
        widget.visible_to(self.role())
    }
    fn is_partner(&self) -> bool {
        self.role() == Role::Partner
    }
    fn may_add(&self) -> bool {
        self.editor().is_ok()
    }
}

impl Reader for Guest {
    fn organization(&self) -> &OrganizationSummary {
        self.organization()
    }
    /// What is not for every role is not for the public.
    fn sees(&self, widget: &Widget) -> bool {
        widget.settings.common().roles.is_none()
    }
    fn is_partner(&self) -> bool {
        false
    }
    fn may_add(&self) -> bool {
        false
    }
}

/// What is asked of every widget of a page.
struct Question {
    range: TimeRange,
    period: Period,
    comparison: Option<Comparison>,
    /// All that mean something, whether anything on the page has a field for them or not.
    filters: Filters,
    /// Those that something on the page has a field for.
    applied: Filters,
    /// What the page can be filtered by.
    offered: Vec<Named>,
    notices: Vec<String>,
    now: DateTime<Utc>,
    error: Option<String>,
    /// How tables and calendars are turned over; `None` where that cannot be done.
    turns: Option<Vec<Turn>>,
}

impl Question {
    /// What cannot be understood is left out, with a word about it: a range gives way to the usual one.
    fn new(query: &PageQuery, organization: &OrganizationSummary, now: DateTime<Utc>) -> Result<Self, AppError> {
        let zone = organization.time_zone;
        let comparison = query.comparison();
        let (filters, notices) = narrow::check(&query.filters);
        let (range, period, error) = match query.range().resolve(now, zone) {
            Ok(period) => (query.range(), period, None),
            Err(error) => {
                let range = DEFAULT_RANGE.range();
                let period = range.resolve(now, zone)?;
                (range, period, Some(error.to_string()))
            }
        };
        let (applied, offered) = (filters.clone(), Vec::new());
        Ok(Self { range, period, comparison, filters, applied, offered, notices, now, error, turns: None })
    }

    /// Leaves the filters out that nothing honours.
    fn narrowed(mut self, offered: Vec<Named>) -> Self {
        self.applied = self.filters.only(|name| offered.iter().any(|(offered, _)| *offered == name));
        let idle = self.filters.only(|name| self.applied.get(name).is_empty());
        for filter in narrow::in_words(&idle) {
            self.notices.push(format!("Nothing on this dashboard can be filtered by {}.", filter.label));
        }
        self.offered = offered;
        self
    }

    /// On a page where tables can be turned over.
    fn turnable(self, query: &PageQuery) -> Self {
        Self { turns: Some(query.turns.clone()), ..self }
    }

    /// A table or calendar as it is turned over, and what that adds to its key: the drawing's buttons name the widget.
    fn turned(&self, widget: &Widget) -> Option<(Widget, String)> {
        let turns =
            self.turns.as_ref().filter(|_| matches!(widget.kind, WidgetKind::DataTable | WidgetKind::Calendar))?;
        let turn = turns.iter().find(|turn| turn.widget == widget.id);
        let key = turn.map_or_else(|| widget.id.to_string(), ToString::to_string);
        Some((turn.map_or_else(|| widget.clone(), |turn| widget.turned(turn)), key))
    }

    /// Ranges with a name stand in the picker; whoever has chosen days of their own may want more around them.
    fn wider(&self, organization: &OrganizationSummary) -> Option<TimeRange> {
        if QUICK_RANGES.iter().any(|quick| quick.range() == self.range) {
            return None;
        }
        self.period.wider(organization.time_zone.day(self.now))
    }

    fn key(&self, organization: &OrganizationSummary) -> Arc<str> {
        let today = organization.time_zone.day(self.now);
        let Self { range, comparison, applied, .. } = self;
        let (currency, zone) = (&organization.base_currency, organization.time_zone);
        format!("{range:?} {comparison:?} {applied:?} {today} {currency} {zone}").into()
    }

    fn scope(&self, reader: &impl Reader, versions: Versions) -> Scope {
        let question = self.key(reader.organization());
        Scope { organization: reader.organization_id(), versions, question }
    }

    fn context(&self, reader: &impl Reader) -> DrawContext {
        DrawContext {
            range: self.range.clone(),
            comparison: self.comparison,
            filters: self.applied.clone(),
            now: self.now,
            partner: reader.is_partner(),
            may_add: reader.may_add(),
        }
    }
}

/// The page that `query` asks for.
///
/// # Errors
/// `NotFound` for a dashboard that is not there or not the person's to see; a widget's own failure stays in its card.
pub async fn page(state: &AppState, member: &Member, query: &PageQuery) -> Result<PageData, AppError> {
    assemble(state, member, query, false).await
}

/// The page for somebody who comes to look: as they looked at it last, unless `query` says how, which is then kept.
///
/// # Errors
/// As [`page`].
pub async fn visit(state: &AppState, member: &Member, query: &PageQuery) -> Result<PageData, AppError> {
    assemble(state, member, query, true).await
}

async fn assemble(state: &AppState, member: &Member, query: &PageQuery, visiting: bool) -> Result<PageData, AppError> {
    let mut question = Question::new(query, member.organization(), Utc::now())?.turnable(query);
    let colleague = member.colleague()?;
    let mut tx = state.db.tenant(&colleague).await?;
    let (counters, mut looks) = store::look(&mut tx, query.dashboard).await?;
    let versions = Versions::new(&counters);
    let desk = desk(state, &colleague, &mut tx, versions).await?;
    let tabs = desk.boards.iter().map(tab).collect();
    let deleted = match (query.deleted, member.editor()) {
        (Some(id), Ok(editor)) => store::find_deleted(&mut tx, &editor, id).await?.map(|deleted| Tab {
            id,
            name: deleted.name,
            personal: deleted.owner_id.is_some(),
            favourite: false,
        }),
        _ => None,
    };
    let mut head = PageHead { tabs, shown: None, deleted, goes_to: None };
    let Some(seat) = choose(&desk, query)? else { return Ok(PageData { head, bodies: Vec::new() }) };
    let id = seat.board.dashboard.row.id;
    let last = looks.remove(&id).map(Selection::from).unwrap_or_default();
    let saved = desk.views.get(&id).map(Vec::as_slice).unwrap_or_default();
    if visiting {
        let named = query.view.as_ref().filter(|view| *view != STANDARD);
        match named.map(|name| saved.iter().find(|view| view.id.to_string() == *name)) {
            Some(Some(view)) => head.goes_to = Some(Selection::from(view.query.clone()).link()),
            Some(None) => question.notices.push("This saved view is gone, or somebody else’s.".to_owned()),
            None if !query.is_explicit() && last != Selection::default() => head.goes_to = Some(last.link()),
            None => {}
        }
        if head.goes_to.is_some() {
            return Ok(PageData { head, bodies: Vec::new() });
        }
    }
    let metrics = metric_filters(state, member, versions, &mut tx).await?;
    let question = question.narrowed(offered(member, &seat.board.dashboard, &metrics));
    let offers = |name: &&String| question.offered.iter().any(|(offered, _)| offered == name);
    let choosing = match query.choose.as_ref().filter(offers) {
        Some(name) => Some(filters::values::list(&mut tx, name, &question.filters, "").await?),
        None => None,
    };
    let standing = standing(&desk, seat, member, question.now);
    let scope = question.scope(member, versions);
    let (mut shown, bodies) = show(state, member, tx, &scope, &seat.board, standing, question, &metrics).await?;
    let selection = shown.selection();
    shown.views = saved.iter().map(|view| ViewLink::new(view, &selection)).collect();
    shown.choosing = choosing;
    let says = query.view.as_deref().is_none_or(|view| view == STANDARD) && query.deleted.is_none();
    if visiting && says && query.is_explicit() && shown.range_error.is_none() && selection != last {
        remember(state, &colleague, id, &selection).await;
    }
    head.shown = Some(shown);
    Ok(PageData { head, bodies })
}

/// For the next time. Only when it has changed, and the page does not depend on it.
async fn remember(state: &AppState, colleague: &Colleague, id: DashboardId, selection: &Selection) {
    let keep = async {
        let mut tx = state.db.tenant(colleague).await?;
        views::store::remember(&mut tx, colleague, id, selection).await?;
        tx.commit().await
    };
    if let Err(cause) = keep.await {
        tracing::warn!(%cause, "what somebody looked at was not kept");
    }
}

async fn metric_filters(
    state: &AppState,
    reader: &impl Reader,
    versions: Versions,
    tx: &mut TenantTx,
) -> Result<Arc<MetricFilters>, AppError> {
    state.dashboards.metric_filters(reader.organization_id(), versions, sources::metric_filters(tx)).await
}

/// The filters that something on the dashboard honours that `reader` may see.
fn offered(reader: &impl Reader, dashboard: &Dashboard, metrics: &MetricFilters) -> Vec<Named> {
    let seen = dashboard.widgets.iter().filter(|widget| reader.sees(widget));
    reach::offered(seen.map(|widget| &widget.settings), metrics)
}

/// The same for the dashboard of `query`.
pub async fn offered_on(
    state: &AppState,
    member: &Member,
    colleague: &Colleague,
    tx: &mut TenantTx,
    query: &PageQuery,
) -> Result<Vec<Named>, AppError> {
    let versions = tx.versions().await?;
    let desk = desk(state, colleague, tx, versions).await?;
    let seat = choose(&desk, query)?.ok_or_else(|| AppError::not_found("The dashboard"))?;
    let metrics = metric_filters(state, member, versions, tx).await?;
    Ok(offered(member, &seat.board.dashboard, &metrics))
}

fn tab(seat: &Seat) -> Tab {
    let row = &seat.board.dashboard.row;
    Tab { id: row.id, name: row.name.clone(), personal: row.owner_id.is_some(), favourite: seat.favourite }
}

/// The person's dashboards, in the order of their tabs.
pub async fn tabs(state: &AppState, member: &Member) -> Result<Vec<Tab>, AppError> {
    let colleague = member.colleague()?;
    let mut tx = state.db.tenant(&colleague).await?;
    let versions = tx.versions().await?;
    Ok(desk(state, &colleague, &mut tx, versions).await?.boards.iter().map(tab).collect())
}

/// The person's dashboards and how each stands to them, in the order of their tabs.
pub async fn standings(state: &AppState, member: &Member) -> Result<Vec<(DashboardRow, Standing)>, AppError> {
    let colleague = member.colleague()?;
    let mut tx = state.db.tenant(&colleague).await?;
    let versions = tx.versions().await?;
    let desk = desk(state, &colleague, &mut tx, versions).await?;
    let now = Utc::now();
    let one = |seat: &Seat| (seat.board.dashboard.row.clone(), standing(&desk, seat, member, now));
    Ok(desk.boards.iter().map(one).collect())
}

/// A dashboard as it was in `version`, or is now, with the data of today: the usual range, and nobody's arrangement.
pub async fn preview(
    state: &AppState,
    member: &Member,
    id: DashboardId,
    version: Option<i64>,
) -> Result<PageData, AppError> {
    let question = Question::new(&PageQuery::default(), member.organization(), Utc::now())?;
    let mut tx = state.db.tenant(&member.colleague()?).await?;
    let mut dashboard = store::find(&mut tx, id).await?;
    if let Some(version) = version {
        let past = store::versions::find(&mut tx, id, version, member.role()).await?;
        dashboard.widgets = past.content.widgets.iter().filter_map(|widget| widget.check().ok()).collect();
        (dashboard.row.version, dashboard.row.updated_at) = (past.version, past.at);
        (dashboard.row.name, dashboard.row.description) = (past.content.name, past.content.description);
    }
    let board = Board::new(dashboard, None);
    let (shown, bodies) = alone(state, member, tx, &board, question).await?;
    Ok(PageData { head: PageHead { shown: Some(shown), ..PageHead::default() }, bodies })
}

/// A dashboard as the holder of a public link sees it, whoever owns it.
pub async fn shared(
    state: &AppState,
    guest: &Guest,
    id: DashboardId,
    query: &PageQuery,
) -> Result<(Shown, Vec<Body>), AppError> {
    let question = Question::new(query, guest.organization(), Utc::now())?;
    let mut tx = state.db.tenant(guest).await?;
    let board = Board::new(store::find_linked(&mut tx, guest, id).await?, None);
    alone(state, guest, tx, &board, question).await
}

/// A dashboard that is on nobody's desk.
async fn alone(
    state: &AppState,
    reader: &impl Reader,
    mut tx: TenantTx,
    board: &Board,
    question: Question,
) -> Result<(Shown, Vec<Body>), AppError> {
    let versions = tx.versions().await?;
    let metrics = metric_filters(state, reader, versions, &mut tx).await?;
    let question = question.narrowed(offered(reader, &board.dashboard, &metrics));
    let scope = question.scope(reader, versions);
    show(state, reader, tx, &scope, board, Standing::default(), question, &metrics).await
}

/// One dashboard, as `reader` may see it.
#[expect(clippy::too_many_arguments, reason = "all of them are what one page is made of")]
async fn show(
    state: &AppState,
    reader: &impl Reader,
    tx: TenantTx,
    scope: &Scope,
    board: &Board,
    standing: Standing,
    mut question: Question,
    metrics: &MetricFilters,
) -> Result<(Shown, Vec<Body>), AppError> {
    let (drawn, transactions, unknown) = draw_board(state, reader, tx, scope, board, &question, |_| true).await?;
    question.notices.extend(unknown);
    let left_out = left_out(state, reader, scope, board, &question).await;
    question.notices.extend(left_out);
    let missing = missing(state, reader, scope, board, &question, metrics, transactions).await;
    let mut cards = Vec::with_capacity(drawn.len());
    let mut bodies = Vec::with_capacity(drawn.len());
    for (widget, drawn) in drawn {
        let (hash, error, body) = outcome(drawn);
        cards.push(Card {
            id: widget.id,
            kind: widget.kind,
            title: widget.title(),
            metric: widget.settings.metric().map(str::to_owned),
            x: widget.x,
            y: widget.y,
            w: widget.w,
            h: widget.h,
            range: widget.settings.common().range.as_ref().map(TimeRange::label),
            refresh: widget.settings.common().refresh,
            unmet: reach::unmet(&widget.settings, metrics, &question.applied),
            hash,
            error,
        });
        bodies.push(body);
    }
    let shown = Shown {
        standing,
        row: board.dashboard.row.clone(),
        range_label: question.range.label(),
        period_label: question.period.label(),
        first_day: question.period.from,
        last_day: question.period.to.and_then(|to| to.pred_opt()),
        wider: question.wider(reader.organization()),
        range: question.range,
        comparison: question.comparison,
        active: narrow::in_words(&question.filters),
        filters: question.filters,
        offered: question.offered.into_iter().map(|(name, label)| (name.to_owned(), label.to_owned())).collect(),
        notices: question.notices,
        views: Vec::new(),
        choosing: None,
        range_error: question.error,
        provisioned: board.provisioned.clone(),
        transactions,
        missing,
        closed: cards.is_empty() && !board.dashboard.widgets.is_empty(),
        cards,
    };
    Ok((shown, bodies))
}

/// What of the records is in another currency, and so in none of the dashboard's sums. A courtesy, as their number is.
async fn left_out(
    state: &AppState,
    reader: &impl Reader,
    scope: &Scope,
    board: &Board,
    question: &Question,
) -> Vec<String> {
    let widgets = board.dashboard.widgets.iter().zip(&board.widget_keys);
    let of_metrics = |widget: &Widget| reader.sees(widget) && widget.settings.metric().is_some();
    let (widgets, keys): (Vec<_>, Vec<_>) = widgets.filter(|(widget, _)| of_metrics(widget)).unzip();
    if widgets.is_empty() {
        return Vec::new();
    }
    let mut hasher = DefaultHasher::new();
    keys.hash(&mut hasher);
    let find = async {
        let queries = ask::sums(widgets.iter().map(|widget| &widget.settings), &question.context(reader));
        let mut tx = state.db.tenant(reader).await?;
        let notice = currencies::notice(&mut tx, reader.organization(), &queries, question.now).await?;
        Ok(notice.into_iter().collect())
    };
    let found = state.dashboards.notices(scope, &format!("left out {:016x}", hasher.finish()), find).await;
    found.map(|notices| notices.to_vec()).unwrap_or_default()
}

/// The kinds of record that the dashboard is about, when there is none of any of them. A courtesy, as their number is.
async fn missing(
    state: &AppState,
    reader: &impl Reader,
    scope: &Scope,
    board: &Board,
    question: &Question,
    metrics: &MetricFilters,
    transactions: Option<i64>,
) -> Vec<Missing> {
    let seen = board.dashboard.widgets.iter().filter(|widget| reader.sees(widget));
    let sources = reach::sources(seen.map(|widget| &widget.settings), metrics);
    let bounded = question.period != Period::default();
    let mut missing = Vec::with_capacity(sources.len());
    for source in sources {
        let of_books = *source == TRANSACTIONS;
        // How many there are of the period is known already.
        if of_books && transactions != Some(0) {
            return Vec::new();
        }
        // Of any time: much of what is said of the others is of now, whatever the range.
        let count = async {
            let query = RowsQuery {
                source: source.name.into(),
                narrowed: question.applied.clone(),
                limit: Some(1),
                ..RowsQuery::default()
            };
            let mut tx = state.db.tenant(reader).await?;
            engine::rows(&mut tx, reader.organization(), &query, question.now).await.map(|rows| rows.total)
        };
        let name = if of_books { "all transactions" } else { source.name };
        let others = state.dashboards.count(scope, name, count).await != Ok(0);
        if others && !of_books {
            return Vec::new();
        }
        let none = async {
            let mut tx = state.db.tenant(reader).await?;
            sources::none_of(&mut tx, &[source]).await.map(i64::from)
        };
        let lack = Lack {
            none_yet: state.dashboards.count(scope, &format!("no {name}"), none).await == Ok(1),
            ranged: bounded && others,
            filtered: !narrow::conditions(source, &question.applied).is_empty(),
            conditions: false,
            may_add: reader.may_add(),
        };
        missing.push(Missing {
            source: source.name.into(),
            noun: (source.noun.0.into(), source.noun.1.into()),
            page: source.page.into(),
            lack,
        });
    }
    missing
}

fn standing(desk: &Desk, seat: &Seat, member: &Member, now: DateTime<Utc>) -> Standing {
    let row = &seat.board.dashboard.row;
    let personal = row.owner_id.is_some();
    let may_edit = if personal { member.editor().is_ok() } else { member.admin().is_ok() };
    Standing {
        personal,
        may_edit: may_edit && seat.board.provisioned.is_none(),
        favourite: seat.favourite,
        is_first: desk.first == Some(row.id),
        arranged: seat.arranged.is_some(),
        original_changed: seat.arranged.is_some_and(|version| version != row.version),
        public: desk.public.get(&row.id).is_some_and(|until| until.is_none_or(|until| until > now)),
    }
}

/// What has changed on a page that is open in a browser.
pub async fn refresh(
    state: &AppState,
    member: &Member,
    query: &PageQuery,
    version: i64,
    known: Vec<Known>,
) -> Result<Refreshed, AppError> {
    let question = Question::new(query, member.organization(), Utc::now())?.turnable(query);
    let colleague = member.colleague()?;
    let mut tx = state.db.tenant(&colleague).await?;
    let versions = tx.versions().await?;
    let desk = desk(state, &colleague, &mut tx, versions).await?;
    let Some(seat) = choose(&desk, query)?.filter(|seat| seat.board.dashboard.row.version == version) else {
        return Ok(Refreshed { rearranged: true, ..Refreshed::default() });
    };
    let board = &seat.board;
    let metrics = metric_filters(state, member, versions, &mut tx).await?;
    let question = question.narrowed(offered(member, &board.dashboard, &metrics));
    let scope = question.scope(member, versions);
    let known: HashMap<_, _> = known.into_iter().map(|k| (k.id, k.hash)).collect();
    // Those that are not named are not due yet.
    let due = |widget: &Widget| known.contains_key(&widget.id);
    let (drawn, transactions, _) = draw_board(state, member, tx, &scope, board, &question, due).await?;
    let cards = drawn
        .into_iter()
        .map(|(widget, drawn)| {
            let (hash, error, body) = outcome(drawn);
            Redrawn { id: widget.id, hash, error, body }
        })
        .filter(|card| known.get(&card.id) != Some(&card.hash))
        .collect();
    Ok(Refreshed { rearranged: false, cards, period_label: question.period.label(), transactions })
}

async fn load_shared(tx: &mut TenantTx) -> Result<(Vec<Dashboard>, HashMap<DashboardId, String>), AppError> {
    let dashboards = store::list_shared(tx).await?;
    Ok((dashboards, code::store::files(tx).await?))
}

/// From the cache, or put together: the organisation's dashboards are read once for everybody.
async fn desk(
    state: &AppState,
    colleague: &Colleague,
    tx: &mut TenantTx,
    versions: Versions,
) -> Result<Arc<Desk>, AppError> {
    let organization = colleague.organization_id();
    let load = async {
        let shared = state.dashboards.boards(organization, versions, load_shared(tx)).await?;
        let own = store::list_personal(tx).await?;
        let preferences = personal::store::preferences(tx).await?;
        let public = sharing::store::public_dashboards(tx).await?.into_iter().collect();
        let saved = views::store::list(tx, colleague, None).await?;
        Ok(Desk::new(&shared, own, preferences, public, saved, colleague.role()))
    };
    state.dashboards.desk(organization, colleague.viewer().user_id, colleague.role(), versions, load).await
}

/// The dashboard of the address, or the one that the person sees first; `None` when there is none at all.
fn choose<'a>(desk: &'a Desk, query: &PageQuery) -> Result<Option<&'a Seat>, AppError> {
    let Some(id) = query.dashboard.or(desk.first) else { return Ok(None) };
    let found = desk.boards.iter().find(|seat| seat.board.dashboard.row.id == id);
    found.map(Some).ok_or_else(|| AppError::not_found("The dashboard"))
}

/// The bodies of widgets that are on no dashboard, in their order; a failure stands in its place.
pub(super) async fn bodies(
    state: &AppState,
    member: &Member,
    mut tx: TenantTx,
    query: &PageQuery,
    widgets: Vec<Widget>,
) -> Result<Vec<Result<Body, AppError>>, AppError> {
    let question = Question::new(query, member.organization(), Utc::now())?;
    let scope = question.scope(member, tx.versions().await?);
    let keys: Vec<Arc<str>> = widgets.iter().map(widget_key).collect();
    let (drawn, _) = draw_all(state, member, tx, &scope, widgets.iter().zip(&keys), &question).await?;
    Ok(drawn.into_iter().map(|(_, drawn)| drawn.map(|drawn| drawn.body)).collect())
}

type DrawnWidget<'a> = (&'a Widget, Result<Drawn, AppError>);

/// Widgets with their bodies, the number of transactions that they are about, and what is to be said of the filters.
type DrawnBoard<'a> = (Vec<DrawnWidget<'a>>, Option<i64>, Vec<String>);

/// Those of the dashboard's widgets that the reader may see and that are `wanted`.
async fn draw_board<'a>(
    state: &AppState,
    reader: &impl Reader,
    tx: TenantTx,
    scope: &Scope,
    board: &'a Board,
    question: &Question,
    wanted: impl Fn(&Widget) -> bool,
) -> Result<DrawnBoard<'a>, AppError> {
    let organization = reader.organization();
    let widgets = board.dashboard.widgets.iter().zip(&board.widget_keys);
    let widgets = widgets.filter(|(widget, _)| reader.sees(widget) && wanted(widget));
    let (drawn, mut tx) = draw_all(state, reader, tx, scope, widgets, question).await?;
    // How many transactions the page is about is a courtesy: without it the page is still a page.
    let count = async {
        let query = MetricQuery {
            metric: "net_profit".into(),
            range: question.range.clone(),
            narrowed: question.applied.clone(),
            ..MetricQuery::default()
        };
        engine::answer(&mut tx, organization, &query, question.now).await.map(|answer| answer.count)
    };
    let transactions = state.dashboards.count(scope, "transactions", count).await.ok();
    let mut notices = Vec::new();
    if !question.applied.is_empty() {
        let unknown = async {
            let unknown = sources::unknown_values(&mut tx, &SOURCES, &question.applied).await?;
            let sentence = |(label, value): (&str, String)| format!("No record has the {} “{value}”.", lower(label));
            Ok(unknown.into_iter().map(sentence).collect())
        };
        // A courtesy too: the figures say the same.
        if let Ok(found) = state.dashboards.notices(scope, "unknown values", unknown).await {
            notices.extend(found.iter().cloned());
        }
    }
    Ok((drawn, transactions, notices))
}

fn lower(label: &str) -> String {
    let mut letters = label.chars();
    letters.next().map_or_else(String::new, |first| first.to_lowercase().chain(letters).collect())
}

/// Draws each widget by itself: a statement that fails spoils its transaction, so the next widget gets a new one.
async fn draw_all<'a>(
    state: &AppState,
    reader: &impl Reader,
    mut tx: TenantTx,
    scope: &Scope,
    widgets: impl Iterator<Item = (&'a Widget, &'a Arc<str>)>,
    question: &Question,
) -> Result<(Vec<DrawnWidget<'a>>, TenantTx), AppError> {
    let context = question.context(reader);
    let mut drawn = Vec::new();
    for (widget, key) in widgets {
        let turned = question.turned(widget);
        let key = match (&widget.settings, &turned) {
            // Events are of every kind of record.
            (WidgetSettings::Calendar(s), turned) if s.shows(CalendarLayer::Events) => {
                let turned = turned.as_ref().map_or("", |(_, turned)| turned.as_str());
                &format!("{key} {turned} {} {}", scope.versions.all, context.partner).into()
            }
            (_, Some((_, turned))) => &format!("{key} {turned}").into(),
            _ => key,
        };
        // Most who look may add records too.
        let key = if context.may_add { key } else { &format!("{key} looks on").into() };
        let organization = reader.organization();
        let body = async {
            match &turned {
                Some((turned, _)) => draw::turnable_body(&mut tx, organization, turned, &context).await,
                None => draw::body(&mut tx, organization, widget, &context).await,
            }
        };
        let result = state.dashboards.body(scope, key, body).await;
        if result.is_err() {
            tx = state.db.tenant(reader).await?;
        }
        drawn.push((widget, result));
    }
    Ok((drawn, tx))
}

fn outcome(drawn: Result<Drawn, AppError>) -> (String, Option<AppError>, Body) {
    match drawn {
        Ok(drawn) => (format!("{:016x}", drawn.hash), None, drawn.body),
        // Never equal to a body's hash, so that the next look replaces the error.
        Err(error) => ("error".into(), Some(error), Body::default()),
    }
}
