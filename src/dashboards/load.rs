//! Puts a page together. Server only.
//!
//! One round trip tells how far the data has moved; what was drawn under the same counters is used as it is, so a page that
//! nothing has changed under runs no metric at all.

use super::{
    cache::{Board, Desk, Drawn, Scope, Seat, Versions, widget_key},
    code,
    model::{Dashboard, DashboardRow},
    page::*,
    personal::{self, model::Standing},
    sharing::{self, Guest},
    store,
};
use crate::{
    accounts::{Colleague, Member, OrganizationSummary, Role},
    error::AppError,
    ids::DashboardId,
    metrics::{Comparison, DEFAULT_RANGE, MetricQuery, Period, QUICK_RANGES, TimeRange, engine},
    server::{AppState, TenantScope, TenantTx},
    widgets::{
        Widget, WidgetKind,
        draw::{self, DrawContext},
        settings::{CalendarLayer, WidgetSettings},
        turn::Turn,
    },
};
use chrono::{DateTime, Utc};
use std::{collections::HashMap, sync::Arc};

/// Who looks at a dashboard: a member, or the holder of a public link.
pub trait Reader: TenantScope {
    fn organization(&self) -> &OrganizationSummary;
    /// Whether they may know of a widget at all.
    fn sees(&self, widget: &Widget) -> bool;
    fn is_partner(&self) -> bool;
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
}

/// What is asked of every widget of a page.
struct Question {
    range: TimeRange,
    period: Period,
    comparison: Option<Comparison>,
    now: DateTime<Utc>,
    error: Option<String>,
    /// How tables are turned over; `None` where that cannot be done.
    turns: Option<Vec<Turn>>,
}

impl Question {
    /// A range that cannot be understood gives way to the usual one, and a word about it.
    fn new(query: &PageQuery, organization: &OrganizationSummary, now: DateTime<Utc>) -> Result<Self, AppError> {
        let zone = organization.time_zone;
        let comparison = query.comparison();
        let range = query.range();
        match range.resolve(now, zone) {
            Ok(period) => Ok(Self { range, period, comparison, now, error: None, turns: None }),
            Err(error) => {
                let range = DEFAULT_RANGE.range();
                let period = range.resolve(now, zone)?;
                Ok(Self { range, period, comparison, now, error: Some(error.to_string()), turns: None })
            }
        }
    }

    /// On a page where tables can be turned over.
    fn turnable(self, query: &PageQuery) -> Self {
        Self { turns: Some(query.turns.clone()), ..self }
    }

    /// A table as it is turned over, and what that adds to its key: the drawing's buttons name the table.
    fn turned(&self, widget: &Widget) -> Option<(Widget, String)> {
        let turns = self.turns.as_ref().filter(|_| widget.kind == WidgetKind::DataTable)?;
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
        let (range, comparison) = (&self.range, self.comparison);
        let (currency, zone) = (&organization.base_currency, organization.time_zone);
        format!("{range:?} {comparison:?} {today} {currency} {zone}").into()
    }
}

/// The page that `query` asks for.
///
/// # Errors
/// `NotFound` for a dashboard that is not there or not the person's to see; a widget's own failure stays in its card.
pub async fn page(state: &AppState, member: &Member, query: &PageQuery) -> Result<PageData, AppError> {
    let question = Question::new(query, member.organization(), Utc::now())?.turnable(query);
    let colleague = member.colleague()?;
    let mut tx = state.db.tenant(&colleague).await?;
    let (scope, desk) = open(state, &colleague, &mut tx, &question).await?;
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
    let Some(seat) = choose(&desk, query)? else {
        return Ok(PageData { head: PageHead { tabs, shown: None, deleted }, bodies: Vec::new() });
    };
    let standing = standing(&desk, seat, member, question.now);
    let (shown, bodies) = show(state, member, tx, &scope, &seat.board, standing, question).await?;
    Ok(PageData { head: PageHead { tabs, shown: Some(shown), deleted }, bodies })
}

fn tab(seat: &Seat) -> Tab {
    let row = &seat.board.dashboard.row;
    Tab { id: row.id, name: row.name.clone(), personal: row.owner_id.is_some(), favourite: seat.favourite }
}

/// The person's dashboards, in the order of their tabs.
pub async fn tabs(state: &AppState, member: &Member) -> Result<Vec<Tab>, AppError> {
    let colleague = member.colleague()?;
    let mut tx = state.db.tenant(&colleague).await?;
    let versions = Versions::new(&store::change_counters(&mut tx).await?);
    Ok(desk(state, &colleague, &mut tx, versions).await?.boards.iter().map(tab).collect())
}

