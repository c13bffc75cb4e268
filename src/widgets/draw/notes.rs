//! Notes: Markdown to HTML, with nothing in it that could do harm.

use super::html::{Esc, empty, put};
use crate::widgets::settings::NotesSettings;
use pulldown_cmark::{CowStr, Event, HeadingLevel, LinkType, Options, Parser, Tag, TagEnd, html};

pub(super) fn draw(settings: &NotesSettings) -> String {
    if settings.text.trim().is_empty() {
        return empty("Nothing written yet", "Edit this widget to write a note. Markdown works.", "");
    }
    let options = Options::ENABLE_TABLES | Options::ENABLE_STRIKETHROUGH | Options::ENABLE_TASKLISTS;
    let events = Parser::new_ext(&settings.text, options).map(tame);
    let mut body = String::with_capacity(settings.text.len() * 3 / 2);
    html::push_html(&mut body, events);
    let mut out = String::with_capacity(body.len() + 96);
    put!(
        out,
        "<div class=\"wb wb-notes\" tabindex=\"0\" role=\"region\" aria-label=\"{}\">{body}</div>",
        Esc(settings.common.title.as_deref().unwrap_or("Notes"))
    );
    out
}

/// Raw HTML becomes the text that was typed; links lead only where links may; images become links, since the
/// page may load nothing from elsewhere; headings start below the card's own.
fn tame(event: Event<'_>) -> Event<'_> {
    match event {
        Event::Html(text) | Event::InlineHtml(text) => Event::Text(text),
        Event::Start(Tag::Heading { level, .. }) => {
            Event::Start(Tag::Heading { level: lower(level), id: None, classes: Vec::new(), attrs: Vec::new() })
        }
        Event::End(TagEnd::Heading(level)) => Event::End(TagEnd::Heading(lower(level))),
        Event::Start(Tag::Link { link_type, dest_url, title, id }) => {
            let dest_url = safe_address(link_type, dest_url);
            Event::Start(Tag::Link { link_type, dest_url, title, id })
        }
        Event::Start(Tag::Image { dest_url, title, id, .. }) => {
            let dest_url = safe_address(LinkType::Inline, dest_url);
            Event::Start(Tag::Link { link_type: LinkType::Inline, dest_url, title, id })
        }
        Event::End(TagEnd::Image) => Event::End(TagEnd::Link),
        other => other,
    }
}

fn lower(level: HeadingLevel) -> HeadingLevel {
    match level {
        HeadingLevel::H1 => HeadingLevel::H3,
        HeadingLevel::H2 => HeadingLevel::H4,
        HeadingLevel::H3 => HeadingLevel::H5,
        _ => HeadingLevel::H6,
    }
}

/// Addresses of the web, of mail and of our own pages; anything else leads nowhere.
fn safe_address(link_type: LinkType, address: CowStr<'_>) -> CowStr<'_> {
    let lower = address.trim().to_ascii_lowercase();
    let web = ["https://", "http://", "mailto:"].iter().any(|scheme| lower.starts_with(scheme));
    let own =
        (lower.starts_with('/') && !lower.starts_with("//") && !lower.starts_with("/\\")) || lower.starts_with('#');
    if web || own || link_type == LinkType::Email { address } else { "#".into() }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn html(text: &str) -> String {
        draw(&NotesSettings { text: text.into(), ..NotesSettings::default() })
    }

    #[test]
    fn markdown_becomes_html() {
        let out = html("# Plan\n\n- **one**\n- [two](https://example.com)\n\n| a | b |\n|---|---|\n| 1 | 2 |");
        assert!(out.contains("<h3>Plan</h3>"), "{out}");
        assert!(out.contains("<strong>one</strong>"));
        assert!(out.contains("<a href=\"https://example.com\">two</a>"));
        assert!(out.contains("<table>"));
    }

    #[test]
    fn nothing_typed_becomes_a_tag_or_a_script() {
        for text in [
            "<script>alert(1)</script>",
            "a <img src=x onerror=alert(1)> b",
            "[x](javascript:alert(1))",
            "[x](JaVaScRiPt:alert(1))",
            "[x](\u{1}javascript:alert(1))",
            "[x](data:text/html;base64,AAAA)",
            "[x](//evil.example)",
            "![x](https://evil.example/track.png)",
            "<javascript:alert(1)>",
            "# a {onclick=alert(1)}",
        ] {
            let out = html(text);
            for bad in ["<script", "<img", "href=\"java", "href=\"\u{1}", "href=\"data", "href=\"//", " onclick=\""] {
                assert!(!out.to_lowercase().contains(bad), "{text}: {out}");
            }
        }
    }

    #[test]
    fn an_empty_note_says_what_to_do() {
        assert!(html("  \n").contains("Nothing written yet"));
    }
}
