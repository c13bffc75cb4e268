//! The parts of a page: heading, states of a list, notices, tables.

use super::{Button, LinkButton};
use crate::error::AppError;
use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::hooks::use_query_map;

/// A page's heading, and its content below. `actions` stand at the right of the heading.
#[component]
pub fn Page(
    /// Also the document's title.
    #[prop(into)]
    title: Signal<String>,
    /// One line under the heading.
    #[prop(optional, into)]
    lead: Option<Signal<String>>,
    #[prop(optional, into)] actions: ViewFn,
    children: Children,
) -> impl IntoView {
    // The head is written last, when a page that failed half-way may have taken its signals with it.
    let first = title.get_untracked();
    view! {
        <Title text=move || title.try_get().unwrap_or_else(|| first.clone())/>
        <div class="page-head">
            <div>
                <h1>{move || title.get()}</h1>
                {lead.map(|lead| view! { <p class="lead">{move || lead.get()}</p> })}
            </div>
            <div class="row">{actions.run()}</div>
        </div>
        <div class="stack">{children()}</div>
    }
}

/// How a state stands. Said by shape and words as well as by colour.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Tone {
    #[default]
    Neutral,
    Info,
    Good,
    Warn,
    Bad,
}

impl Tone {
    pub const fn class(self) -> &'static str {
        match self {
            Self::Neutral => "neutral",
            Self::Info => "info",
            Self::Good => "good",
            Self::Warn => "warn",
            Self::Bad => "bad",
        }
    }

    /// The shape that says the same as the colour.
    pub const fn mark(self) -> &'static str {
        match self {
            Self::Neutral => "○",
            Self::Info => "●",
            Self::Good => "✓",
            Self::Warn => "◆",
            Self::Bad => "!",
        }
    }
}

/// A state in a word or two.
#[component]
pub fn Chip(#[prop(optional)] tone: Tone, #[prop(into)] text: String) -> impl IntoView {
    view! {
        <span class=format!("chip {}", tone.class())>
            <span aria-hidden="true">{tone.mark()}</span>
            {text}
        </span>
    }
}

/// What was just done, said once at the top of the page that a form leads back to (`?done=…`).
#[component]
pub fn Done(
    /// Pairs of the parameter's value and what to say.
    texts: &'static [(&'static str, &'static str)],
) -> impl IntoView {
    let query = use_query_map();
    let text = move || {
        let done = query.with(|query| query.get("done"))?;
        texts.iter().find(|(key, _)| *key == done).map(|(_, text)| *text)
    };
    move || {
        text().map(|text| {
            view! {
                <div class="notice good" role="status">
                    <span class="mark" aria-hidden="true">"✓"</span>
                    <span>{text}</span>
                </div>
            }
        })
    }
}

/// Nothing here yet, and what to do about it (the children: buttons).
#[component]
pub fn EmptyState(
    #[prop(into)] title: String,
    #[prop(into)] text: String,
    #[prop(optional)] children: Option<Children>,
) -> impl IntoView {
    view! {
        <div class="card empty">
            <h2>{title}</h2>
            <p>{text}</p>
            {children.map(|children| view! { <div class="row">{children()}</div> })}
        </div>
    }
}

/// What went wrong with a part of a page, and what to do. Without `retry`, the page itself is asked for again.
#[component]
pub fn ErrorBox(error: AppError, #[prop(optional, into)] retry: Option<Callback<()>>) -> impl IntoView {
    let again = matches!(error, AppError::Unavailable | AppError::Internal { .. } | AppError::RateLimited { .. });
    let sign_in = error == AppError::Unauthenticated;
    view! {
        <div class="notice bad" role="alert">
            <span class="mark" aria-hidden="true">"!"</span>
            <div>
                <b>{error.title()}</b>
                <div>{error.to_string()}</div>
                {again
                    .then(|| match retry {
                        Some(retry) => {
                            view! {
                                <div class="row">
                                    <Button on:click=move |_| retry.run(())>"Try again"</Button>
                                </div>
                            }
                                .into_any()
                        }
                        None => {
                            view! {
                                <div class="row">
                                    <LinkButton href="" external=true>
                                        "Try again"
                                    </LinkButton>
                                </div>
                            }
                                .into_any()
                        }
                    })}
                {sign_in
                    .then(|| view! { <div class="row"><LinkButton href="/sign-in">"Sign in"</LinkButton></div> })}
            </div>
        </div>
    }
}

