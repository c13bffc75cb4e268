//! JSON, for programs that want what the page shows.

use super::find::{Card, Contents};
use crate::{error::AppError, server::fault, widgets::draw::sheet};
use serde::Serialize;

#[derive(Serialize)]
struct Whole<'a> {
    #[serde(flatten)]
    head: &'a super::head::Head,
    widgets: Vec<One<'a>>,
}

#[derive(Serialize)]
struct One<'a> {
    id: crate::ids::WidgetId,
    kind: crate::widgets::WidgetKind,
    title: &'a str,
    x: u16,
    y: u16,
    w: u16,
    h: u16,
    /// The filters in force that it has no field for.
    #[serde(skip_serializing_if = "Option::is_none")]
    not_filtered: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    data: Option<sheet::Json<'a>>,
    /// In place of the data, when there is none.
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<String>,
}

impl<'a> From<&'a Card> for One<'a> {
    fn from(card: &'a Card) -> Self {
        let w = &card.widget;
        Self {
            id: w.id,
            kind: w.kind,
            title: &card.title,
            x: w.x,
            y: w.y,
            w: w.w,
            h: w.h,
            not_filtered: card.unmet.as_deref(),
            data: card.found.as_ref().ok().map(|found| found.json()),
            error: card.found.as_ref().err().map(ToString::to_string),
        }
    }
}

pub fn json(contents: &Contents) -> Result<Vec<u8>, AppError> {
    let whole = Whole { head: &contents.head, widgets: contents.cards.iter().map(Into::into).collect() };
    serde_json::to_vec_pretty(&whole).map_err(fault::internal)
}
