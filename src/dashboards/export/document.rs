//! PDF: A4, lying, with breaks between the rows of the grid.

use super::{find::*, picture::*};
use crate::{
    error::AppError,
    server::fault,
    widgets::draw::picture::{Anchor, Area, Pen, Type, message},
};
use chrono::{Datelike, Timelike};
use krilla::{
    Document,
    geom::Size,
    metadata::{DateTime, Metadata},
    page::PageSettings,
};
use krilla_svg::{SurfaceExt, SvgSettings};
use std::fmt::Write as _;

/// A4 in points.
const PAPER_SIZE: (f32, f32) = (841.89, 595.28);
const WIDTH: f64 = GRID + 2.0 * MARGIN;
const HEIGHT: f64 = WIDTH * 595.28 / 841.89;
const FOOT: f64 = 34.0;
/// The heading of every page after the first.
const SHORT_HEAD: f64 = 44.0;

pub fn pdf(contents: &Contents) -> Result<Vec<u8>, AppError> {
    let svgs = pages(contents);
    let mut document = Document::new();
    let size = Size::from_wh(PAPER_SIZE.0, PAPER_SIZE.1).ok_or_else(|| fault::internal("a page of no size"))?;
    for svg in &svgs {
        let tree = tree(svg)?;
        let mut page = document.start_page_with(PageSettings::new(size));
        let mut surface = page.surface();
        surface.draw_svg(&tree, size, SvgSettings::default()).ok_or_else(|| fault::internal("a page was not drawn"))?;
        surface.finish();
        page.finish();
    }
    let head = &contents.head;
    let small = |n: u32| u8::try_from(n).unwrap_or(0);
    let at = DateTime::new(u16::try_from(head.as_of.year()).unwrap_or(0))
        .month(small(head.as_of.month()))
        .day(small(head.as_of.day()))
        .hour(small(head.as_of.hour()))
        .minute(small(head.as_of.minute()))
        .second(small(head.as_of.second()));
    document.set_metadata(
        Metadata::new()
            .title(head.title.clone())
            .authors(vec![head.organization.clone()])
            .description(head.line().join(", "))
            .creator("Belvedere".into())
            .language("en".into())
            .creation_date(at),
    );
    document.finish().map_err(|cause| fault::internal(format!("{cause:?}")))
}

/// Cards that belong together because no line across the grid parts them.
struct Band<'a> {
    top: f64,
    height: f64,
    cards: Vec<(usize, &'a Card, Area)>,
}

fn bands(contents: &Contents) -> Vec<Band<'_>> {
    let mut cards: Vec<_> = contents.cards.iter().enumerate().map(|(n, card)| (n, card, place(card))).collect();
    cards.sort_by(|a, b| a.2.y.total_cmp(&b.2.y));
    let mut bands: Vec<Band<'_>> = Vec::new();
    for (n, card, area) in cards {
        match bands.last_mut() {
            Some(band) if area.y < band.top + band.height => {
                band.height = band.height.max(area.bottom() - band.top);
                band.cards.push((n, card, area));
            }
            _ => bands.push(Band { top: area.y, height: area.h, cards: vec![(n, card, area)] }),
        }
    }
    bands
}

/// One SVG for each page.
fn pages(contents: &Contents) -> Vec<String> {
    let mut first = Pen::new(PAPER.theme());
    let head = draw_head(&mut first, (MARGIN, MARGIN - 2.0), GRID, &contents.head);
    let room = |page: usize| HEIGHT - FOOT - if page == 0 { MARGIN + head } else { MARGIN + SHORT_HEAD };
    let mut pens = vec![first];
    if contents.single {
        for card in &contents.cards {
            single(&mut pens[0], card, Area::new(MARGIN, MARGIN + head, GRID, room(0)));
        }
    } else if contents.cards.is_empty() {
        let area = Area::new(MARGIN, MARGIN + head, GRID, 160.0);
        message(&mut pens[0], area, "Nothing on this dashboard yet", "It was made blank.");
    } else {
        let mut y = 0.0;
        for band in bands(contents) {
            if y > 0.0 && y + band.height > room(pens.len() - 1) {
                pens.push(Pen::new(PAPER.theme()));
                y = 0.0;
            }
            let page = pens.len() - 1;
            let top = HEIGHT - FOOT - room(page) + y;
            // What is higher than a page is made smaller.
            let k = (room(page) / band.height).min(1.0);
            let Some(pen) = pens.last_mut() else { continue };
            let left = MARGIN + GRID * (1.0 - k) / 2.0;
            let _ = write!(pen.out, "<g transform=\"translate({left:.2} {top:.2}) scale({k:.4})\">");
            for (n, card, area) in &band.cards {
                draw_card(pen, Area { y: area.y - band.top, ..*area }, card, *n, false);
            }
            pen.end();
            y += band.height * k + 12.0;
        }
    }
    let count = pens.len();
    pens.into_iter().enumerate().map(|(i, pen)| frame(pen, contents, i, count)).collect()
}

/// A widget alone has its page's width, and is drawn as large as its height allows.
fn single(pen: &mut Pen, card: &Card, room: Area) {
    let natural = place(card);
    let (area, k) = if grows(card.widget.kind) {
        let k = (room.w / natural.w).min(room.h / natural.h).min(2.2);
        (Area::new(0.0, 0.0, room.w / k, natural.h), k)
    } else {
        (Area::new(0.0, 0.0, room.w, room.h), 1.0)
    };
    let _ = write!(pen.out, "<g transform=\"translate({:.2} {:.2}) scale({k:.4})\">", room.x, room.y);
    draw_card(pen, area, card, 0, true);
    pen.end();
}

/// Heading and foot.
fn frame(mut pen: Pen, contents: &Contents, page: usize, pages: usize) -> String {
    let head = &contents.head;
    let quiet = Type::new(11.0, pen.theme.ink_3);
    if page > 0 {
        let how = Type::bold(14.0, pen.theme.ink);
        pen.text_within((MARGIN, MARGIN + 14.0), GRID * 0.6, how, Anchor::Start, &head.title);
        pen.text_within((MARGIN + GRID, MARGIN + 14.0), GRID * 0.38, quiet, Anchor::End, &head.range_in_full());
    }
    let line = pen.theme.line;
    let y = HEIGHT - FOOT + 8.0;
    pen.line((MARGIN, y), (MARGIN + GRID, y), line, 1.0, "");
    let left = format!("{}  ·  {}", head.organization, head.as_of_line());
    pen.text_within((MARGIN, y + 16.0), GRID * 0.75, quiet, Anchor::Start, &left);
    let number = format!("Page {} of {pages}", page + 1);
    pen.text((MARGIN + GRID, y + 16.0), quiet, Anchor::End, &number);
    document(pen, WIDTH, HEIGHT, &head.title)
}
