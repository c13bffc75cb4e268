//! Notes: Markdown, set line by line.

use super::{
    font::{self, Weight},
    pen::{Anchor, Area, Pen, Type, plain},
};
use pulldown_cmark::{Event, HeadingLevel, Options, Parser, Tag, TagEnd};

/// Words of one weight and colour; a space before them unless they hang together with the last.
#[derive(Clone, Debug)]
struct Word {
    text: String,
    weight: Weight,
    link: bool,
    glued: bool,
}

/// A paragraph, heading, list entry or row of a table.
#[derive(Clone, Debug, Default)]
struct Block {
    words: Vec<Word>,
    size: f64,
    indent: f64,
    mark: String,
    quote: bool,
    rule: bool,
    space_before: f64,
}

pub(super) fn draw(pen: &mut Pen, area: Area, text: &str) {
    let blocks = blocks(text);
    if blocks.is_empty() {
        return super::lists::message(pen, area, "Nothing written yet", "Edit this widget to write a note.");
    }
    let mut y = area.y;
    for (i, block) in blocks.iter().enumerate() {
        if i > 0 {
            y += block.space_before;
        }
        if block.rule {
            pen.line((area.x, y), (area.right(), y), pen.theme.line, 1.0, "");
            continue;
        }
        let step = block.size * 1.45;
        let top = y;
        for (l, line) in lines(block, area.w - block.indent).iter().enumerate() {
            if y + step > area.bottom() + 2.0 {
                pen.text((area.x, area.bottom() - 1.0), Type::new(13.0, pen.theme.ink_3), Anchor::Start, "…");
                return;
            }
            let base = y + block.size * 1.08;
            if l == 0 && !block.mark.is_empty() {
                let how = Type::new(block.size, pen.theme.ink_2);
                pen.text((area.x + block.indent - 6.0, base), how, Anchor::End, &block.mark);
            }
            for (x, word) in line {
                let color = match (word.link, block.quote) {
                    (true, _) => pen.theme.accent,
                    (_, true) => pen.theme.ink_2,
                    _ => pen.theme.ink,
                };
                let how = Type { size: block.size, weight: word.weight, color };
                pen.text((area.x + block.indent + x, base), how, Anchor::Start, &word.text);
            }
            y += step;
        }
        if block.quote {
            let bar = Area::new(area.x + block.indent - 10.0, top, 3.0, y - top);
            pen.rect(bar, 0.0, pen.theme.line_strong);
        }
    }
}

/// The words with their places, in lines no wider than `most`. Neighbours of one kind become one text.
fn lines(block: &Block, most: f64) -> Vec<Vec<(f64, Word)>> {
    let space = font::width(" ", block.size, Weight::Regular);
    let mut out: Vec<Vec<(f64, Word)>> = vec![Vec::new()];
    let mut x = 0.0;
    for word in &block.words {
        if word.text == "\n" {
            out.push(Vec::new());
            x = 0.0;
            continue;
        }
        let w = font::width(&word.text, block.size, word.weight);
        let gap = if x > 0.0 && !word.glued { space } else { 0.0 };
        if x > 0.0 && x + gap + w > most {
            out.push(Vec::new());
            x = 0.0;
        }
        let gap = if x > 0.0 { gap } else { 0.0 };
        let Some(line) = out.last_mut() else { continue };
        match line.last_mut() {
            Some((_, last)) if last.weight == word.weight && last.link == word.link => {
                if gap > 0.0 {
                    last.text.push(' ');
                }
                last.text.push_str(&word.text);
            }
            _ => {
                let text = font::fit(&word.text, most, block.size, word.weight);
                line.push((x + gap, Word { text, ..word.clone() }));
            }
        }
        x += gap + w;
    }
    out
}

