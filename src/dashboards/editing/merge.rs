//! What two people made of the same dashboard, put together widget by widget and setting by setting.

use super::{
    changes::{Setting, abridged, interval, label, names, value},
    model::{Content, DraftWidget},
};
use crate::{
    dashboards::grid::{COLUMNS, Grid, Item},
    ids::WidgetId,
    widgets::{WidgetKind, settings::carry_over},
};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use std::collections::{HashMap, HashSet};

/// What two people may want differently.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Part {
    Name,
    Description,
    RefreshInterval,
    /// Whether it is there at all, or its kind, which its settings go with.
    Widget(WidgetId),
    /// One setting of a widget, by its name.
    Setting(WidgetId, String),
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
    /// Mine and theirs, in short; where it is not said in `words`.
    pub values: Option<[String; 2]>,
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
pub fn merge_with(base: &Content, mine: &Content, theirs: &Content, say: impl Fn(&Part) -> Option<Side>) -> Merge {
    // What is not touched stays as it is, to the letter, even if it could not be saved.
    if theirs.same_as(base) || mine.same_as(theirs) {
        return Merge { content: mine.clone(), clashes: Vec::new() };
    }
    if mine.same_as(base) {
        return Merge { content: theirs.clone(), clashes: Vec::new() };
    }
    let mut merging = Merging { clashes: Vec::new(), say };
    let mut content = Content {
        name: merging.field(Part::Name, "the dashboard’s name", [&base.name, &mine.name, &theirs.name], String::clone),
        description: merging.field(
            Part::Description,
            "the dashboard’s description",
            [&base.description, &mine.description, &theirs.description],
            |text| if text.is_empty() { "none".to_owned() } else { text.clone() },
        ),
        refresh_interval: merging.field(
            Part::RefreshInterval,
            "the dashboard’s refresh interval",
            [&base.refresh_interval, &mine.refresh_interval, &theirs.refresh_interval],
            |seconds| format!("every {}", interval(*seconds)),
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

impl<F: Fn(&Part) -> Option<Side>> Merging<F> {
    /// Notes the clash, and says whose side wins.
    fn clash(&mut self, part: Part, words: String, values: Option<[String; 2]>, otherwise: Side) -> Side {
        let side = (self.say)(&part).unwrap_or(otherwise);
        self.clashes.push(Clash { part, words, values: values.map(abridged) });
        side
    }

    /// `told` puts a value in words.
    fn field<T: PartialEq + Clone>(&mut self, part: Part, what: &str, all: [&T; 3], told: impl Fn(&T) -> String) -> T {
        let [_, mine, theirs] = all;
        let chosen = three_way(all).unwrap_or_else(|| {
            let values = Some([mine, theirs].map(told));
            match self.clash(part, format!("Both versions have changed {what}."), values, Side::Mine) {
                Side::Mine => mine,
                Side::Theirs => theirs,
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
                let words = format!("“{}” was changed here and removed in the saved version.", kept.title());
                let side = self.clash(Part::Widget(kept.id), words, None, Side::Mine);
                (side == Side::Mine).then(|| kept.clone())
            }
            (Some(base), None, Some(kept)) if is_work(base, kept) => {
                let words = format!("“{}” was removed here and changed in the saved version.", kept.title());
                let side = self.clash(Part::Widget(kept.id), words, None, Side::Theirs);
                (side == Side::Theirs).then(|| kept.clone())
            }
            (Some(_), ..) => None,
        }
    }

    fn changed(&mut self, base: &DraftWidget, mine: &DraftWidget, theirs: &DraftWidget) -> DraftWidget {
        let all = [base, mine, theirs];
        let size = |w: &DraftWidget| (w.w, w.h);
        let place = |w: &DraftWidget| (w.x, w.y);
        let (kind, settings) = match three_way([&base.kind, &mine.kind, &theirs.kind]) {
            Some(&kind) => (kind, self.settings(kind, all)),
            None => {
                let words = format!("Both versions have changed the kind of “{}”.", mine.title());
                let kinds = [mine, theirs].map(|widget| widget.kind.label().to_owned());
                let chosen = match self.clash(Part::Widget(mine.id), words, Some(kinds), Side::Mine) {
                    Side::Mine => mine,
                    Side::Theirs => theirs,
                };
                (chosen.kind, chosen.settings.clone())
            }
        };
        // Where a widget stands is mostly a consequence of what happened around it, and nobody's loss.
        let (w, h) = *three_way(all.map(size).each_ref()).unwrap_or(&size(mine));
        let (x, y) = *three_way(all.map(place).each_ref()).unwrap_or(&place(mine));
        let pinned = *three_way(all.map(|w| w.pinned).each_ref()).unwrap_or(&mine.pinned);
        DraftWidget { id: mine.id, kind, x, y, w, h, pinned, settings }
    }

    /// Each setting by itself; those of another kind as far as `kind` has them too.
    fn settings(&mut self, kind: WidgetKind, all: [&DraftWidget; 3]) -> Value {
        // What nobody or only one has touched stays to the letter, even where this release cannot read it.
        if let Some((_, settings)) = three_way(all.map(|w| (w.kind, &w.settings)).each_ref()) {
            return Value::clone(settings);
        }
        let [_, mine, _] = all;
        let carried = all.map(|w| if w.kind == kind { w.settings.clone() } else { carry_over(kind, &w.settings) });
        let mut merged = Map::new();
        for name in names(kind, carried.each_ref()) {
            let what = format!("a setting of “{}”: {}", mine.title(), label(kind, name));
            let values = carried.each_ref().map(|settings| Setting(settings.get(name)));
            let part = Part::Setting(mine.id, name.to_owned());
            let Setting(chosen) = self.field(part, &what, values.each_ref(), |setting| value(kind, name, *setting));
            merged.extend(chosen.map(|value| (name.to_owned(), value.clone())));
        }
        let merged = Value::Object(merged);
        // A table of records has no metric, and one of a metric no source: only one form can be right.
        let forms = carried.each_ref().map(|settings| settings.get("source").is_some());
        if forms == [forms[0]; 3] { merged } else { carry_over(kind, &merged) }
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
