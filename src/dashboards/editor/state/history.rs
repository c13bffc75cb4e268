//! Undo and redo without limit. A step keeps the whole sheet: its parts are shared, so that is little.

use super::tile::Sheet;
use crate::ids::WidgetId;
use std::sync::Arc;

/// What goes on being changed, so that it is one step.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Run {
    Name,
    Description,
    Kind(WidgetId),
    Settings(WidgetId, Vec<String>),
    /// A key that is held down.
    Nudge(WidgetId),
}

#[derive(Clone, Debug)]
struct Moment {
    sheet: Arc<Sheet>,
    selected: Option<WidgetId>,
    /// What was done after this moment (in the past), or led to it (in the future).
    deed: String,
}

#[derive(Clone, Debug, Default)]
pub struct History {
    past: Vec<Moment>,
    future: Vec<Moment>,
    run: Option<Run>,
}

impl History {
    pub fn undoable(&self) -> Option<&str> {
        self.past.last().map(|moment| moment.deed.as_str())
    }

    pub fn redoable(&self) -> Option<&str> {
        self.future.last().map(|moment| moment.deed.as_str())
    }

    pub fn steps(&self) -> usize {
        self.past.len()
    }

    pub fn end_run(&mut self) {
        self.run = None;
    }

    /// Keeps the present before it changes, unless this goes on with what was being done.
    pub fn push(&mut self, sheet: &Arc<Sheet>, selected: Option<WidgetId>, deed: String, run: Option<Run>) {
        self.future.clear();
        if run.is_none() || run != self.run || self.past.is_empty() {
            self.past.push(Moment { sheet: sheet.clone(), selected, deed });
        }
        self.run = run;
    }

    /// A run that came back to where it began was nothing.
    pub fn settle(&mut self, sheet: &Arc<Sheet>) {
        if self.run.is_some() && self.past.last().is_some_and(|moment| moment.sheet == *sheet) {
            self.past.pop();
            self.run = None;
        }
    }

    pub fn undo(&mut self, sheet: &mut Arc<Sheet>, selected: &mut Option<WidgetId>) -> Option<String> {
        self.run = None;
        swap(&mut self.past, &mut self.future, sheet, selected)
    }

    pub fn redo(&mut self, sheet: &mut Arc<Sheet>, selected: &mut Option<WidgetId>) -> Option<String> {
        self.run = None;
        swap(&mut self.future, &mut self.past, sheet, selected)
    }
}

fn swap(
    from: &mut Vec<Moment>,
    to: &mut Vec<Moment>,
    sheet: &mut Arc<Sheet>,
    selected: &mut Option<WidgetId>,
) -> Option<String> {
    let moment = from.pop()?;
    let deed = moment.deed.clone();
    to.push(Moment { sheet: std::mem::replace(sheet, moment.sheet), selected: *selected, deed: moment.deed });
    // A selected widget that is still there stays selected: the eye is on it.
    *selected = selected.filter(|id| sheet.tile(*id).is_some()).or(moment.selected);
    Some(deed)
}
