//! The upload: a plain form that the browser sends itself, and with JavaScript one that shows how far it is.

use crate::{
    error::AppError,
    imports::{FORM, Target},
    ui::{
        Button, ButtonKind, ButtonVariant, ErrorPage, IconName, LinkButton, Page, Progress, SelectField,
        shell::use_viewer,
    },
};
use leptos::{html, prelude::*, server::ServerActionError, server_fn::error::ServerFnUrlError};
use leptos_router::hooks::{use_navigate, use_query_map};

/// How far an upload is, in bytes.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Sent {
    pub done: f64,
    pub total: f64,
}

/// Pick or drop a file.
#[component]
pub fn NewImportPage() -> impl IntoView {
    if use_viewer().with_untracked(|viewer| viewer.role.can_edit()) {
        view! { <UploadForm/> }.into_any()
    } else {
        let error =
            AppError::forbidden("Your role in this organisation is to look, not to change. Ask an admin for more.");
        view! { <ErrorPage error/> }.into_any()
    }
}

#[component]
fn UploadForm() -> impl IntoView {
    let params = use_query_map();
    let navigate = use_navigate();
    let target = Signal::derive(move || params.with(|p| p.get("target")).unwrap_or_else(|| "transactions".into()));
    // What a form without JavaScript was refused for.
    let refused = use_context::<ServerActionError>().filter(|error| error.path() == FORM);
    let refused = refused.map(|error| ServerFnUrlError::<AppError>::decode_err(error.err()));
    let refused = refused.map(|error| error.for_field("file").map_or_else(|| error.to_string(), str::to_owned));
    let refused = RwSignal::new(refused);
    let sent = RwSignal::new(None::<Sent>);
    let over = RwSignal::new(false);
    let chosen = RwSignal::new(None::<String>);
    let input = NodeRef::<html::Input>::new();
    let targets = Target::ALL.iter().map(|t| (t.as_str().to_owned(), t.label().to_owned())).collect::<Vec<_>>();
    let busy = Signal::derive(move || sent.with(Option::is_some));
    let form = view! {
        <form
            class="card form narrow"
            method="post"
            action="/api/v1/imports"
            enctype="multipart/form-data"
            on:submit=move |ev| browser::send(ev, sent, refused, navigate.clone())
        >
            {move || {
                refused
                    .get()
                    .map(|text| {
                        view! {
                            <div class="notice bad" role="alert">
                                <span class="mark" aria-hidden="true">
                                    "!"
                                </span>
                                <span>{text}</span>
                            </div>
                        }
                    })
            }}
            <SelectField name="target" label="What are the rows?" options=targets value=target/>
            <div
                class="field drop"
                class:over=move || over.get()
                on:dragover=move |ev| {
                    ev.prevent_default();
                    over.set(true);
                }
                on:dragleave=move |_| over.set(false)
                on:drop=move |ev| {
                    over.set(false);
                    browser::take_dropped(ev, input, chosen);
                }
            >
                <label for="file">"CSV file"</label>
                <input
                    class="input"
                    id="file"
                    name="file"
                    type="file"
                    required=true
                    accept=".csv,.tsv,.txt,text/csv,text/tab-separated-values,text/plain"
                    aria-describedby="file-hint"
                    node_ref=input
                    on:change=move |_| chosen.set(browser::file_name(input))
                />
                <span class="hint" id="file-hint">
                    "Pick a file or drop it here. Separator, dates and numbers are detected, and you see the first rows before anything is stored."
                </span>
            </div>
            {move || {
                sent.get()
                    .map(|s| {
                        let label = if s.done >= s.total { "Looking at the file …" } else { "Uploading …" };
                        view! { <Progress value=s.done max=Some(s.total.max(1.0)) label/> }
                    })
            }}
            <div class="row">
                <Button kind=ButtonKind::Submit variant=ButtonVariant::Primary icon=IconName::Import busy>
                    {move || if chosen.with(Option::is_some) { "Upload and preview" } else { "Upload" }}
                </Button>
                <LinkButton href="/imports">"Cancel"</LinkButton>
            </div>
        </form>
    };
    view! {
        <Page title="Import a file" lead="Nothing is stored before you have seen a preview and started the import.">
            {form}
        </Page>
    }
}