/// The person's dashboards and how each stands to them, in the order of their tabs.
pub async fn standings(state: &AppState, member: &Member) -> Result<Vec<(DashboardRow, Standing)>, AppError> {
    let colleague = member.colleague()?;
    let mut tx = state.db.tenant(&colleague).await?;
    let versions = Versions::new(&store::change_counters(&mut tx).await?);
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
    let scope = scope(member, &mut tx, &question).await?;
    let (shown, bodies) = show(state, member, tx, &scope, &board, Standing::default(), question).await?;
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
    let scope = scope(guest, &mut tx, &question).await?;
    let board = Board::new(store::find_linked(&mut tx, guest, id).await?, None);
    show(state, guest, tx, &scope, &board, Standing::default(), question).await
}

/// One dashboard, as `reader` may see it.
async fn show(
    state: &AppState,
    reader: &impl Reader,
    tx: TenantTx,
    scope: &Scope,
    board: &Board,
    standing: Standing,
    question: Question,
) -> Result<(Shown, Vec<Body>), AppError> {
    let (drawn, transactions) = draw_board(state, reader, tx, scope, board, &question, |_| true).await?;
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
        range_error: question.error,
        provisioned: board.provisioned.clone(),
        transactions,
        cards,
    };
    Ok((shown, bodies))
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
    let (scope, desk) = open(state, &colleague, &mut tx, &question).await?;
    let Some(seat) = choose(&desk, query)?.filter(|seat| seat.board.dashboard.row.version == version) else {
        return Ok(Refreshed { rearranged: true, ..Refreshed::default() });
    };
    let board = &seat.board;
    let known: HashMap<_, _> = known.into_iter().map(|k| (k.id, k.hash)).collect();
    // Those that are not named are not due yet.
    let due = |widget: &Widget| known.contains_key(&widget.id);
    let (drawn, transactions) = draw_board(state, member, tx, &scope, board, &question, due).await?;
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

async fn open(
    state: &AppState,
    colleague: &Colleague,
    tx: &mut TenantTx,
    question: &Question,
) -> Result<(Scope, Arc<Desk>), AppError> {
    let versions = Versions::new(&store::change_counters(tx).await?);
    let desk = desk(state, colleague, tx, versions).await?;
    let question = question.key(colleague.organization());
    Ok((Scope { organization: colleague.organization_id(), versions, question }, desk))
}

/// For what is on nobody's desk.
async fn scope(reader: &impl Reader, tx: &mut TenantTx, question: &Question) -> Result<Scope, AppError> {
    let versions = Versions::new(&store::change_counters(tx).await?);
    Ok(Scope { organization: reader.organization_id(), versions, question: question.key(reader.organization()) })
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
        Ok(Desk::new(&shared, own, preferences, public, colleague.role()))
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
    let scope = scope(member, &mut tx, &question).await?;
    let keys: Vec<Arc<str>> = widgets.iter().map(widget_key).collect();
    let (drawn, _) = draw_all(state, member, tx, &scope, widgets.iter().zip(&keys), &question).await?;
    Ok(drawn.into_iter().map(|(_, drawn)| drawn.map(|drawn| drawn.body)).collect())
}

type DrawnWidget<'a> = (&'a Widget, Result<Drawn, AppError>);

/// Those of the dashboard's widgets that the reader may see and that are `wanted`.
async fn draw_board<'a>(
    state: &AppState,
    reader: &impl Reader,
    tx: TenantTx,
    scope: &Scope,
    board: &'a Board,
    question: &Question,
    wanted: impl Fn(&Widget) -> bool,
) -> Result<(Vec<DrawnWidget<'a>>, Option<i64>), AppError> {
    let organization = reader.organization();
    let widgets = board.dashboard.widgets.iter().zip(&board.widget_keys);
    let widgets = widgets.filter(|(widget, _)| reader.sees(widget) && wanted(widget));
    let (drawn, mut tx) = draw_all(state, reader, tx, scope, widgets, question).await?;
    // How many transactions the page is about is a courtesy: without it the page is still a page.
    let count = async {
        let query =
            MetricQuery { metric: "net_profit".into(), range: question.range.clone(), ..MetricQuery::default() };
        engine::answer(&mut tx, organization, &query, question.now).await.map(|answer| answer.count)
    };
    let transactions = state.dashboards.count(scope, "transactions", count).await.ok();
    Ok((drawn, transactions))
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
    let context = DrawContext {
        range: question.range.clone(),
        comparison: question.comparison,
        now: question.now,
        partner: reader.is_partner(),
    };
    let mut drawn = Vec::new();
    for (widget, key) in widgets {
        let turned = question.turned(widget);
        let key = match (&widget.settings, &turned) {
            // Events are of every kind of record.
            (WidgetSettings::Calendar(s), _) if s.shows(CalendarLayer::Events) => {
                &format!("{key} {} {}", scope.versions.all, context.partner).into()
            }
            (_, Some((_, turned))) => &format!("{key} {turned}").into(),
            _ => key,
        };
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
