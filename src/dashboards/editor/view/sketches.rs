//! Each kind of widget in small, drawn once. Classes take their colours from the page's tokens.

use crate::widgets::WidgetKind;

/// SVG of 72 by 44.
pub const fn sketch(kind: WidgetKind) -> &'static str {
    match kind {
        WidgetKind::Kpi => {
            r#"<svg viewBox="0 0 72 44"><path class="q" d="M6 7h22"/><text x="5" y="25">48.2k</text><path class="up" d="M50 20h14"/><path class="l" d="M6 38l10-3 10 2 10-6 10 2 10-5 10-2"/></svg>"#
        }
        WidgetKind::LineChart => {
            r#"<svg viewBox="0 0 72 44"><path class="g" d="M6 10h60M6 22h60M6 34h60"/><path class="d" d="M6 33l12-4 12 2 12-7 12 3 12-6"/><path class="l" d="M6 30l12-7 12 3 12-11 12 3 12-11"/></svg>"#
        }
        WidgetKind::BarChart => {
            r#"<svg viewBox="0 0 72 44"><path class="g" d="M6 12h60M6 25h60M6 38h60"/><path class="b" d="M13 38V23M25 38V15M37 38V27M49 38V10M61 38V19"/></svg>"#
        }
        WidgetKind::DonutChart => {
            r#"<svg viewBox="0 0 72 44"><g class="ring" transform="translate(36 22)"><circle class="c1" r="14" pathLength="100" stroke-dasharray="46 54"/><circle class="c2" r="14" pathLength="100" stroke-dasharray="27 73" stroke-dashoffset="-48"/><circle class="c3" r="14" pathLength="100" stroke-dasharray="21 79" stroke-dashoffset="-77"/></g></svg>"#
        }
        WidgetKind::AreaChart => {
            r#"<svg viewBox="0 0 72 44"><path class="g" d="M6 12h60M6 25h60M6 38h60"/><path class="a" d="M6 38V29l12-5 12 3 12-11 12 2 12-9v29z"/><path class="l" d="M6 29l12-5 12 3 12-11 12 2 12-9"/></svg>"#
        }
        WidgetKind::Gauge => {
            r#"<svg viewBox="0 0 72 44"><path class="t" d="M16 36a20 20 0 0 1 40 0"/><path class="k" d="M16 36a20 20 0 0 1 31-16.7"/><text x="36" y="37" text-anchor="middle" class="small">72%</text></svg>"#
        }
        WidgetKind::DataTable => {
            r#"<svg viewBox="0 0 72 44"><path class="q" d="M6 8h16M34 8h10M56 8h10"/><path class="g" d="M6 14h60M6 23h60M6 32h60"/><path class="q soft" d="M6 19h22M38 19h6M52 19h14M6 28h18M36 28h8M55 28h11M6 37h24M37 37h7M53 37h13"/></svg>"#
        }
        WidgetKind::ProgressRing => {
            r#"<svg viewBox="0 0 72 44"><g class="ring" transform="translate(36 22) rotate(-90)"><circle class="t" r="15"/><circle class="c1" r="15" pathLength="100" stroke-dasharray="68 32"/></g><text x="36" y="26" text-anchor="middle" class="small">68%</text></svg>"#
        }
        WidgetKind::Sparkline => {
            r#"<svg viewBox="0 0 72 44"><text x="5" y="27" class="small">12.4k</text><path class="l" d="M36 27l6-4 6 3 6-8 6 3 6-7"/></svg>"#
        }
        WidgetKind::AlertsFeed => {
            r#"<svg viewBox="0 0 72 44"><rect class="bad" x="6" y="5" width="8" height="8" rx="2.5"/><rect class="warn" x="6" y="18" width="8" height="8" rx="2.5"/><rect class="warn" x="6" y="31" width="8" height="8" rx="2.5"/><path class="q" d="M20 9h32M20 22h40M20 35h26"/></svg>"#
        }
        WidgetKind::Calendar => {
            r#"<svg viewBox="0 0 72 44"><path class="g" d="M10 13h52M10 22h52M10 31h52M10 40h52M10 13v27M20.4 13v27M30.8 13v27M41.2 13v27M51.6 13v27M62 13v27"/><path class="q" d="M10 7h18"/><rect class="f1" x="22" y="15" width="7.2" height="5.4" rx="1.5"/><rect class="f2" x="43" y="24" width="7.2" height="5.4" rx="1.5"/><rect class="f1" x="32.4" y="33" width="7.2" height="5.4" rx="1.5"/></svg>"#
        }
        WidgetKind::Notes => {
            r#"<svg viewBox="0 0 72 44"><path class="q" d="M8 9h26"/><path class="q soft" d="M8 18h54M8 25h48M8 32h52"/><path class="l" d="M8 39h20"/></svg>"#
        }
    }
}
