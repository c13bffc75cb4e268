//! The work bench: what the parts of the page share. Each widget has signals of its own, so that a change touches
//! nothing but what it changes.
#![cfg_attr(
    not(feature = "hydrate"),
    expect(dead_code, reason = "the server shows the page; the browser works with it")
)]

use super::state::{Area, State, Tile, Told, area};
use crate::{
    dashboards::{
        editing::model::{Content, DraftKey, Drawn, Editing, Theirs},
        grid::Grid,
        page::{Body, PageData, PageQuery},
    },
    error::AppError,
    ids::{DashboardId, DraftId, WidgetId},
    ui::{Toasts, use_toasts},
    widgets::WidgetKind,
};
use chrono::{DateTime, Utc};
use leptos::{prelude::*, reactive::owner::WeakOwner};
use serde_json::Value;
use std::{collections::HashMap, sync::Arc};

/// What a body was drawn from.
type Source = (WidgetKind, Arc<Value>);

/// One widget's signals.
#[derive(Clone, Copy)]
pub struct Card {
    pub area: RwSignal<Area>,
    pub pinned: RwSignal<bool>,
    pub kind: RwSignal<WidgetKind>,
    pub title: RwSignal<String>,
    pub body: RwSignal<Body>,
    pub error: RwSignal<Option<AppError>>,
    /// Whether it was just added: that it lacks a metric is no error yet.
    pub fresh: RwSignal<bool>,
    /// `None` until something was drawn.
    pub drawn: RwSignal<Option<Source>>,
    /// Whether what is shown is not what the settings say.
    pub stale: RwSignal<bool>,
}

/// Where the draft stands.
#[derive(Clone, Debug, PartialEq)]
pub enum DraftState {
    /// What is shown is what is stored.
    Clean,
    Unsaved,
    Keeping,
    Kept(DateTime<Utc>),
    Failed(AppError),
}

#[derive(Clone, Copy)]
pub struct Bench {
    pub id: DashboardId,
    pub query: StoredValue<PageQuery>,
    pub state: RwSignal<State>,
    /// The widgets on the canvas, in reading order.
    pub order: RwSignal<Vec<WidgetId>>,
    /// Rows that the canvas has.
    pub rows: RwSignal<i32>,
    pub placeholder: RwSignal<Option<Area>>,
    /// What is being dragged out of the palette.
    pub ghost: RwSignal<Option<WidgetKind>>,
    /// Whose settings are open.
    pub panel: RwSignal<Option<WidgetId>>,
    pub palette: RwSignal<bool>,
    /// The title of a copied widget that can be pasted.
    pub shelf: RwSignal<Option<String>>,
    /// What was done last, for those who cannot see it.
    pub said: RwSignal<String>,
    pub draft: RwSignal<DraftState>,
    /// Where this window's draft is kept. Its id is given when the browser begins.
    pub draft_key: StoredValue<DraftKey>,
    /// When the unsaved changes that this page began with were made.
    pub resumed: RwSignal<Option<DateTime<Utc>>>,
    pub saving: RwSignal<bool>,
    /// Why the server did not save.
    pub refused: RwSignal<Option<AppError>>,
    pub conflict: RwSignal<Option<Theirs>>,
    /// Whether the conflict came of saving, which then is still to be done.
    pub asked_to_save: StoredValue<bool>,
    /// Where the person wants to go while there are unsaved changes.
    pub leaving: RwSignal<Option<String>>,
    pub toasts: Toasts,
    /// Whether the page listens to its person.
    pub awake: RwSignal<bool>,
    /// Also of widgets that were removed: undo brings them back as they were.
    cards: StoredValue<HashMap<WidgetId, Card>>,
    /// The page itself. Much happens inside dialogs, whose signals end with them.
    page: StoredValue<Option<WeakOwner>>,
}

impl Bench {
    pub fn new(editing: Editing, page: PageData, query: PageQuery) -> Self {
        let Editing { row, content, draft, theirs } = editing;
        let base = theirs.as_ref().map_or(&content, |theirs| &theirs.base);
        let version = theirs.as_ref().and(draft.as_ref()).map_or(row.version, |draft| draft.base_version);
        let mut state = State::open(base, version);
        if let Some(draft) = &draft {
            state.resume(&draft.content);
        }
        let rows = state.grid().bottom();
        let continued = draft.as_ref().map(|draft| (draft.id, draft.saved_at));
        let kept = draft.map(|draft| draft.saved_at);
        let resumed = kept.filter(|_| state.is_dirty());
        let bench = Self {
            id: row.id,
            query: StoredValue::new(query),
            state: RwSignal::new(state),
            order: RwSignal::new(Vec::new()),
            rows: RwSignal::new(rows),
            placeholder: RwSignal::new(None),
            ghost: RwSignal::new(None),
            panel: RwSignal::new(None),
            palette: RwSignal::new(true),
            shelf: RwSignal::new(None),
            said: RwSignal::new(String::new()),
            draft: RwSignal::new(resumed.map_or(DraftState::Clean, DraftState::Kept)),
            draft_key: StoredValue::new(DraftKey { id: DraftId(uuid::Uuid::nil()), continued }),
            resumed: RwSignal::new(resumed),
            saving: RwSignal::new(false),
            refused: RwSignal::new(None),
            conflict: RwSignal::new(theirs),
            asked_to_save: StoredValue::new(false),
            leaving: RwSignal::new(None),
            toasts: use_toasts(),
            awake: RwSignal::new(false),
            cards: StoredValue::new(HashMap::new()),
            page: StoredValue::new(Owner::current().map(|owner| owner.downgrade())),
        };
        bench.show_state();
        bench.take_bodies(&content, page, row.version);
        bench
    }

