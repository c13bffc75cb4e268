//! The alerts feed.

use super::html::{Esc, put};
use crate::metrics::{Alert, Status};

/// What stands below a list that is cut.
pub(super) fn note(shown: usize) -> String {
    if shown == 1 { "The most urgent is shown.".into() } else { format!("The {shown} most urgent are shown.") }
}

/// `more`: there are others than these.
pub(super) fn draw(items: &[Alert], more: bool) -> String {
    if items.is_empty() {
        return "<div class=\"wb wb-empty\"><span class=\"wb-icon good\" aria-hidden=\"true\">✓</span>\
                <p class=\"wb-empty-title\">All clear</p><p>Nothing needs your attention.</p></div>"
            .into();
    }
    let mut out = String::with_capacity(256 + items.len() * 256);
    out.push_str("<div class=\"wb wb-alerts\"><ul class=\"wb-feed\" tabindex=\"0\" aria-label=\"Alerts\">");
    for item in items {
        let (class, shape, word) = if item.severity == Status::Critical {
            ("critical", "!", "Critical")
        } else {
            ("warning", "◆", "Warning")
        };
        put!(
            out,
            "<li><span class=\"wb-icon {class}\" aria-hidden=\"true\">{shape}</span><div><span class=\"wb-sr\">{word}: </span>"
        );
        put!(out, "<a href=\"{}\">{}</a>", Esc(&item.href), Esc(&item.title));
        put!(out, "<small>{}</small></div></li>", Esc(&item.detail));
    }
    out.push_str("</ul>");
    if more {
        put!(out, "<p class=\"wb-note\">{}</p>", note(items.len()));
    }
    out.push_str("</div>");
    out
}
