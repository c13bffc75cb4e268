//! Forms that a server function answers: with JavaScript the page stays, without it the browser sends them itself.
//!
//! Leptos's own forms read what was typed into the server function's type and write it out again, which compiles all of
//! that into the browser's part, once for each function. These send what was typed as it is.

use crate::error::AppError;
use leptos::{
    ev::SubmitEvent,
    prelude::*,
    server::ServerActionError,
    server_fn::{ServerFn, error::ServerFnUrlError},
};
use std::marker::PhantomData;

/// As leptos's `ServerAction`: what a form did last, and whether it is doing something now.
pub struct ServerAction<S> {
    state: FormState,
    of: PhantomData<fn() -> S>,
}

impl<S> Clone for ServerAction<S> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<S> Copy for ServerAction<S> {}

#[derive(Clone, Copy)]
struct FormState {
    url: &'static str,
    version: RwSignal<usize>,
    done: RwSignal<usize>,
    pending: RwSignal<bool>,
    outcome: RwSignal<Option<Result<(), AppError>>>,
}

impl FormState {
    /// The error that a form which was sent without JavaScript came back with stands in the page's address.
    fn new(path: &'static str, url: &'static str) -> Self {
        let refused = use_context::<ServerActionError>()
            .filter(|error| error.path() == path)
            .map(|error| Err(ServerFnUrlError::<AppError>::decode_err(error.err())));
        let (version, done) = (RwSignal::new(0), RwSignal::new(0));
        Self { url, version, done, pending: RwSignal::new(false), outcome: RwSignal::new(refused) }
    }

    #[cfg(feature = "hydrate")]
    fn send(self, event: &SubmitEvent) {
        match browser::form_of(event) {
            Ok(form) => self.post(form, event.submitter()),
            Err(error) => self.finish(Err(error)),
        }
    }

    #[cfg(feature = "hydrate")]
    fn post(self, form: leptos::web_sys::HtmlFormElement, button: Option<leptos::web_sys::HtmlElement>) {
        let body = match browser::typed(&form, button.as_ref()) {
            Ok(body) => body,
            Err(error) => return self.finish(Err(error)),
        };
        self.pending.set(true);
        leptos::task::spawn_local(async move {
            let outcome = browser::post(self.url, &body).await;
            let refused = outcome.is_err();
            // The form may be gone by now, and with it the signals.
            if self.pending.try_set(false).is_none() {
                self.finish(outcome);
                if refused {
                    browser::focus_refused(form, button);
                }
            }
        });
    }

    #[cfg(feature = "hydrate")]
    fn finish(self, outcome: Result<(), AppError>) {
        if outcome.is_ok() {
            self.done.update(|n| *n += 1);
        }
        self.outcome.set(Some(outcome));
        self.version.update(|n| *n += 1);
    }
}

impl<S: ServerFn<Error = AppError>> ServerAction<S> {
    pub fn new() -> Self {
        Self { state: FormState::new(S::PATH, S::url()), of: PhantomData }
    }
}

impl<S: ServerFn<Error = AppError>> Default for ServerAction<S> {
    fn default() -> Self {
        Self::new()
    }
}

impl<S> ServerAction<S> {
    /// How often the form was answered.
    pub fn version(&self) -> Signal<usize> {
        self.state.version.into()
    }

    /// How often that was done which it asks for. A page that follows this keeps what was typed and refused.
    pub fn done(&self) -> Signal<usize> {
        self.state.done.into()
    }

    /// Whether an answer is on its way.
    pub fn pending(&self) -> Signal<bool> {
        self.state.pending.into()
    }

    /// Sends what stands in `form` without anybody having pressed its button: the answer is the caller's alone.
    #[cfg(feature = "hydrate")]
    pub async fn ask(&self, form: &leptos::web_sys::HtmlFormElement) -> Result<(), AppError> {
        let body = browser::typed(form, None)?;
        browser::post(self.state.url, &body).await
    }

    /// What the last answer was.
    pub fn outcome(&self) -> Signal<Option<Result<(), AppError>>> {
        self.state.outcome.into()
    }
}