    /// The bodies that the page was drawn with belong to the widgets as they are stored. In the browser they are
    /// empty after hydration: the HTML has them.
    fn take_bodies(self, stored: &Content, page: PageData, version: i64) {
        let Some(shown) = page.head.shown.filter(|shown| shown.row.version == version) else { return };
        for (n, known) in shown.cards.into_iter().enumerate() {
            let Some(widget) = stored.widgets.iter().find(|widget| widget.id == known.id) else { continue };
            let card = self.card_or_new(&Tile::new(widget));
            card.body.set(page.bodies.get(n).cloned().unwrap_or_default());
            card.error.set(known.error);
            card.drawn.set(Some((widget.kind, Arc::new(widget.settings.clone()))));
        }
        self.state.with_untracked(|state| state.tiles().iter().for_each(|tile| self.mark_stale(tile)));
    }

    pub fn card(self, id: WidgetId) -> Option<Card> {
        self.cards.with_value(|cards| cards.get(&id).copied())
    }

    /// Makes signals and callbacks that last as long as the page.
    fn in_page<T>(self, make: impl FnOnce() -> T) -> T {
        match self.page.with_value(|page| page.as_ref().and_then(WeakOwner::upgrade)) {
            Some(page) => page.with(make),
            None => make(),
        }
    }

    fn card_or_new(self, tile: &Tile) -> Card {
        if let Some(card) = self.card(tile.id) {
            return card;
        }
        let card = self.in_page(|| Card {
            area: RwSignal::new(tile.area),
            pinned: RwSignal::new(tile.pinned),
            kind: RwSignal::new(tile.kind),
            title: RwSignal::new(tile.title()),
            body: RwSignal::new(Body::default()),
            error: RwSignal::new(None),
            fresh: RwSignal::new(false),
            drawn: RwSignal::new(None),
            stale: RwSignal::new(false),
        });
        self.cards.update_value(|cards| {
            cards.insert(tile.id, card);
        });
        card
    }

    /// Does something, tells the outcome and shows it.
    pub fn act(self, deed: impl FnOnce(&mut State) -> Told) -> bool {
        #[cfg(feature = "hydrate")]
        let Some(before) = self.state.try_with_untracked(|state| state.sheet().clone()) else { return false };
        let Some(told) = self.state.try_update(deed) else { return false };
        let done = told.is_ok();
        let (Ok(words) | Err(words)) = told;
        if !words.is_empty() {
            self.said.set(words);
        }
        if done {
            set_if_changed(self.refused, None);
        }
        #[cfg(feature = "hydrate")]
        super::browser::keep_focus(self, before);
        self.show_state();
        #[cfg(feature = "hydrate")]
        super::browser::changed(self);
        done
    }

    /// Says what was just done, with a way to take exactly that back.
    pub fn offer_undo(self, text: impl Into<String>) {
        let step = self.state.with_untracked(State::steps);
        let undo = move |()| {
            if self.state.with_untracked(State::steps) == step {
                self.undo();
            } else {
                self.toasts.success("Other changes came after that. Undo takes them back one by one.");
            }
        };
        let undo = self.in_page(|| Callback::new(undo));
        self.toasts.undo(text, move || {
            // Nothing to take back when its page is gone.
            undo.try_run(());
        });
    }

    /// Like [`Self::act`]; what it refuses is shown to everybody, not only read out.
    pub fn try_act(self, deed: impl FnOnce(&mut State) -> Told) -> bool {
        let done = self.act(deed);
        if !done {
            self.toasts.success(self.said.get_untracked());
        }
        done
    }

    pub fn undo(self) {
        self.act(|state| state.undo().map(|deed| format!("Undone: {deed}.")));
    }

    pub fn redo(self) {
        self.act(|state| state.redo().map(|deed| format!("Done again: {deed}.")));
    }

    pub fn select(self, id: Option<WidgetId>) {
        if self.state.with_untracked(|state| state.selected() != id) {
            self.state.update(|state| state.select(id));
        }
    }

    /// Opens the settings of a widget.
    pub fn open_panel(self, id: WidgetId) {
        self.select(Some(id));
        set_if_changed(self.panel, Some(id));
        #[cfg(feature = "hydrate")]
        super::browser::reveal(id);
    }

