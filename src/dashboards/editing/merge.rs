//! What two people made of the same dashboard, put together widget by widget.

use super::model::{Content, DraftWidget};
use crate::{
    dashboards::grid::{COLUMNS, Grid, Item},
    ids::WidgetId,
};
use serde::{Deserialize, Serialize};
use std::collections::{HashMap, HashSet};

/// What two people may want differently.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Part {
    Name,
    Description,
    RefreshInterval,
    Widget(WidgetId),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Side {
    Mine,
    Theirs,
}

/// Both changed the same thing, and differently.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Clash {
    pub part: Part,
    /// What happened and what the merge has made of it, for people.
    pub words: String,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Merge {
    pub content: Content,
    /// Empty when nothing had to be decided.
    pub clashes: Vec<Clash>,
}

/// Puts `mine` and `theirs` together, which both began as `base`. Where both changed the same thing, mine is kept; a
/// widget that one removed and the other changed stays, so that nobody's work is lost.
pub fn merge(base: &Content, mine: &Content, theirs: &Content) -> Merge {
    merge_with(base, mine, theirs, |_| None)
}

/// [`merge`], with a say in each clash.
pub fn merge_with(base: &Content, mine: &Content, theirs: &Content, say: impl Fn(Part) -> Option<Side>) -> Merge {
    // What is not touched stays as it is, to the letter, even if it could not be saved.
    if theirs.same_as(base) || mine.same_as(theirs) {
        return Merge { content: mine.clone(), clashes: Vec::new() };
    }
    if mine.same_as(base) {
        return Merge { content: theirs.clone(), clashes: Vec::new() };
    }
    let mut merging = Merging { clashes: Vec::new(), say };
    let mut content = Content {
        name: merging.field(Part::Name, "name", [&base.name, &mine.name, &theirs.name]),
        description: merging.field(
            Part::Description,
            "description",
            [&base.description, &mine.description, &theirs.description],
        ),
        refresh_interval: merging.field(
            Part::RefreshInterval,
            "refresh interval",
            [&base.refresh_interval, &mine.refresh_interval, &theirs.refresh_interval],
        ),
        widgets: Vec::new(),
    };
    let mut seen = HashSet::new();
    for id in mine.widgets.iter().chain(&theirs.widgets).map(|widget| widget.id).filter(|id| seen.insert(*id)) {
        content.widgets.extend(merging.widget(base.find(id), mine.find(id), theirs.find(id)));
    }
    settle(&mut content.widgets);
    content.widgets.sort_by_key(|widget| (widget.y, widget.x, widget.id));
    Merge { content, clashes: merging.clashes }
}

struct Merging<F> {
    clashes: Vec<Clash>,
    say: F,
}

/// Three versions of one thing: what was, mine, theirs. `None` when both changed it, and differently.
fn three_way<T: PartialEq>([base, mine, theirs]: [&T; 3]) -> Option<&T> {
    if mine == theirs || theirs == base {
        Some(mine)
    } else if mine == base {
        Some(theirs)
    } else {
        None
    }
}

impl<F: Fn(Part) -> Option<Side>> Merging<F> {
    /// Notes the clash, and says whose side wins.
    fn clash(&mut self, part: Part, words: String, otherwise: Side) -> Side {
        self.clashes.push(Clash { part, words });
        (self.say)(part).unwrap_or(otherwise)
    }

    fn field<T: PartialEq + Clone>(&mut self, part: Part, what: &str, all: [&T; 3]) -> T {
        let chosen = three_way(all).unwrap_or_else(|| {
            match self.clash(part, format!("Both of you changed the dashboard’s {what}."), Side::Mine) {
                Side::Mine => all[1],
                Side::Theirs => all[2],
            }
        });
        chosen.clone()
    }