/// A form that `action`'s server function answers.
#[component]
pub fn ActionForm<S: 'static>(action: ServerAction<S>, children: Children) -> impl IntoView {
    let state = action.state;
    form(state, children())
}

fn form(state: FormState, children: AnyView) -> impl IntoView {
    let on_submit = move |event: SubmitEvent| {
        #[cfg(feature = "hydrate")]
        if !event.default_prevented() {
            event.prevent_default();
            state.send(&event);
        }
        #[cfg(not(feature = "hydrate"))]
        drop(event);
    };
    view! {
        <form action=state.url method="post" on:submit=on_submit>
            {children}
        </form>
    }
}

#[cfg(feature = "hydrate")]
mod browser {
    use super::*;
    use leptos::server_fn::redirect::{REDIRECT_HEADER, call_redirect_hook, set_redirect_hook};
    use wasm_bindgen::{JsCast, JsValue};
    use wasm_bindgen_futures::JsFuture;
    use web_sys::{FormData, HtmlElement, HtmlFormElement, Request, RequestInit, Response, UrlSearchParams};

    fn failed(_: JsValue) -> AppError {
        AppError::Unavailable
    }

    pub fn form_of(event: &SubmitEvent) -> Result<HtmlFormElement, AppError> {
        let form = event.target().and_then(|target| target.dyn_into::<HtmlFormElement>().ok());
        form.ok_or(AppError::Unavailable)
    }

    /// What stands in the form, with the button that sent it, as a form sends it.
    pub fn typed(form: &HtmlFormElement, button: Option<&HtmlElement>) -> Result<String, AppError> {
        let data = FormData::new_with_form(form).map_err(failed)?;
        if let Some(button) = button
            && let Some(name) = button.get_attribute("name").filter(|name| !name.is_empty())
        {
            let value = button.get_attribute("value").unwrap_or_default();
            data.append_with_str(&name, &value).map_err(failed)?;
        }
        let pairs = UrlSearchParams::new_with_str_sequence_sequence(&data).map_err(failed)?;
        Ok(String::from(pairs.to_string()))
    }

    /// Puts the keyboard on the first field that was refused, or back on the button, which could not keep it meanwhile.
    pub fn focus_refused(form: HtmlFormElement, button: Option<HtmlElement>) {
        request_animation_frame(move || {
            let elsewhere = |active: web_sys::Element| active.tag_name() != "BODY" && !form.contains(Some(&active));
            if document().active_element().is_some_and(elsewhere) {
                return;
            }
            let field = form.query_selector("[aria-invalid=true]").ok().flatten();
            let field = field.and_then(|field| field.dyn_into::<HtmlElement>().ok());
            if let Some(element) = field.or(button) {
                let _ = element.focus();
            }
        });
    }

    pub async fn post(url: &str, body: &str) -> Result<(), AppError> {
        // A router that is there has set its own way of going to another page.
        let _ = set_redirect_hook(|to: &str| {
            let _ = window().location().set_href(to);
        });
        let options = RequestInit::new();
        options.set_method("POST");
        options.set_body(&body.into());
        let request = Request::new_with_str_and_init(url, &options).map_err(failed)?;
        for (name, value) in [("Content-Type", "application/x-www-form-urlencoded"), ("Accept", "application/json")] {
            request.headers().set(name, value).map_err(failed)?;
        }
        let response = JsFuture::from(window().fetch_with_request(&request)).await.map_err(failed)?;
        let response: Response = response.dyn_into().map_err(failed)?;
        if !response.ok() {
            let text = JsFuture::from(response.text().map_err(failed)?).await.map_err(failed)?;
            let error = text.as_string().and_then(|text| crate::wire::read(&text).ok());
            return Err(error.unwrap_or(AppError::Unavailable));
        }
        let headers = response.headers();
        if headers.has(REDIRECT_HEADER).unwrap_or(false) {
            let to = headers.get("Location").ok().flatten();
            call_redirect_hook(&to.unwrap_or_else(|| response.url()));
        }
        Ok(())
    }
}
