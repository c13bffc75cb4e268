//! The alerts feed.

use super::html::{Esc, put};

/// One line of the feed.
pub(super) struct Item {
    pub critical: bool,
    pub title: String,
    /// What is behind it, in small: "375 left, minimum 500".
    pub detail: String,
    /// The record's own page.
    pub href: Option<String>,
}

/// `more`: there are others than these.
pub(super) fn draw(items: &[Item], more: bool) -> String {
    if items.is_empty() {
        return "<div class=\"wb wb-empty\"><span class=\"wb-icon good\" aria-hidden=\"true\">✓</span>\
                <p class=\"wb-empty-title\">All clear</p><p>Nothing needs your attention.</p></div>"
            .into();
    }
    let mut out = String::with_capacity(256 + items.len() * 256);
    out.push_str("<div class=\"wb wb-alerts\"><ul class=\"wb-feed\" tabindex=\"0\" aria-label=\"Alerts\">");
    for item in items {
        let (class, shape, word) =
            if item.critical { ("critical", "!", "Critical") } else { ("warning", "◆", "Warning") };
        put!(
            out,
            "<li><span class=\"wb-icon {class}\" aria-hidden=\"true\">{shape}</span><div><span class=\"wb-sr\">{word}: </span>"
        );
        match &item.href {
            Some(href) => put!(out, "<a href=\"{}\">{}</a>", Esc(href), Esc(&item.title)),
            None => put!(out, "{}", Esc(&item.title)),
        }
        put!(out, "<small>{}</small></div></li>", Esc(&item.detail));
    }
    out.push_str("</ul>");
    if more {
        put!(out, "<p class=\"wb-note\">The {} most urgent are shown.</p>", items.len());
    }
    out.push_str("</div>");
    out
}
