//! Cards on the grid as one SVG, and SVG as pixels.

use super::{find::*, head::Head};
use crate::{
    error::AppError,
    server::fault,
    widgets::{
        WidgetKind,
        draw::picture::{self, Anchor, Area, Look, Pen, Type, font, plain},
    },
};
use resvg::{
    tiny_skia,
    usvg::{self, fontdb},
};
use std::{
    fmt::Write as _,
    sync::{Arc, LazyLock},
};

/// The page's own measures, in pixels: a grid of 12 columns and rows of 80.
pub const GRID: f64 = 1200.0;
const GAP: f64 = 12.0;
const ROW: f64 = 80.0;
pub const MARGIN: f64 = 24.0;

/// The most pixels that a picture has: a very long dashboard is drawn less finely.
const MOST_PIXELS: f64 = 40_000_000.0;

/// Fonts: our own first, the machine's for scripts that it lacks.
static FONTS: LazyLock<Arc<fontdb::Database>> = LazyLock::new(|| {
    let mut fonts = fontdb::Database::new();
    fonts.load_font_data(font::REGULAR.to_vec());
    fonts.load_font_data(font::SEMIBOLD.to_vec());
    fonts.load_system_fonts();
    fonts.set_sans_serif_family(font::FAMILY);
    Arc::new(fonts)
});

/// Where a card stands, from the upper left corner of the grid.
pub fn place(card: &Card) -> Area {
    let w = &card.widget;
    let column = (GRID + GAP) / 12.0;
    Area::new(
        column * f64::from(w.x),
        (ROW + GAP) * f64::from(w.y),
        column * f64::from(w.w) - GAP,
        (ROW + GAP) * f64::from(w.h) - GAP,
    )
}

/// One card: frame, title and body. `n` tells its parts from others' in the same document; a card alone is named by the
/// document.
pub fn draw_card(pen: &mut Pen, area: Area, card: &Card, n: usize, alone: bool) {
    let (surface, line) = (pen.theme.surface, pen.theme.line);
    pen.frame(area, 10.0, surface, line);
    let inner = Area::new(area.x + 14.0, area.y + 12.0, area.w - 28.0, area.h - 24.0);
    if !alone {
        let how = Type::new(13.0, pen.theme.ink_2);
        pen.text_within((inner.x, inner.y + 14.5), inner.w, how, Anchor::Start, &card.title);
    }
    let below = if let Some(unmet) = &card.unmet {
        let quiet = Type::new(11.0, pen.theme.ink_3);
        pen.text_within((inner.x, inner.bottom() - 2.0), inner.w, quiet, Anchor::Start, unmet);
        18.0
    } else {
        0.0
    };
    let body = inner.cut(if alone { 0.0 } else { 24.0 }, below);
    pen.clip(&format!("c{n}"), Area::new(body.x - 6.0, body.y - 4.0, body.w + 12.0, body.h + 8.0));
    match &card.found {
        Ok(found) => picture::body(pen, body, found),
        Err(error) => picture::message(pen, body, error.title(), &error.to_string()),
    }
    pen.end();
}

/// Title and facts, over the cards; gives the height that they take.
pub fn draw_head(pen: &mut Pen, at: (f64, f64), width: f64, head: &Head) -> f64 {
    let (x, mut y) = at;
    let title = Type::bold(20.0, pen.theme.ink);
    pen.text_within((x, y + 20.0), width, title, Anchor::Start, &head.title);
    y += 34.0;
    let how = Type::new(12.5, pen.theme.ink_3);
    let mut parts = head.line();
    parts.push(head.as_of_line());
    // The parts flow like words; none is broken unless it is wider than a line.
    let mut line = String::new();
    let mut lines = Vec::new();
    for part in parts.iter().map(|p| plain(p)) {
        let longer = if line.is_empty() { part.clone() } else { format!("{line}  ·  {part}") };
        if !line.is_empty() && how.width(&longer) > width {
            lines.push(std::mem::replace(&mut line, part));
        } else {
            line = longer;
        }
    }
    lines.push(line);
    if !head.description.is_empty() {
        let text = font::wrap(&plain(&head.description), width, how.size, how.weight);
        lines.splice(0..0, text.into_iter().take(2));
    }
    for line in lines.iter().flat_map(|l| font::wrap(l, width, how.size, how.weight)) {
        pen.text((x, y + 11.0), how, Anchor::Start, &line);
        y += 18.0;
    }
    y + 12.0 - at.1
}

/// An SVG document of this size around what a pen has drawn.
pub fn document(pen: Pen, w: f64, h: f64, title: &str) -> String {
    let mut out = String::with_capacity(pen.out.len() + 512);
    let _ = write!(
        out,
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{w}\" height=\"{h}\" viewBox=\"0 0 {w} {h}\" \
         font-family=\"Inter, 'Inter Variable', system-ui, sans-serif\"><title>{}</title>\
         <rect width=\"{w}\" height=\"{h}\" fill=\"{}\"/>{}</svg>",
        picture::escape(&plain(title)),
        pen.theme.bg,
        pen.out
    );
    out
}

