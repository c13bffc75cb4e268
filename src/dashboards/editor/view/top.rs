//! What stays at the top: name, state of the draft, undo, save, and the palette.

use super::kinds::Kinds;
use crate::{
    dashboards::editor::{
        bench::{Bench, DraftState},
        state::State,
    },
    format,
    ui::{Button, ButtonVariant, Icon, IconName, Keys, shell::use_viewer},
};
use leptos::prelude::*;

#[component]
pub fn Top(bench: Bench, back: String) -> impl IntoView {
    let dirty = Memo::new(move |_| bench.state.with(State::is_dirty));
    let name = Memo::new(move |_| bench.state.with(|state| state.sheet().name.clone()));
    let undo = Memo::new(move |_| bench.state.with(|state| state.undoable().map(str::to_owned)));
    let redo = Memo::new(move |_| bench.state.with(|state| state.redoable().map(str::to_owned)));
    let titled = |verb: &'static str, deed: Option<String>| match deed {
        Some(deed) => format!("{verb}: {deed}"),
        None => verb.to_owned(),
    };
    let keys = use_context::<Keys>();
    let rename = move |event| {
        let name = event_target_value(&event);
        bench.act(|state| {
            state.rename(&name);
            Ok(String::new())
        });
    };
    let nameless = Memo::new(move |_| {
        bench.refused.with(|refused| refused.as_ref().is_some_and(|error| error.for_field("name").is_some()))
    });
    #[cfg(feature = "hydrate")]
    Effect::new(move |was: Option<bool>| {
        let saving = bench.saving.get();
        if was == Some(true) && !saving {
            crate::dashboards::editor::browser::focus_outcome(bench);
        }
        saving
    });
    let discard = move |_| {
        if bench.act(State::discard) {
            bench.offer_undo("All changes were discarded.");
        }
    };
    view! {
        <div class="editor-top">
            <div class="editor-bar">
                <div class="editor-name">
                    <input
                        class="input"
                        name="name"
                        aria-label="Name of the dashboard"
                        maxlength="100"
                        autocomplete="off"
                        prop:value=move || name.get()
                        value=name.get_untracked()
                        aria-invalid=move || nameless.get().then_some("true")
                        aria-describedby=move || nameless.get().then_some("refused")
                        on:input=rename
                    />
                    <DraftStatus bench/>
                </div>
                <div class="tools">
                    <button
                        type="button"
                        class="btn quiet icon-only"
                        aria-label="Undo"
                        title=move || titled("Undo", undo.get())
                        disabled=move || undo.with(Option::is_none)
                        on:click=move |_| bench.undo()
                    >
                        <Icon name=IconName::Undo/>
                    </button>
                    <button
                        type="button"
                        class="btn quiet icon-only flip"
                        aria-label="Redo"
                        title=move || titled("Redo", redo.get())
                        disabled=move || redo.with(Option::is_none)
                        on:click=move |_| bench.redo()
                    >
                        <Icon name=IconName::Undo/>
                    </button>
                    {keys
                        .map(|keys| {
                            view! {
                                <button
                                    type="button"
                                    class="btn quiet icon-only wide-only"
                                    aria-label="Keys"
                                    title="Keys (?)"
                                    on:click=move |_| keys.help.set(true)
                                >
                                    <Icon name=IconName::Keyboard/>
                                </button>
                            }
                        })}
                    <button
                        type="button"
                        class="btn add"
                        aria-expanded=move || if bench.palette.get() { "true" } else { "false" }
                        aria-controls="kinds"
                        on:click=move |_| bench.palette.update(|open| *open = !*open)
                    >
                        <Icon name=IconName::Plus/>
                        "Add"
                        <span class="wide-only">" a widget"</span>
                    </button>
                    <button
                        type="button"
                        class="btn quiet"
                        disabled=move || !dirty.get()
                        on:click=discard
                    >
                        "Discard"
                    </button>
                    <a class="btn" href=back>
                        {move || if dirty.get() { "Cancel" } else { "Done" }}
                    </a>
                    <Button
                        variant=ButtonVariant::Primary
                        busy=bench.saving
                        disabled=Signal::derive(move || !dirty.get())
                        on:click=move |_| save(bench)
                    >
                        "Save"
                    </Button>
                </div>
            </div>
            <Kinds bench/>
        </div>
    }
}

/// Where the draft stands, in a few words.
#[component]
fn DraftStatus(bench: Bench) -> impl IntoView {
    let zone = use_viewer().with_untracked(|viewer| viewer.organization.time_zone);
    let text = move || match bench.draft.get() {
        DraftState::Clean => "No unsaved changes".to_owned(),
        DraftState::Unsaved => "Unsaved changes".to_owned(),
        DraftState::Keeping => "Saving the draft …".to_owned(),
        DraftState::Kept(at) => format!("Draft saved {}", format::time(at, zone)),
        DraftState::Failed(_) => "Draft not saved, trying again".to_owned(),
    };
    // There is no room for more beside the name.
    let failure = move || match bench.draft.get() {
        DraftState::Failed(error) => Some(format!("The draft is not saved yet, trying again. {error}")),
        _ => None,
    };
    view! {
        <span class="draft-state" class:failed=move || failure().is_some() id="draft-state" title=failure>
            {text}
        </span>
        <span class="sr-only" role="alert">
            {failure}
        </span>
    }
}

#[cfg(feature = "hydrate")]
fn save(bench: Bench) {
    crate::dashboards::editor::browser::save(bench, None);
}

#[cfg(not(feature = "hydrate"))]
fn save(_: Bench) {}
