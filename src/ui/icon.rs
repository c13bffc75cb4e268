//! Line icons on a 16 by 16 grid. Decorative: the words beside them, or an `aria-label`, say the same.

use leptos::prelude::*;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum IconName {
    Account,
    Activity,
    Box,
    Budget,
    Calendar,
    Card,
    Check,
    Chevron,
    Close,
    Command,
    Copy,
    Dashboard,
    Download,
    Duplicate,
    Edit,
    Filter,
    Grip,
    Import,
    Job,
    Keyboard,
    Ledger,
    Menu,
    Metric,
    Monitor,
    Moon,
    More,
    People,
    Pin,
    Plus,
    Refresh,
    Search,
    Settings,
    SignOut,
    Star,
    Sun,
    Tag,
    Trash,
    Undo,
    ZoomOut,
}

impl IconName {
    /// The outline, as SVG path data.
    pub const fn path(self) -> &'static str {
        match self {
            Self::Account => {
                "M8 8a2.75 2.75 0 1 0 0-5.5A2.75 2.75 0 0 0 8 8zM2.8 13.5c.6-2.7 2.6-4 5.2-4s4.6 1.3 5.2 4"
            }
            Self::Activity => "M2 8h3l2-5 3 10 2-5h2",
            Self::Box => "M8 2l5.5 3v6L8 14l-5.5-3V5zM2.7 5.1 8 8l5.3-2.9M8 8v6",
            Self::Budget => "M8 2a6 6 0 1 0 6 6H8zM10.5 2.3a6 6 0 0 1 3.2 3.2h-3.2z",
            Self::Calendar => {
                "M2 5a2 2 0 0 1 2-2h8a2 2 0 0 1 2 2v7a2 2 0 0 1-2 2H4a2 2 0 0 1-2-2zM2 6.5h12M5 1.5v3M11 1.5v3"
            }
            Self::Card => {
                "M2 5.5A1.5 1.5 0 0 1 3.5 4h9A1.5 1.5 0 0 1 14 5.5v5a1.5 1.5 0 0 1-1.5 1.5h-9A1.5 1.5 0 0 1 2 10.5zM2 7h12"
            }
            Self::Check => "M3 8.5l3.5 3.5L13 4.5",
            Self::Chevron => "M4 6l4 4 4-4",
            Self::Close => "M4 4l8 8M12 4l-8 8",
            Self::Command => {
                "M6 6H4.5A1.75 1.75 0 1 1 6 4.5zm0 0v4m0-4h4m-4 4v1.5A1.75 1.75 0 1 1 4.5 10H6zm0 0h4m0-4v4m0-4V4.5A1.75 1.75 0 1 1 11.5 6H10zm0 4h1.5A1.75 1.75 0 1 1 10 11.5z"
            }
            Self::Dashboard => {
                "M3 2h3a1 1 0 0 1 1 1v5a1 1 0 0 1-1 1H3a1 1 0 0 1-1-1V3a1 1 0 0 1 1-1zM10 2h3a1 1 0 0 1 1 1v2a1 1 0 0 1-1 1h-3a1 1 0 0 1-1-1V3a1 1 0 0 1 1-1zM3 11h3a1 1 0 0 1 1 1v1a1 1 0 0 1-1 1H3a1 1 0 0 1-1-1v-1a1 1 0 0 1 1-1zM10 8h3a1 1 0 0 1 1 1v4a1 1 0 0 1-1 1h-3a1 1 0 0 1-1-1V9a1 1 0 0 1 1-1z"
            }
            Self::Copy => {
                "M5.5 3.5h-1a1.5 1.5 0 0 0-1.5 1.5v7.5A1.5 1.5 0 0 0 4.5 14h7a1.5 1.5 0 0 0 1.5-1.5V5a1.5 1.5 0 0 0-1.5-1.5h-1M6 2h4v3H6zM5.8 8.5h4.4M5.8 11h3"
            }
            Self::Download => "M8 2v8M5 7l3 3 3-3M3 13h10",
            Self::Duplicate => {
                "M5.5 5.5v-2A1.5 1.5 0 0 1 7 2h5.5A1.5 1.5 0 0 1 14 3.5V9a1.5 1.5 0 0 1-1.5 1.5h-2M3.5 5.5H9A1.5 1.5 0 0 1 10.5 7v5.5A1.5 1.5 0 0 1 9 14H3.5A1.5 1.5 0 0 1 2 12.5V7a1.5 1.5 0 0 1 1.5-1.5zM6.25 8v3.5M4.5 9.75H8"
            }
            Self::Edit => "M3 13l.6-2.8L10.8 3a1.4 1.4 0 0 1 2 0l.2.2a1.4 1.4 0 0 1 0 2L5.8 12.4z",
            Self::Filter => "M2 4h12M4.5 8h7M6.5 12h3",
            Self::Grip => "M6 4h.01M10 4h.01M6 8h.01M10 8h.01M6 12h.01M10 12h.01",
            Self::Import => "M8 10V2M5 5l3-3 3 3M3 9v4h10V9",
            Self::Job => "M8 2a6 6 0 1 0 6 6M8 5v3l2 2M11 2.5h3v3M14 2.5l-3 3",
            Self::Keyboard => {
                "M2 5.5A1.5 1.5 0 0 1 3.5 4h9A1.5 1.5 0 0 1 14 5.5v5a1.5 1.5 0 0 1-1.5 1.5h-9A1.5 1.5 0 0 1 2 10.5zM4.5 7h.01M7 7h.01M9.5 7h.01M12 7h.01M5 9.7h6"
            }
            Self::Ledger => "M3 3h10v10H3zM3 6.5h10M6.5 6.5V13",
            Self::Menu => "M2 4h12M2 8h12M2 12h12",
            Self::Metric => "M2 12l4-4 3 3 5-6",
            Self::Monitor => "M2 4a1 1 0 0 1 1-1h10a1 1 0 0 1 1 1v6a1 1 0 0 1-1 1H3a1 1 0 0 1-1-1zM6 14h4M8 11v3",
            Self::Moon => "M13.5 9.5A5.7 5.7 0 0 1 6.5 2.5 5.7 5.7 0 1 0 13.5 9.5z",
            Self::More => "M3.5 8h.01M8 8h.01M12.5 8h.01",
            Self::People => {
                "M6 8.5a2.5 2.5 0 1 0 0-5 2.5 2.5 0 0 0 0 5zM2 13c.5-3 7.5-3 8 0M11 4a2 2 0 0 1 0 4M12 10c1.5.3 2 1.5 2 3"
            }
            Self::Pin => "M6 2h4M6.5 2v4.5L4 9.5h8L9.5 6.5V2M8 9.5V14",
            Self::Plus => "M8 3v10M3 8h10",
            Self::Refresh => "M13.5 8a5.5 5.5 0 1 1-1.6-3.9M13.5 2v3h-3",
            Self::Search => "M7 12A5 5 0 1 0 7 2a5 5 0 0 0 0 10zM10.7 10.7 14 14",
            Self::Settings => {
                "M8 10.2a2.2 2.2 0 1 0 0-4.4 2.2 2.2 0 0 0 0 4.4zM8 1.8v2M8 12.2v2M1.8 8h2M12.2 8h2M3.6 3.6 5 5M11 11l1.4 1.4M12.4 3.6 11 5M5 11l-1.4 1.4"
            }
            Self::SignOut => "M9.5 3H4a1 1 0 0 0-1 1v8a1 1 0 0 0 1 1h5.5M7 8h7M11.5 5.5 14 8l-2.5 2.5",
            Self::Star => "M8 2l1.8 3.8 4.2.6-3 2.9.7 4.1L8 11.5l-3.7 1.9.7-4.1-3-2.9 4.2-.6z",
            Self::Sun => {
                "M8 11a3 3 0 1 0 0-6 3 3 0 0 0 0 6zM8 1.5V3M8 13v1.5M1.5 8H3M13 8h1.5M3.4 3.4l1.1 1.1M11.5 11.5l1.1 1.1M12.6 3.4l-1.1 1.1M4.5 11.5l-1.1 1.1"
            }
            Self::Tag => "M2.5 2.5H8l5.5 5.5-5.5 5.5L2.5 8zM5.5 5.5h.01",
            Self::Trash => "M2.5 4.5h11M6 4.5V3h4v1.5M4 4.5l.6 9h6.8l.6-9M6.7 7v4M9.3 7v4",
            Self::Undo => "M6 3 2.5 6.5 6 10M2.5 6.5H10a3.5 3.5 0 0 1 0 7H7",
            Self::ZoomOut => "M7 12A5 5 0 1 0 7 2a5 5 0 0 0 0 10zM10.7 10.7 14 14M4.8 7h4.4",
        }
    }
}

#[component]
pub fn Icon(name: IconName) -> impl IntoView {
    view! {
        <svg class="icon" viewBox="0 0 16 16" aria-hidden="true">
            <path d=name.path()/>
        </svg>
    }
}