/// Everything in one drawing.
pub fn whole(contents: &Contents) -> String {
    let mut pen = Pen::new(contents.look.theme());
    let places: Vec<Area> = if contents.single {
        contents.cards.iter().map(|card| Area { x: 0.0, y: 0.0, ..place(card) }).collect()
    } else {
        contents.cards.iter().map(place).collect()
    };
    let width = if contents.single { places.iter().map(|p| p.w).fold(380.0, f64::max) } else { GRID };
    let top = MARGIN + draw_head(&mut pen, (MARGIN, MARGIN - 4.0), width, &contents.head);
    let mut bottom = top;
    for (n, (card, place)) in contents.cards.iter().zip(&places).enumerate() {
        let area = Area::new(MARGIN + place.x, top + place.y, place.w, place.h);
        draw_card(&mut pen, area, card, n, contents.single);
        bottom = bottom.max(area.bottom());
    }
    if contents.cards.is_empty() {
        let area = Area::new(MARGIN, top, width, 120.0);
        picture::message(&mut pen, area, "Nothing on this dashboard yet", "It was made blank.");
        bottom = area.bottom();
    }
    document(pen, width + 2.0 * MARGIN, (bottom + MARGIN).ceil(), &contents.head.title)
}

/// The face that stands in for a sign that those in `used` lack: the one most like the first of them. usvg's own choice is
/// whatever comes first, bold or not, with a warning of each.
fn stand_in(sign: char, used: &[fontdb::ID], fonts: &fontdb::Database) -> Option<fontdb::ID> {
    let wished = fonts.face(*used.first()?)?;
    let unlike = |face: &fontdb::FaceInfo| {
        let weight = face.weight.0.abs_diff(wished.weight.0);
        (face.style != wished.style, face.stretch != wished.stretch, face.monospaced, weight)
    };
    let has_sign = |face: &&fontdb::FaceInfo| {
        let glyph = |data: &[u8], index| ttf_parser::Face::parse(data, index).ok()?.glyph_index(sign);
        fonts.with_face_data(face.id, glyph).flatten().is_some()
    };
    let mut others: Vec<_> = fonts.faces().filter(|face| !used.contains(&face.id)).collect();
    others.sort_by_key(|face| unlike(face));
    others.into_iter().find(has_sign).map(|face| face.id)
}

/// An SVG of ours, read for drawing.
pub fn tree(svg: &str) -> Result<usvg::Tree, AppError> {
    let font_resolver = usvg::FontResolver {
        select_fallback: Box::new(|sign, used, fonts| stand_in(sign, used, fonts)),
        ..usvg::FontResolver::default()
    };
    let options = usvg::Options {
        fontdb: FONTS.clone(),
        font_family: font::FAMILY.to_owned(),
        font_resolver,
        ..usvg::Options::default()
    };
    usvg::Tree::from_str(svg, &options).map_err(fault::internal)
}

pub fn png(contents: &Contents) -> Result<Vec<u8>, AppError> {
    let tree = tree(&whole(contents))?;
    let (w, h) = (f64::from(tree.size().width()), f64::from(tree.size().height()));
    // Twice as fine as the page's own pixels, for screens and paper of today.
    let scale = (MOST_PIXELS / (w * h)).sqrt().min(2.0);
    let (px, py) = ((w * scale).round().max(1.0) as u32, (h * scale).round().max(1.0) as u32);
    let mut pixels = tiny_skia::Pixmap::new(px, py).ok_or_else(|| fault::internal("a picture of no size"))?;
    let scale = scale as f32;
    resvg::render(&tree, tiny_skia::Transform::from_scale(scale, scale), &mut pixels.as_mut());
    pixels.encode_png().map_err(fault::internal)
}

/// Kinds that a sheet of paper of their own may enlarge; tables rather show more rows.
pub fn grows(kind: WidgetKind) -> bool {
    kind != WidgetKind::DataTable && kind != WidgetKind::AlertsFeed
}

/// Documents are read on paper.
pub const PAPER: Look = Look::Light;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn signs_that_a_font_lacks_are_drawn_no_bolder_than_the_rest() {
        let mut fonts = fontdb::Database::new();
        for file in [font::REGULAR, font::SEMIBOLD, font::REGULAR, font::SEMIBOLD] {
            fonts.load_font_data(file.to_vec());
        }
        let ids: Vec<_> = fonts.faces().map(|face| face.id).collect();
        assert_eq!(stand_in('a', &ids[..1], &fonts), Some(ids[2]));
        assert_eq!(stand_in('a', &ids[1..2], &fonts), Some(ids[3]));
        assert_eq!(stand_in('ب', &ids[..1], &fonts), None, "neither has it");
    }
}
