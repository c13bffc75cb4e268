//! Leaving with unsaved changes asks.

use super::dialog_about;
use crate::{
    dashboards::editor::bench::Bench,
    ui::{Button, ButtonVariant, Dialog},
};
use leptos::prelude::*;
use leptos_router::hooks::use_navigate;

#[derive(Clone, Copy)]
enum Exit {
    Save,
    Keep,
    Discard,
}

#[component]
pub fn LeavingDialog(bench: Bench) -> impl IntoView {
    let open = dialog_about(bench.leaving);
    let navigate = use_navigate();
    let navigate = Callback::new(move |to: String| navigate(&to, Default::default()));
    let exit = move |how: Exit| {
        if let Some(to) = bench.leaving.get_untracked() {
            bench.leaving.set(None);
            go(bench, how, to, navigate);
        }
    };
    view! {
        <Dialog open title="Leave without saving?">
            <div class="stack">
                <p>"This dashboard has changes that are not saved. A draft keeps them for you; nobody else sees it."</p>
                <div class="row">
                    <Button variant=ButtonVariant::Primary on:click=move |_| exit(Exit::Save)>
                        "Save and leave"
                    </Button>
                    <Button on:click=move |_| exit(Exit::Keep)>"Keep the draft and leave"</Button>
                    <Button variant=ButtonVariant::Danger on:click=move |_| exit(Exit::Discard)>
                        "Discard and leave"
                    </Button>
                    <Button variant=ButtonVariant::Quiet on:click=move |_| bench.leaving.set(None)>
                        "Stay"
                    </Button>
                </div>
            </div>
        </Dialog>
    }
}

#[cfg(feature = "hydrate")]
fn go(bench: Bench, how: Exit, to: String, navigate: Callback<String>) {
    use crate::dashboards::editor::browser;
    use leptos::task::spawn_local;
    match how {
        Exit::Save => browser::save(bench, Some(Callback::new(move |()| browser::leave(&to, navigate)))),
        Exit::Keep => spawn_local(async move {
            match browser::keep_now(bench).await {
                Ok(()) => browser::leave(&to, navigate),
                Err(error) => bench.toasts.error(&error),
            }
        }),
        Exit::Discard => spawn_local(async move {
            match browser::discard(bench).await {
                Ok(()) => browser::leave(&to, navigate),
                Err(error) => bench.toasts.error(&error),
            }
        }),
    }
}

#[cfg(not(feature = "hydrate"))]
fn go(_: Bench, how: Exit, _: String, _: Callback<String>) {
    match how {
        Exit::Save | Exit::Keep | Exit::Discard => {}
    }
}