    /// Adds a widget; one that has to be told what to show opens its settings.
    pub fn add(self, kind: WidgetKind, id: WidgetId, at: Option<(i32, i32)>) {
        if self.try_act(|state| state.add(kind, id, at, Value::Object(Default::default()))) {
            if let Some(card) = self.card(id) {
                card.fresh.set(true);
            }
            if matches!(kind, WidgetKind::AlertsFeed | WidgetKind::Calendar) {
                self.panel.set(None);
            } else {
                self.open_panel(id);
            }
        }
    }

    /// From here on it is an error where a widget lacks its metric.
    pub fn settle_fresh(self) {
        self.cards.with_value(|cards| cards.values().for_each(|card| set_if_changed(card.fresh, false)));
    }

    /// Another content, from a conflict or a draft, under another version.
    pub fn rebase(self, stored: &Content, version: i64) {
        self.state.update(|state| state.rebase(stored, version));
        self.show_state();
        #[cfg(feature = "hydrate")]
        super::browser::changed(self);
    }

    /// Makes every signal say what the state says.
    pub fn show_state(self) {
        self.state.with_untracked(|state| {
            for tile in state.tiles() {
                let card = self.card_or_new(tile);
                set_if_changed(card.area, tile.area);
                set_if_changed(card.pinned, tile.pinned);
                set_if_changed(card.kind, tile.kind);
                set_if_changed(card.title, tile.title());
                self.mark_stale(tile);
            }
            let order: Vec<_> = state.tiles().iter().map(|tile| tile.id).collect();
            #[cfg(feature = "hydrate")]
            self.order.with_untracked(|before| {
                before.iter().filter(|id| !order.contains(id)).for_each(|id| super::browser::keep_body(self, *id));
            });
            set_if_changed(self.order, order);
            set_if_changed(self.rows, state.grid().bottom());
            set_if_changed(self.placeholder, None);
            if self.panel.get_untracked().is_some_and(|id| state.tile(id).is_none()) {
                self.panel.set(None);
            }
            if !state.is_dirty() {
                set_if_changed(self.resumed, None);
            }
        });
    }

    /// Shows a layout that is not decided yet. `dragged` stays in the hand; its place shows as the placeholder.
    pub fn show_layout(self, grid: &Grid, dragged: Option<WidgetId>) {
        for item in grid.items() {
            if dragged == Some(item.id) {
                set_if_changed(self.placeholder, Some(area(item)));
            } else if let Some(card) = self.card(item.id) {
                set_if_changed(card.area, area(item));
            }
        }
        if dragged.is_none() {
            set_if_changed(self.placeholder, None);
        }
        // Room to drop something below everything.
        set_if_changed(self.rows, grid.bottom() + 3);
    }

    fn mark_stale(self, tile: &Tile) {
        if let Some(card) = self.card(tile.id) {
            let fresh = card.drawn.with_untracked(|drawn| {
                drawn.as_ref().is_some_and(|(kind, settings)| *kind == tile.kind && *settings == tile.settings)
            });
            set_if_changed(card.stale, !fresh);
        }
    }

    /// The widgets whose bodies have to be drawn.
    pub fn stale(self) -> Vec<Tile> {
        self.state.with_untracked(|state| {
            let stale = |tile: &&Tile| self.card(tile.id).is_some_and(|card| card.stale.get_untracked());
            state.tiles().iter().filter(stale).cloned().collect()
        })
    }

    /// Shows what the server has drawn for `tile`.
    pub fn take_drawn(self, tile: &Tile, drawn: Result<Drawn, AppError>) {
        let Some(card) = self.card(tile.id) else { return };
        match drawn {
            Ok(Drawn { body, error, .. }) => {
                // An error does not cost the last good picture.
                if error.is_none() {
                    card.body.set(body);
                }
                set_if_changed(card.error, error);
            }
            Err(error) => set_if_changed(card.error, Some(error)),
        }
        card.drawn.set(Some((tile.kind, tile.settings.clone())));
        self.state.with_untracked(|state| state.tile(tile.id).into_iter().for_each(|tile| self.mark_stale(tile)));
    }

    /// Draws those again that could not be drawn for a reason that may have gone.
    pub fn redraw_failed(self) {
        let failed = |card: &Card| {
            card.error.with_untracked(|e| e.as_ref().is_some_and(|e| !matches!(e, AppError::Invalid { .. })))
        };
        for id in self.order.get_untracked() {
            if self.card(id).is_some_and(|card| failed(&card)) {
                self.redraw(id);
            }
        }
    }

    /// Draws a widget again that could not be drawn.
    pub fn redraw(self, id: WidgetId) {
        if let Some(card) = self.card(id) {
            card.drawn.set(None);
            card.stale.set(true);
            #[cfg(feature = "hydrate")]
            super::browser::changed(self);
        }
    }

    pub fn is_dirty(self) -> bool {
        self.state.with_untracked(State::is_dirty)
    }
}

pub fn set_if_changed<T: PartialEq + Send + Sync + 'static>(signal: RwSignal<T>, value: T) {
    if signal.with_untracked(|old| *old != value) {
        signal.set(value);
    }
}