/// A whole page's failure, answered with the error's own HTTP status when the page's resource is a blocking one.
#[component]
pub fn ErrorPage(
    error: AppError,
    /// Links to what may be done instead.
    #[prop(optional)]
    children: Option<Children>,
) -> impl IntoView {
    set_status(error.status());
    let again = matches!(error, AppError::Unavailable | AppError::Internal { .. } | AppError::RateLimited { .. });
    view! {
        <Title text=error.title()/>
        <div class="error-page">
            <p class="code">{error.status()}</p>
            <h1>{error.title()}</h1>
            <p>{error.to_string()}</p>
            <div class="row">
                {children.map(|children| children())}
                {again
                    .then(|| {
                        view! {
                            <LinkButton href="" external=true>
                                "Try again"
                            </LinkButton>
                        }
                    })} <LinkButton href="/">"Go to the dashboards"</LinkButton>
            </div>
        </div>
    }
}

/// Sets the status of the page that is being rendered. Only a page's blocking part can do so.
#[cfg(feature = "ssr")]
pub fn set_status(status: u16) {
    if let Some(response) = use_context::<leptos_axum::ResponseOptions>()
        && let Ok(status) = http::StatusCode::from_u16(status)
    {
        response.set_status(status);
    }
}

/// In the browser there is no status to set.
#[cfg(not(feature = "ssr"))]
pub fn set_status(_status: u16) {}

/// Bones of `rows` lines, in the place of what is being loaded.
#[component]
pub fn Skeleton(#[prop(default = 3)] rows: usize) -> impl IntoView {
    let bones = (0..rows).map(|_| view! { <i></i> }).collect_view();
    view! {
        <div class="skeleton" role="status" aria-label="Loading">
            {bones}
        </div>
    }
}

/// How far a long work has come. Without `max` it only shows that something happens.
#[component]
pub fn Progress(
    #[prop(into)] value: Signal<f64>,
    #[prop(optional, into)] max: Signal<Option<f64>>,
    /// Stands above the bar, and names it.
    #[prop(into)]
    label: Signal<String>,
) -> impl IntoView {
    view! {
        <label class="progress">
            <span>{move || label.get()}</span>
            <progress
                max=move || max.get().map(|max| max.to_string())
                value=move || max.get().map(|_| value.get().to_string())
            ></progress>
        </label>
    }
}

/// Lets a wide table scroll inside its own box. `label` names the box for those who cannot see it.
#[component]
pub fn TableBox(#[prop(into)] label: String, children: Children) -> impl IntoView {
    view! {
        <div class="table-box" role="region" aria-label=label tabindex="0">
            {children()}
        </div>
    }
}

/// The way through a list's pages: back to the first, on to the next.
#[component]
pub fn Pager(
    /// Where the next page is; `None` on the last.
    #[prop(into)]
    next: Signal<Option<String>>,
    /// Where the first page is; `None` on the first.
    #[prop(optional, into)]
    first: Signal<Option<String>>,
    #[prop(optional, into)] summary: Option<String>,
) -> impl IntoView {
    view! {
        <nav class="pager" aria-label="Pages">
            <span>{summary}</span>
            {move || first.get().map(|href| view! { <LinkButton href>"First page"</LinkButton> })}
            {move || next.get().map(|href| view! { <LinkButton href>"Next page"</LinkButton> })}
        </nav>
    }
}

#[cfg(all(test, feature = "ssr"))]
pub(in crate::ui) mod tests {
    use super::*;

    /// What a component looks like as HTML.
    pub(in crate::ui) fn html<V: IntoView>(make: impl FnOnce() -> V) -> String {
        let owner = Owner::new();
        owner.with(|| make().into_view().to_html())
    }

    #[test]
    fn a_passing_fault_can_be_tried_again_and_a_refusal_cannot() {
        assert!(html(|| view! { <ErrorBox error=AppError::Unavailable/> }).contains("Try again"));
        let refused = html(|| view! { <ErrorBox error=AppError::forbidden("Only owners may do this.")/> });
        assert!(refused.contains("Only owners may do this."), "{refused}");
        assert!(!refused.contains("Try again"), "{refused}");
    }

    #[test]
    fn a_chip_says_its_state_without_colour() {
        let out = html(|| view! { <Chip tone=Tone::Bad text="Overdue"/> });
        assert!(out.contains("chip bad") && out.contains('!') && out.contains("Overdue"), "{out}");
    }

    #[test]
    fn text_from_outside_is_escaped() {
        let out = html(|| view! { <EmptyState title="<b>x</b>" text="a & b"/> });
        assert!(out.contains("&lt;b&gt;x&lt;/b&gt;") && out.contains("a &amp; b"), "{out}");
    }

    #[test]
    fn progress_without_a_total_has_no_value() {
        let out = html(|| view! { <Progress value=3.0 label="Reading"/> });
        assert!(out.contains("<progress></progress>"), "{out}");
        let out = html(|| view! { <Progress value=3.0 max=Some(10.0) label="Reading"/> });
        assert!(out.contains(r#"max="10""#) && out.contains(r#"value="3""#), "{out}");
    }
}
