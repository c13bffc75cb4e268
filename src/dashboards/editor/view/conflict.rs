//! Somebody else has saved meanwhile: both versions are shown, and nothing is written over until somebody decides.

use super::dialog_about;
use crate::{
    dashboards::{
        editing::{
            Part, Side, changes, merge_with,
            model::{Content, Theirs},
        },
        editor::bench::Bench,
    },
    format,
    ui::{Button, ButtonVariant, Dialog, shell::use_viewer},
};
use leptos::prelude::*;

/// What the person said about each clash.
type Says = RwSignal<Vec<(Part, Side)>>;

fn said(says: &[(Part, Side)], part: &Part) -> Option<Side> {
    says.iter().find(|(known, _)| known == part).map(|(_, side)| *side)
}

#[component]
pub fn ConflictDialog(bench: Bench) -> impl IntoView {
    let open = dialog_about(bench.conflict);
    view! {
        <Dialog open title="Somebody else saved this dashboard" class="dialog wide">
            {move || bench.conflict.get().map(|theirs| view! { <Conflict bench theirs/> })}
        </Dialog>
    }
}

#[component]
fn Conflict(bench: Bench, theirs: Theirs) -> impl IntoView {
    let zone = use_viewer().with_untracked(|viewer| viewer.organization.time_zone);
    let who = theirs.by.clone().unwrap_or_else(|| "Somebody".into());
    let when = format::date_time(theirs.at, zone);
    let mine = bench.state.with_untracked(|state| state.content());
    let says = Says::default();
    let clashes = merge_with(&theirs.base, &mine, &theirs.content, |_| None).clashes;
    let decisions = clashes
        .into_iter()
        .enumerate()
        .map(|(n, clash)| {
            let side = default_side(&clash.part, &mine);
            view! { <Decision n words=clash.words part=clash.part side says/> }
        })
        .collect_view();
    let their_changes = list(changes(&theirs.base, &theirs.content));
    let my_changes = list(changes(&theirs.base, &mine));
    let theirs = StoredValue::new(theirs);
    let keep_mine = move |_| {
        let asked = bench.asked_to_save.get_value();
        theirs.with_value(|theirs| bench.rebase(&theirs.content, theirs.version));
        bench.conflict.set(None);
        if asked {
            save(bench);
        }
    };
    let take_theirs = move |_| {
        theirs.with_value(|theirs| {
            bench.rebase(&theirs.content, theirs.version);
            bench.act(|state| {
                state.replace("take their version", &theirs.content);
                Ok("Their version is shown. Undo brings yours back.".into())
            });
        });
        bench.conflict.set(None);
        bench.offer_undo("Their version is shown.");
    };
    let merge = move |_| {
        theirs.with_value(|theirs| {
            let mine = bench.state.with_untracked(|state| state.content());
            let says = says.get_untracked();
            let merged = merge_with(&theirs.base, &mine, &theirs.content, |part| said(&says, part));
            bench.rebase(&theirs.content, theirs.version);
            bench.act(|state| {
                state.replace("merge both versions", &merged.content);
                Ok("Both versions are merged.".into())
            });
        });
        bench.conflict.set(None);
        bench.toasts.success("Both versions are merged. Look it over, then save.");
    };
    view! {
        <div class="stack conflict">
            <p>
                {format!(
                    "{who} saved it on {when}, after you had begun. Nothing is written over until you decide.",
                )}
            </p>
            <div class="columns">
                <section>
                    <h3>{format!("What {who} changed")}</h3>
                    <ul>{their_changes}</ul>
                </section>
                <section>
                    <h3>"What you changed"</h3>
                    <ul>{my_changes}</ul>
                </section>
            </div>
            {decisions}
            <div class="row">
                <Button variant=ButtonVariant::Primary on:click=merge>
                    "Merge both"
                </Button>
                <Button on:click=keep_mine>"Keep mine"</Button>
                <Button on:click=take_theirs>"Take theirs"</Button>
                <Button variant=ButtonVariant::Quiet on:click=move |_| bench.conflict.set(None)>
                    "Decide later"
                </Button>
            </div>
            <p class="hint">
                "Merging puts both together here, to be looked at before it is saved. After “Take theirs”, Undo brings yours back until you leave this page."
            </p>
        </div>
    }
}

fn list(changes: Vec<String>) -> AnyView {
    if changes.is_empty() {
        return view! { <li class="muted">"Nothing"</li> }.into_any();
    }
    changes.into_iter().map(|change| view! { <li>{change}</li> }).collect_view().into_any()
}

/// Mine; but what I removed and they changed stays, so that nothing is lost unseen.
fn default_side(part: &Part, mine: &Content) -> Side {
    match part {
        Part::Widget(id) if mine.find(*id).is_none() => Side::Theirs,
        _ => Side::Mine,
    }
}

/// One thing that both changed.
#[component]
fn Decision(n: usize, words: String, part: Part, side: Side, says: Says) -> impl IntoView {
    let choice = |own: Side, label: &'static str| {
        let part = part.clone();
        view! {
            <label class="check">
                <input
                    type="radio"
                    name=format!("clash-{n}")
                    checked=own == side
                    on:change=move |_| {
                        says.update(|says| {
                            says.retain(|(known, _)| *known != part);
                            says.push((part.clone(), own));
                        });
                    }
                />
                <span>{label}</span>
            </label>
        }
    };
    view! {
        <fieldset class="field decision">
            <legend>{words}</legend>
            <div class="row">{choice(Side::Mine, "Keep mine")} {choice(Side::Theirs, "Take theirs")}</div>
        </fieldset>
    }
}

#[cfg(feature = "hydrate")]
fn save(bench: Bench) {
    crate::dashboards::editor::browser::save(bench, None);
}

#[cfg(not(feature = "hydrate"))]
fn save(_: Bench) {}
