//! Something else was saved meanwhile: both versions are shown, and nothing is written over until somebody decides.

use super::dialog_about;
use crate::{
    dashboards::{
        editing::{
            Clash, Part, Side, changes, merge_with,
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
    let own = Memo::new(move |_| bench.conflict.with(|theirs| theirs.as_ref().is_some_and(|theirs| theirs.own)));
    let title = Signal::derive(move || {
        let who = if own.get() { "You saved this dashboard elsewhere" } else { "Somebody else saved this dashboard" };
        who.to_owned()
    });
    view! {
        <Dialog open title class="dialog wide">
            {move || bench.conflict.get().map(|theirs| view! { <Conflict bench theirs/> })}
        </Dialog>
    }
}

#[component]
fn Conflict(bench: Bench, theirs: Theirs) -> impl IntoView {
    let zone = use_viewer().with_untracked(|viewer| viewer.organization.time_zone);
    let when = format::date_time(theirs.at, zone);
    let words = Words::new(&theirs);
    let happened = match &theirs {
        Theirs { own: true, .. } => format!("You saved it on {when} in another window, after you had begun here."),
        Theirs { by, .. } => {
            let who = by.as_deref().unwrap_or("Somebody");
            format!("{who} saved it on {when}, after you had begun.")
        }
    };
    let mine = bench.state.with_untracked(|state| state.content());
    let says = Says::default();
    let clashes = merge_with(&theirs.base, &mine, &theirs.content, |_| None).clashes;
    let decisions = clashes
        .into_iter()
        .enumerate()
        .map(|(n, clash)| {
            let side = default_side(&clash.part, &mine);
            view! { <Decision n clash side take=words.take says/> }
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
                state.replace("take the saved version", &theirs.content);
                Ok("The saved version is shown. Undo brings yours back.".into())
            });
        });
        bench.conflict.set(None);
        bench.offer_undo("The saved version is shown.");
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
            <p>{happened} " Nothing is written over until you decide."</p>
            <div class="columns">
                <section>
                    <h3>{words.theirs}</h3>
                    <ul>{their_changes}</ul>
                </section>
                <section>
                    <h3>{words.mine}</h3>
                    <ul>{my_changes}</ul>
                </section>
            </div>
            {decisions}
            <div class="row">
                <Button variant=ButtonVariant::Primary on:click=merge>
                    "Merge both"
                </Button>
                <Button on:click=keep_mine>"Keep mine"</Button>
                <Button on:click=take_theirs>{words.take}</Button>
                <Button variant=ButtonVariant::Quiet on:click=move |_| bench.conflict.set(None)>
                    "Decide later"
                </Button>
            </div>
            <p class="hint">
                {format!(
                    "Merging puts both together here, to be looked at before it is saved. After “{}”, Undo brings yours back until you leave this page.",
                    words.take,
                )}
            </p>
        </div>
    }
}

/// How the two sides are called.
struct Words {
    mine: &'static str,
    theirs: String,
    take: &'static str,
}

impl Words {
    fn new(theirs: &Theirs) -> Self {
        if theirs.own {
            return Self {
                mine: "What you changed here",
                theirs: "What you saved elsewhere".to_owned(),
                take: "Take what was saved",
            };
        }
        let who = theirs.by.as_deref().unwrap_or("somebody");
        Self { mine: "What you changed", theirs: format!("What {who} changed"), take: "Take theirs" }
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

/// One thing that both changed, with what each made of it.
#[component]
fn Decision(n: usize, clash: Clash, side: Side, take: &'static str, says: Says) -> impl IntoView {
    let Clash { part, words, values } = clash;
    let [mine, theirs] = values.map_or([None, None], |values| values.map(Some));
    let choice = |own: Side, label: &'static str, value: Option<String>| {
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
                <span>{label} {value.map(|value| view! { <span>{format!(": {value}")}</span> })}</span>
            </label>
        }
    };
    view! {
        <fieldset class="field decision">
            <legend>{words}</legend>
            <div class="row">{choice(Side::Mine, "Keep mine", mine)} {choice(Side::Theirs, take, theirs)}</div>
        </fieldset>
    }
}

#[cfg(feature = "hydrate")]
fn save(bench: Bench) {
    crate::dashboards::editor::browser::save(bench, None);
}

#[cfg(not(feature = "hydrate"))]
fn save(_: Bench) {}