    fn widget(
        &mut self,
        base: Option<&DraftWidget>,
        mine: Option<&DraftWidget>,
        theirs: Option<&DraftWidget>,
    ) -> Option<DraftWidget> {
        match (base, mine, theirs) {
            (Some(base), Some(mine), Some(theirs)) => Some(self.changed(base, mine, theirs)),
            // The same one added by both can only be one that was there before, taken back twice.
            (None, Some(mine), _) => Some(mine.clone()),
            (None, None, theirs) => theirs.cloned(),
            (Some(base), Some(kept), None) if is_work(base, kept) => {
                let words = format!("“{}” was changed by you and removed by them.", kept.title());
                let side = self.clash(Part::Widget(kept.id), words, Side::Mine);
                (side == Side::Mine).then(|| kept.clone())
            }
            (Some(base), None, Some(kept)) if is_work(base, kept) => {
                let words = format!("“{}” was removed by you and changed by them.", kept.title());
                let side = self.clash(Part::Widget(kept.id), words, Side::Theirs);
                (side == Side::Theirs).then(|| kept.clone())
            }
            (Some(_), ..) => None,
        }
    }

    fn changed(&mut self, base: &DraftWidget, mine: &DraftWidget, theirs: &DraftWidget) -> DraftWidget {
        let all = [base, mine, theirs];
        let what = |w: &DraftWidget| (w.kind, w.settings.clone());
        let size = |w: &DraftWidget| (w.w, w.h);
        let place = |w: &DraftWidget| (w.x, w.y);
        let whats = all.map(what);
        let chosen = three_way(whats.each_ref());
        let (kind, settings) = match chosen {
            Some(what) => what.clone(),
            None => {
                let words = format!("Both of you changed the settings of “{}”.", mine.title());
                match self.clash(Part::Widget(mine.id), words, Side::Mine) {
                    Side::Mine => what(mine),
                    Side::Theirs => what(theirs),
                }
            }
        };
        // Where a widget stands is mostly a consequence of what happened around it, and nobody's loss.
        let (w, h) = *three_way(all.map(size).each_ref()).unwrap_or(&size(mine));
        let (x, y) = *three_way(all.map(place).each_ref()).unwrap_or(&place(mine));
        let pinned = *three_way(all.map(|w| w.pinned).each_ref()).unwrap_or(&mine.pinned);
        DraftWidget { id: mine.id, kind, x, y, w, h, pinned, settings }
    }
}

/// Whether more was done to a widget than having it moved out of the way.
fn is_work(base: &DraftWidget, now: &DraftWidget) -> bool {
    (base.kind, &base.settings, base.w, base.h) != (now.kind, &now.settings, now.w, now.h)
}

/// Makes places valid that may overlap, reach out of the grid or be too small or large; valid ones stay as they are.
pub fn settle(widgets: &mut [DraftWidget]) {
    let mut items: Vec<Item> = widgets.iter().map(DraftWidget::item).collect();
    settle_items(&mut items);
    let places: HashMap<WidgetId, &Item> = items.iter().map(|item| (item.id, item)).collect();
    for widget in widgets {
        let Some(item) = places.get(&widget.id) else { continue };
        let cell = |n: i32| u16::try_from(n).unwrap_or(u16::MAX);
        (widget.x, widget.y, widget.w, widget.h) = (cell(item.x), cell(item.y), cell(item.w), cell(item.h));
    }
}

/// [`settle`], of places alone.
pub fn settle_items(items: &mut Vec<Item>) {
    if Grid::new(items.clone()).validate().is_ok() {
        return;
    }
    for item in items.iter_mut() {
        item.w = item.w.clamp(item.limits.min_w, item.limits.max_w.min(COLUMNS));
        item.h = item.h.clamp(item.limits.min_h, item.limits.max_h);
        item.x = item.x.clamp(0, COLUMNS - item.w);
    }
    // Of pinned ones that overlap, the upper left one stays; a pinned one is not compacted, so the others are loosened.
    items.sort_by_key(|item| (item.y, item.x, item.id));
    let mut pinned: Vec<Item> = Vec::new();
    for item in items.iter_mut() {
        item.pinned = item.pinned && !pinned.iter().any(|other| other.collides(item));
        if item.pinned {
            pinned.push(*item);
        }
    }
    let mut grid = Grid::new(std::mem::take(items));
    grid.compact();
    *items = grid.items().to_vec();
}

#[cfg(test)]
mod tests;
