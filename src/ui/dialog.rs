//! A modal dialog, the browser's own: it keeps the focus inside, and Esc closes it.

use super::{Icon, IconName};
use leptos::{ev, html, prelude::*};

#[component]
pub fn Dialog(
    open: RwSignal<bool>,
    #[prop(into)] title: Signal<String>,
    /// `dialog`, with further classes: `dialog wide`.
    #[prop(default = "dialog")]
    class: &'static str,
    children: Children,
) -> impl IntoView {
    let node = NodeRef::<html::Dialog>::new();
    sync_dialog(node, open);
    view! {
        <dialog
            class=class
            node_ref=node
            aria-label=move || title.get()
            on:close=move |_| note_closed(node, open)
            on:click=move |event| close_on_backdrop(&event, node)
        >
            <div class="dialog-head">
                <h2>{move || title.get()}</h2>
                <button
                    type="button"
                    class="btn quiet icon-only"
                    aria-label="Close"
                    on:click=move |_| open.set(false)
                >
                    <Icon name=IconName::Close/>
                </button>
            </div>
            <div class="dialog-body">{children()}</div>
        </dialog>
    }
}

/// Makes the element follow the signal.
pub(super) fn sync_dialog(node: NodeRef<html::Dialog>, open: RwSignal<bool>) {
    Effect::new(move |_| {
        let open = open.get();
        if let Some(dialog) = node.get() {
            if open && !dialog.open() {
                // Fails only for an element that is not in the page any more.
                let _ = dialog.show_modal();
            } else if !open && dialog.open() {
                dialog.close();
            }
        }
    });
}

/// The browser tells of a closing one frame later, when the dialog may be open again.
pub(super) fn note_closed(node: NodeRef<html::Dialog>, open: RwSignal<bool>) {
    if node.get_untracked().is_some_and(|dialog| !dialog.open()) {
        open.set(false);
    }
}

/// A press on the dialog element itself is one beside its content.
pub(super) fn close_on_backdrop(event: &ev::MouseEvent, node: NodeRef<html::Dialog>) {
    use leptos::wasm_bindgen::JsCast;
    let on_backdrop =
        event.target().and_then(|target| target.dyn_into::<leptos::web_sys::HtmlDialogElement>().ok()).is_some();
    if on_backdrop && let Some(dialog) = node.get_untracked() {
        dialog.close();
    }
}
