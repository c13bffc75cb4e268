//! Buttons, links that look like buttons, and menus.

use super::{Icon, IconName};
use leptos::prelude::*;

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ButtonVariant {
    #[default]
    Plain,
    /// The one main thing to do on a page or in a form.
    Primary,
    /// Destroys something.
    Danger,
    /// Without an edge, for rows and tool bars.
    Quiet,
}

impl ButtonVariant {
    const fn class(self) -> &'static str {
        match self {
            Self::Plain => "btn",
            Self::Primary => "btn pri",
            Self::Danger => "btn danger",
            Self::Quiet => "btn quiet",
        }
    }
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ButtonKind {
    #[default]
    Button,
    Submit,
    Reset,
}

/// A button. `on:click` and further attributes (`attr:name`) go to the `<button>`.
#[component]
pub fn Button(
    #[prop(optional)] variant: ButtonVariant,
    #[prop(optional)] kind: ButtonKind,
    #[prop(optional, into)] disabled: Signal<bool>,
    /// Shows that the work goes on, and takes no second press meanwhile.
    #[prop(optional, into)]
    busy: Signal<bool>,
    #[prop(optional)] icon: Option<IconName>,
    children: Children,
) -> impl IntoView {
    let kind = match kind {
        ButtonKind::Button => "button",
        ButtonKind::Submit => "submit",
        ButtonKind::Reset => "reset",
    };
    view! {
        <button
            type=kind
            class=variant.class()
            disabled=move || disabled.get() || busy.get()
            aria-busy=move || busy.get().then_some("true")
        >
            {move || busy.get().then(|| view! { <span class="spinner" aria-hidden="true"></span> })}
            {icon.map(|name| view! { <Icon name/> })}
            {children()}
        </button>
    }
}

/// A link that looks like a [`Button`].
#[component]
pub fn LinkButton(
    #[prop(into)] href: Signal<String>,
    #[prop(optional)] variant: ButtonVariant,
    #[prop(optional)] icon: Option<IconName>,
    /// For addresses that are not pages, such as a download: the browser follows them itself.
    #[prop(optional)]
    external: bool,
    children: Children,
) -> impl IntoView {
    view! {
        <a href=move || href.get() class=variant.class() rel=external.then_some("external")>
            {icon.map(|name| view! { <Icon name/> })}
            {children()}
        </a>
    }
}

/// A popover under a button, made of `<details>`: it opens without JavaScript. Once hydrated, Esc
/// and a press elsewhere close it.
#[component]
pub fn Menu(
    /// What the button says, or its accessible name when `icon_only`.
    #[prop(into)]
    label: String,
    #[prop(optional)] icon: Option<IconName>,
    #[prop(optional)] icon_only: bool,
    #[prop(optional)] variant: ButtonVariant,
    /// Further classes: `left` opens to the right of the button's left edge, `above` upwards.
    #[prop(optional, into)]
    class: String,
    #[prop(default = "panel")] panel_class: &'static str,
    children: Children,
) -> impl IntoView {
    menu(label, icon, icon_only, variant, format!("menu {class}"), panel_class, children)
}

fn menu(
    label: String,
    icon: Option<IconName>,
    icon_only: bool,
    variant: ButtonVariant,
    class: String,
    panel_class: &'static str,
    children: Children,
) -> impl IntoView {
    let summary_class = if icon_only { format!("{} icon-only", variant.class()) } else { variant.class().to_owned() };
    let name = icon_only.then(|| label.clone());
    view! {
        <details class=class>
            <summary class=summary_class aria-label=name.clone() title=name>
                {icon.map(|name| view! { <Icon name/> })}
                {(!icon_only).then_some(label)}
            </summary>
            <div class=panel_class>{children()}</div>
        </details>
    }
}

/// A button that asks before it acts. Without JavaScript too: the question opens under the button.
/// Give either `on_confirm`, or as children a form whose submit button does it.
#[component]
pub fn ConfirmButton(
    #[prop(into)] label: String,
    /// What will happen, and whether it can be undone.
    #[prop(into)]
    text: String,
    #[prop(optional, into)] confirm_label: Option<String>,
    #[prop(optional)] variant: ButtonVariant,
    #[prop(optional)] icon: Option<IconName>,
    #[prop(optional, into)] busy: Signal<bool>,
    #[prop(optional, into)] on_confirm: Option<Callback<()>>,
    #[prop(optional)] children: Option<Children>,
) -> impl IntoView {
    let confirm_label = confirm_label.unwrap_or_else(|| label.clone());
    let question = move || {
        view! {
            <div class="stack">
                <p>{text}</p>
                {on_confirm
                    .map(|on_confirm| {
                        view! {
                            <div class="row end">
                                <Button variant=ButtonVariant::Danger busy on:click=move |_| on_confirm.run(())>
                                    {confirm_label}
                                </Button>
                            </div>
                        }
                    })}
                {children.map(|children| children())}
            </div>
        }
        .into_any()
    };
    menu(label, icon, false, variant, "menu confirm".to_owned(), "panel roomy", Box::new(question))
}
