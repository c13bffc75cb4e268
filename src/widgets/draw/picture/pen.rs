//! Writing SVG: shapes, texts and chips, in pixels.

use super::{
    super::html::{Esc, put},
    font::{self, Weight},
    theme::Theme,
};
use std::fmt;

/// A number with at most two places.
pub(super) struct N(pub f64);

impl fmt::Display for N {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let hundredths = if self.0.is_finite() { (self.0 * 100.0).round() } else { 0.0 };
        write!(f, "{}", hundredths / 100.0 + 0.0)
    }
}

/// A part of the drawing.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Area {
    pub x: f64,
    pub y: f64,
    pub w: f64,
    pub h: f64,
}

impl Area {
    pub const fn new(x: f64, y: f64, w: f64, h: f64) -> Self {
        Self { x, y, w, h }
    }

    pub fn right(&self) -> f64 {
        self.x + self.w
    }

    pub fn bottom(&self) -> f64 {
        self.y + self.h
    }

    pub fn middle(&self) -> (f64, f64) {
        (self.x + self.w / 2.0, self.y + self.h / 2.0)
    }

    /// Less `top` at its upper and `bottom` at its lower edge.
    pub fn cut(&self, top: f64, bottom: f64) -> Self {
        Self { y: self.y + top, h: (self.h - top - bottom).max(0.0), ..*self }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Anchor {
    Start,
    Middle,
    End,
}

/// How a text is written.
#[derive(Clone, Copy, Debug)]
pub struct Type {
    pub size: f64,
    pub weight: Weight,
    pub color: &'static str,
}

impl Type {
    pub const fn new(size: f64, color: &'static str) -> Self {
        Self { size, weight: Weight::Regular, color }
    }

    pub const fn bold(size: f64, color: &'static str) -> Self {
        Self { size, weight: Weight::Semibold, color }
    }

    pub fn width(&self, text: &str) -> f64 {
        font::width(text, self.size, self.weight)
    }
}

/// Collects the elements of a drawing.
pub struct Pen {
    pub out: String,
    pub theme: &'static Theme,
}

impl Pen {
    pub fn new(theme: &'static Theme) -> Self {
        Self { out: String::with_capacity(16 * 1024), theme }
    }

    pub fn rect(&mut self, area: Area, radius: f64, fill: &str) {
        let Area { x, y, w, h } = area;
        let (x, y, w, h) = (N(x), N(y), N(w.max(0.0)), N(h.max(0.0)));
        let radius = if radius > 0.0 { format!(" rx=\"{}\"", N(radius)) } else { String::new() };
        put!(self.out, "<rect x=\"{x}\" y=\"{y}\" width=\"{w}\" height=\"{h}\"{radius} fill=\"{fill}\"/>");
    }

    /// A box with an edge of one pixel, drawn inside of its area.
    pub fn frame(&mut self, area: Area, radius: f64, fill: &str, edge: &str) {
        let Area { x, y, w, h } = area;
        put!(
            self.out,
            "<rect x=\"{}\" y=\"{}\" width=\"{}\" height=\"{}\" rx=\"{}\" fill=\"{fill}\" stroke=\"{edge}\"/>",
            N(x + 0.5),
            N(y + 0.5),
            N((w - 1.0).max(0.0)),
            N((h - 1.0).max(0.0)),
            N(radius)
        );
    }

    pub fn line(&mut self, (x1, y1): (f64, f64), (x2, y2): (f64, f64), color: &str, width: f64, dash: &str) {
        let dash = if dash.is_empty() { String::new() } else { format!(" stroke-dasharray=\"{dash}\"") };
        put!(
            self.out,
            "<line x1=\"{}\" y1=\"{}\" x2=\"{}\" y2=\"{}\" stroke=\"{color}\" stroke-width=\"{}\"{dash}/>",
            N(x1),
            N(y1),
            N(x2),
            N(y2),
            N(width)
        );
    }

    pub fn circle(&mut self, (x, y): (f64, f64), radius: f64, fill: &str) {
        put!(self.out, "<circle cx=\"{}\" cy=\"{}\" r=\"{}\" fill=\"{fill}\"/>", N(x), N(y), N(radius));
    }

    /// A shape that is filled, by the words of SVG's path language.
    pub fn shape(&mut self, path: &str, fill: &str, opacity: f64) {
        let opacity = if opacity < 1.0 { format!(" fill-opacity=\"{}\"", N(opacity)) } else { String::new() };
        put!(self.out, "<path d=\"{path}\" fill=\"{fill}\"{opacity}/>");
    }

    /// A line along a path.
    pub fn stroke(&mut self, path: &str, color: &str, width: f64, dash: &str, opacity: f64) {
        let dash = if dash.is_empty() { String::new() } else { format!(" stroke-dasharray=\"{dash}\"") };
        let opacity = if opacity < 1.0 { format!(" stroke-opacity=\"{}\"", N(opacity)) } else { String::new() };
        put!(
            self.out,
            "<path d=\"{path}\" fill=\"none\" stroke=\"{color}\" stroke-width=\"{}\" stroke-linejoin=\"round\" \
             stroke-linecap=\"round\"{dash}{opacity}/>",
            N(width)
        );
    }

    /// Writes a text on the base line `y`.
    pub fn text(&mut self, (x, y): (f64, f64), how: Type, anchor: Anchor, text: &str) {
        if text.is_empty() {
            return;
        }
        let Type { size, weight, color } = how;
        let anchor = match anchor {
            Anchor::Start => "",
            Anchor::Middle => " text-anchor=\"middle\"",
            Anchor::End => " text-anchor=\"end\"",
        };
        let weight = if weight == Weight::Semibold { " font-weight=\"600\"" } else { "" };
        put!(
            self.out,
            "<text x=\"{}\" y=\"{}\" font-size=\"{}\"{weight} fill=\"{color}\"{anchor}>{}</text>",
            N(x),
            N(y),
            N(size),
            Esc(&plain(text))
        );
    }

    /// Like [`Pen::text`], cut with an ellipsis at `most` pixels.
    pub fn text_within(&mut self, at: (f64, f64), most: f64, how: Type, anchor: Anchor, text: &str) {
        let text = font::fit(&plain(text), most, how.size, how.weight);
        self.text(at, how, anchor, &text);
    }

    /// A chip whose left edge and middle are given; gives its width.
    pub fn chip(&mut self, (x, y): (f64, f64), class: &str, text: &str) -> f64 {
        let (paper, ink) = self.theme.chip(class);
        let how = Type::bold(12.0, ink);
        let w = how.width(text) + 14.0;
        self.rect(Area::new(x, y - 9.5, w, 19.0), 9.5, paper);
        self.text((x + 7.0, y + 4.2), how, Anchor::Start, text);
        w
    }

    /// Begins a part of the drawing that cannot reach out of `area`; `id` is unique in the document.
    pub fn clip(&mut self, id: &str, area: Area) {
        put!(
            self.out,
            "<clipPath id=\"{id}\"><rect x=\"{}\" y=\"{}\" width=\"{}\" height=\"{}\"/></clipPath><g clip-path=\"url(#{id})\">",
            N(area.x),
            N(area.y),
            N(area.w),
            N(area.h)
        );
    }

    pub fn end(&mut self) {
        self.out.push_str("</g>");
    }
}

/// What can stand in an XML document, and what the font has in place of signs that it lacks.
pub fn plain(text: &str) -> String {
    let allowed = |c: char| match c {
        '✕' => Some('×'),
        '\t' | '\n' | '\r' => Some(' '),
        '\u{fffe}' | '\u{ffff}' => None,
        c if c < ' ' => None,
        c => Some(c),
    };
    text.chars().filter_map(allowed).collect()
}

/// Text as it stands between tags.
pub fn escape(text: &str) -> String {
    Esc(text).to_string()
}