fn blocks(text: &str) -> Vec<Block> {
    let options = Options::ENABLE_TABLES | Options::ENABLE_STRIKETHROUGH | Options::ENABLE_TASKLISTS;
    let mut out: Vec<Block> = Vec::new();
    let mut block: Option<Block> = None;
    let mut lists: Vec<Option<u64>> = Vec::new();
    let (mut bold, mut links, mut quotes) = (0_u32, 0_u32, 0_u32);
    let fresh = |depth: usize, quotes: u32, space: f64| Block {
        size: 13.5,
        indent: 20.0 * depth as f64 + 13.0 * f64::from(quotes),
        quote: quotes > 0,
        space_before: space,
        ..Block::default()
    };
    let add = |block: &mut Option<Block>, text: &str, bold: u32, links: u32| {
        let Some(block) = block else { return };
        let weight = if bold > 0 || block.size > 13.5 { Weight::Semibold } else { Weight::Regular };
        let mut glued = !text.starts_with(char::is_whitespace);
        for word in plain(text).split_whitespace() {
            block.words.push(Word { text: word.to_owned(), weight, link: links > 0, glued });
            glued = false;
        }
        // A space at the end belongs to whatever comes next.
        if text.ends_with(char::is_whitespace) && !block.words.is_empty() {
            block.words.push(Word { text: String::new(), weight, link: links > 0, glued: false });
        }
    };
    for event in Parser::new_ext(text, options) {
        match event {
            Event::Start(Tag::Paragraph) if block.is_none() => block = Some(fresh(lists.len(), quotes, 8.0)),
            Event::Start(Tag::Heading { level, .. }) => {
                let size = if level == HeadingLevel::H1 { 16.0 } else { 14.0 };
                block = Some(Block { size, space_before: 12.0, ..Block::default() });
            }
            Event::Start(Tag::CodeBlock(_)) => block = Some(fresh(lists.len(), quotes, 8.0)),
            Event::Start(Tag::List(first)) => {
                out.extend(block.take().filter(|b| !b.words.is_empty()));
                lists.push(first);
            }
            Event::End(TagEnd::List(_)) => {
                lists.pop();
            }
            Event::Start(Tag::Item) => {
                let mark = match lists.last_mut() {
                    Some(Some(n)) => {
                        *n += 1;
                        format!("{}.", *n - 1)
                    }
                    _ => "•".into(),
                };
                block = Some(Block { mark, ..fresh(lists.len(), quotes, 2.0) });
            }
            Event::TaskListMarker(done) => {
                if let Some(block) = &mut block {
                    block.mark = if done { "✓".into() } else { "–".into() };
                }
            }
            Event::Start(Tag::BlockQuote(_)) => quotes += 1,
            Event::End(TagEnd::BlockQuote(_)) => quotes = quotes.saturating_sub(1),
            Event::Start(Tag::TableHead | Tag::TableRow) => block = Some(fresh(0, 0, 3.0)),
            Event::Start(Tag::TableCell) => {
                if let Some(block) = block.as_mut().filter(|b| !b.words.is_empty()) {
                    let text = "·".to_owned();
                    block.words.push(Word { text, weight: Weight::Regular, link: false, glued: false });
                    block.words.push(Word { text: String::new(), weight: Weight::Regular, link: false, glued: false });
                }
            }
            Event::Start(Tag::Strong) => bold += 1,
            Event::End(TagEnd::Strong) => bold = bold.saturating_sub(1),
            Event::Start(Tag::Link { .. } | Tag::Image { .. }) => links += 1,
            Event::End(TagEnd::Link | TagEnd::Image) => links = links.saturating_sub(1),
            Event::Text(text) | Event::Code(text) | Event::Html(text) | Event::InlineHtml(text) => {
                if block.is_none() {
                    block = Some(fresh(lists.len(), quotes, 8.0));
                }
                add(&mut block, &text, bold, links);
            }
            Event::SoftBreak | Event::HardBreak => {
                if let Some(block) = &mut block {
                    let text = if event == Event::HardBreak { "\n" } else { "" };
                    block.words.push(Word { text: text.into(), weight: Weight::Regular, link: false, glued: false });
                }
            }
            Event::Rule => out.push(Block { rule: true, space_before: 10.0, ..Block::default() }),
            Event::End(
                TagEnd::Paragraph
                | TagEnd::Heading(_)
                | TagEnd::Item
                | TagEnd::CodeBlock
                | TagEnd::TableHead
                | TagEnd::TableRow,
            ) => out.extend(block.take().filter(|b| !b.words.is_empty())),
            _ => {}
        }
    }
    out.extend(block.filter(|b| !b.words.is_empty()));
    out
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, reason = "tests")]
    use super::*;

    fn said(text: &str) -> Vec<String> {
        let line = |line: &Vec<(f64, Word)>| line.iter().map(|(_, w)| w.text.as_str()).collect::<Vec<_>>().join("|");
        blocks(text).iter().flat_map(|b| lines(b, 400.0)).map(|l| line(&l)).collect()
    }

    #[test]
    fn words_keep_their_spaces_and_their_weight() {
        assert_eq!(said("Close by the **5th**. Then *go* on."), ["Close by the |5th|. Then go on."]);
        assert_eq!(said("# Plan\n\n1. one\n2. two\n\n> said"), ["Plan", "one", "two", "said"]);
        assert_eq!(said("a  \nb"), ["a", "b"]);
        assert_eq!(said("one\ntwo"), ["one two"]);
        assert_eq!(said("**a** *b* [c](d)"), ["a|b |c"]);
    }
}
