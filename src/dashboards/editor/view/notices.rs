//! What has to be said above the canvas.

use crate::{
    dashboards::{
        editing::model::widget_error,
        editor::{
            bench::Bench,
            state::{State, Tile},
        },
    },
    error::AppError,
    format,
    ui::{Button, shell::use_viewer},
    widgets::{WidgetKind, settings::schema},
};
use leptos::prelude::*;

#[component]
pub fn Notices(bench: Bench, back: String) -> impl IntoView {
    // Constants and an address of ours: nothing in it comes from a person.
    let plain = format!(
        r#"<div class="notice warn"><span class="mark" aria-hidden="true">◆</span><span>Arranging a dashboard needs JavaScript, which is turned off. <a href="{}">Back to the dashboard</a></span></div>"#,
        back.replace('&', "&amp;").replace('"', "&quot;"),
    );
    view! {
        <noscript inner_html=plain></noscript>
        <Resumed bench/>
        <Refused bench/>
    }
}

/// Unsaved changes of an earlier visit, already on the canvas.
#[component]
fn Resumed(bench: Bench) -> impl IntoView {
    let zone = use_viewer().with_untracked(|viewer| viewer.organization.time_zone);
    let go_on = move |_| {
        bench.resumed.set(None);
        #[cfg(feature = "hydrate")]
        crate::dashboards::editor::browser::focus_canvas();
    };
    let discard = move |_| {
        bench.act(State::discard);
        bench.offer_undo("The unsaved changes were discarded.");
    };
    move || {
        bench.resumed.get().map(|at| {
            view! {
                <div class="notice resumed" role="status">
                    <span class="mark" aria-hidden="true">"●"</span>
                    <span>{format!("Unsaved changes from {}.", format::date_time(at, zone))}</span>
                    <span class="row">
                        <Button on:click=go_on>"Continue"</Button>
                        <Button on:click=discard>"Discard"</Button>
                    </span>
                </div>
            }
        })
    }
}

/// Why the server did not save, with a way to each widget that is wrong.
#[component]
fn Refused(bench: Bench) -> impl IntoView {
    move || {
        bench.refused.get().map(|error| {
            let widgets: Vec<_> = bench.state.with_untracked(|state| {
                let wrong = |(n, tile): (usize, &Tile)| {
                    Some((tile.id, tile.title(), named(tile.kind, &widget_error(&error, n)?)))
                };
                state.tiles().iter().enumerate().filter_map(wrong).collect()
            });
            let items = widgets
                .into_iter()
                .map(|(id, title, words)| {
                    view! {
                        <li>
                            <button type="button" class="link" on:click=move |_| bench.open_panel(id)>
                                {title}
                            </button>
                            ": "
                            {words}
                        </li>
                    }
                })
                .collect_view();
            view! {
                <div class="notice bad" role="alert" id="refused">
                    <span class="mark" aria-hidden="true">"!"</span>
                    <div>
                        <b>"Not saved. "</b>
                        {reason(&error)}
                        <ul>{items}</ul>
                    </div>
                </div>
            }
        })
    }
}

/// What is wrong with a widget, each setting by the name that its panel gives it.
fn named(kind: WidgetKind, error: &AppError) -> String {
    let AppError::Invalid { fields, .. } = error else { return error.to_string() };
    let words = fields.iter().map(|wrong| {
        let name = wrong.field.split(['[', '.']).next().unwrap_or_default();
        // What the server says of it is for programs too, of codes.
        if name == "metric" {
            return "Metric: Choose one from the list.".to_owned();
        }
        match schema(kind).iter().find(|field| field.name == name) {
            Some(field) => format!("{}: {}", field.label, wrong.message),
            None => wrong.message.clone(),
        }
    });
    words.collect::<Vec<_>>().join(" ")
}

/// What the error says beside what is wrong with single widgets, and what to do where saving again is not enough.
fn reason(error: &AppError) -> AnyView {
    match error {
        AppError::Invalid { fields, .. } if !fields.is_empty() => {
            let own = fields.iter().filter(|field| !field.field.starts_with("widgets["));
            own.map(|field| field.message.as_str()).collect::<Vec<_>>().join(" ").into_any()
        }
        AppError::NotFound { .. } => view! {
            "Somebody has deleted this dashboard or given it to somebody else. If it is in the "
            <a href="/dashboards/trash" target="_blank">"bin (opens in a new tab)"</a>
            ", restore it there and save here again. Until then your changes stay on this page."
        }
        .into_any(),
        AppError::Unauthenticated => view! {
            "Your session has ended. "
            <a href="/sign-in" target="_blank">"Sign in (opens in a new tab)"</a>
            " and save here again. Until then your changes stay on this page."
        }
        .into_any(),
        other => other.to_string().into_any(),
    }
}

#[cfg(all(test, feature = "ssr"))]
mod tests {
    use super::*;

    #[test]
    fn who_lacks_a_metric_is_told_of_no_codes() {
        let error = AppError::field("metric", "Choose a metric by its code, such as total_revenue.");
        assert_eq!(named(WidgetKind::Kpi, &error), "Metric: Choose one from the list.");
    }

    #[test]
    fn what_saving_again_does_not_mend_leads_to_what_does() {
        let ways =
            [(AppError::not_found("The dashboard"), "/dashboards/trash"), (AppError::Unauthenticated, "/sign-in")];
        for (error, way) in ways {
            let html = Owner::new().with(|| reason(&error).to_html());
            // In a tab of its own: what is not saved stays here.
            assert!(html.contains(&format!(r#"<a href="{way}" target="_blank">"#)), "{html}");
        }
    }
}