/// What only a browser can do: send a file and watch it go, take one that was dropped.
#[cfg(feature = "hydrate")]
mod browser {
    use super::Sent;
    use crate::imports::{Import, ImportStatus};
    use leptos::{html, prelude::*};
    use leptos_router::NavigateOptions;
    use serde::Deserialize;
    use wasm_bindgen::{JsCast, closure::Closure};

    #[derive(Deserialize)]
    struct Created {
        import: Import,
    }

    /// The part of a `problem+json` that is shown.
    #[derive(Deserialize)]
    struct Problem {
        detail: String,
        #[serde(default)]
        fields: Vec<crate::error::FieldError>,
    }

    const BROKEN: &str = "The upload broke off. Nothing was kept; send the file again.";

    /// Sends the form in the background. Where that cannot be done, the browser sends it as it does anyway.
    pub fn send(
        ev: leptos::ev::SubmitEvent,
        sent: RwSignal<Option<Sent>>,
        refused: RwSignal<Option<String>>,
        navigate: impl Fn(&str, NavigateOptions) + 'static,
    ) {
        let Some(form) = ev.target().and_then(|t| t.dyn_into::<web_sys::HtmlFormElement>().ok()) else { return };
        let (Ok(data), Ok(request)) = (web_sys::FormData::new_with_form(&form), web_sys::XmlHttpRequest::new()) else {
            return;
        };
        if request.open("POST", "/api/v1/imports").is_err()
            || request.set_request_header("accept", "application/json").is_err()
        {
            return;
        }
        ev.prevent_default();
        refused.set(None);
        sent.set(Some(Sent { done: 0.0, total: 1.0 }));
        let progress = Closure::<dyn FnMut(web_sys::ProgressEvent)>::new(move |ev: web_sys::ProgressEvent| {
            let _ = sent.try_set(Some(Sent { done: ev.loaded(), total: ev.total() }));
        });
        if let Ok(upload) = request.upload() {
            upload.set_onprogress(Some(progress.as_ref().unchecked_ref()));
        }
        let answered = request.clone();
        let end = Closure::<dyn FnMut()>::new(move || {
            let text = answered.response_text().ok().flatten().unwrap_or_default();
            if let Ok(created) = serde_json::from_str::<Created>(&text)
                && created.import.status != ImportStatus::Uploading
            {
                navigate(&format!("/imports/{}", created.import.id), NavigateOptions::default());
                return;
            }
            let message = serde_json::from_str::<Problem>(&text)
                .map(|p| p.fields.into_iter().next().map_or(p.detail, |f| f.message))
                .unwrap_or_else(|_| BROKEN.to_owned());
            let _ = sent.try_set(None);
            let _ = refused.try_set(Some(message));
        });
        request.set_onloadend(Some(end.as_ref().unchecked_ref()));
        if request.send_with_opt_form_data(Some(&data)).is_err() {
            sent.set(None);
            refused.set(Some(BROKEN.to_owned()));
        }
        // They live as long as the request does, which is as long as the page.
        progress.forget();
        end.forget();
    }

    pub fn take_dropped(ev: leptos::ev::DragEvent, input: NodeRef<html::Input>, chosen: RwSignal<Option<String>>) {
        ev.prevent_default();
        let Some(files) = ev.data_transfer().and_then(|t| t.files()) else { return };
        if let Some(input) = input.get_untracked()
            && files.length() > 0
        {
            input.set_files(Some(&files));
        }
        chosen.set(file_name(input));
    }

    pub fn file_name(input: NodeRef<html::Input>) -> Option<String> {
        Some(input.get_untracked()?.files()?.get(0)?.name())
    }
}

/// On the server nothing is ever dropped or sent: the browser's own form does it.
#[cfg(not(feature = "hydrate"))]
mod browser {
    use super::Sent;
    use leptos::{html, prelude::*};
    use leptos_router::NavigateOptions;

    pub fn send(
        _: leptos::ev::SubmitEvent,
        _: RwSignal<Option<Sent>>,
        _: RwSignal<Option<String>>,
        _: impl Fn(&str, NavigateOptions) + 'static,
    ) {
    }

    pub fn take_dropped(_: leptos::ev::DragEvent, _: NodeRef<html::Input>, _: RwSignal<Option<String>>) {}

    pub fn file_name(_: NodeRef<html::Input>) -> Option<String> {
        None
    }
}
