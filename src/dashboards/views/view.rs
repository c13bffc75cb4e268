//! The menu of saved views.

use super::{
    model::ViewLink,
    rpc::{ChangeView, SaveView},
};
use crate::{
    dashboards::{page::Shown, selection::Selection},
    ui::{
        ActionForm, Button, ButtonKind, ButtonVariant, Checkbox, Field, FormError, Icon, IconName, ServerAction,
        action_error, field_error, shell::use_viewer,
    },
};
use leptos::prelude::*;

/// What the menu's forms do; the page asks again after each that succeeded.
#[derive(Clone, Copy)]
pub struct ViewActions {
    save: ServerAction<SaveView>,
    change: ServerAction<ChangeView>,
}

impl ViewActions {
    pub fn new() -> Self {
        Self { save: ServerAction::new(), change: ServerAction::new() }
    }

    /// Changes when something was changed. What was refused leaves the page as it is, with the menu open.
    pub fn done(self) -> Memo<usize> {
        let (saved, changed) = (self.save.version(), self.change.version());
        Memo::new(move |before: Option<&usize>| {
            let answered = saved.get() + changed.get();
            let refused = [self.save.outcome(), self.change.outcome()]
                .into_iter()
                .any(|outcome| outcome.with_untracked(|outcome| matches!(outcome, Some(Err(_)))));
            match before {
                Some(before) if refused => *before,
                _ => answered,
            }
        })
    }
}

impl Default for ViewActions {
    fn default() -> Self {
        Self::new()
    }
}

#[component]
pub fn ViewMenu(shown: Shown, actions: ViewActions) -> impl IntoView {
    let selection = shown.selection();
    let standard = selection == Selection::default();
    let administers = use_viewer().with_untracked(|viewer| viewer.role.can_administer());
    let current = shown.views.iter().find(|view| view.current).map(|view| view.name.clone());
    let label = match (&current, standard) {
        (Some(name), _) => name.clone(),
        (None, true) => "Standard view".to_owned(),
        (None, false) => "Views".to_owned(),
    };
    let search = selection.link();
    let personal = shown.standing.personal;
    let list = |shared: bool, title: &'static str| {
        let views: Vec<ViewLink> = shown.views.iter().filter(|view| view.shared == shared).cloned().collect();
        (!views.is_empty()).then(|| {
            let may_change = !shared || administers;
            let rows = views
                .into_iter()
                .map(|view| view! { <OneView view may_change search=search.clone() actions/> })
                .collect_view();
            view! {
                <h2>{title}</h2>
                <ul aria-label=title>{rows}</ul>
            }
        })
    };
    // Without JavaScript a refusal comes with the page, and wants to be read.
    let refused = [action_error(actions.save), action_error(actions.change)];
    let open = refused.iter().any(|error| error.with_untracked(Option::is_some));
    let save_error = action_error(actions.save);
    view! {
        <details class="menu left view-menu" open=open>
            <summary class="btn small" title="Saved views" id="view-menu">
                <Icon name=IconName::Pin/>
                <span class="sr-only">"View: "</span>
                <span class="clip">{label}</span>
            </summary>
            <div class="panel view-panel">
                <a
                    class="item"
                    href=Selection::default().link()
                    aria-current=(standard && current.is_none()).then_some("true")
                >
                    <span>
                        "Standard view" <small class="muted">"Last 12 months beside the year before, no filters"</small>
                    </span>
                </a>
                {list(true, "For everybody")}
                {list(false, "Yours")}
                <FormError error=action_error(actions.change)/>
                <hr/>
                <ActionForm action=actions.save attr:class="form">
                    <input type="hidden" name="dashboard" value=shown.row.id.to_string()/>
                    <input type="hidden" name="query" value=search.clone()/>
                    <Field
                        name="name"
                        id="view-name"
                        label="Save what is shown as"
                        required=true
                        max_length=100
                        placeholder="Freight, this year"
                        autocomplete="off"
                        error=field_error(save_error, "name")
                    />
                    <OtherError error=save_error/>
                    {(administers && !personal).then(|| view! { <Checkbox name="shared" label="For everybody"/> })}
                    <Button kind=ButtonKind::Submit icon=IconName::Plus busy=actions.save.pending()>
                        "Save the view"
                    </Button>
                </ActionForm>
            </div>
        </details>
    }
}

/// An error of a form that is not about its name, which stands beside the field.
#[component]
fn OtherError(error: Signal<Option<crate::error::AppError>>) -> impl IntoView {
    let other = Signal::derive(move || error.get().filter(|error| error.for_field("name").is_none()));
    view! { <FormError error=other/> }
}

#[component]
fn OneView(view: ViewLink, may_change: bool, search: String, actions: ViewActions) -> impl IntoView {
    let ViewLink { id, name, link, current, .. } = view;
    let busy = actions.change.pending();
    let act = move |act: &'static str| {
        view! {
            <input type="hidden" name="id" value=id.to_string()/>
            <input type="hidden" name="act" value=act/>
        }
    };
    view! {
        <li class="one-view">
            <a class="item" href=link aria-current=current.then_some("true")>
                <span class="clip">{name.clone()}</span>
            </a>
            {may_change
                .then(|| {
                    view! {
                        <details>
                            <summary class="more" aria-label=format!("Change the view {name}")>
                                <Icon name=IconName::More/>
                            </summary>
                            <div class="change">
                                <ActionForm action=actions.change attr:class="form">
                                    {act("rename")}
                                    <Field
                                        name="name"
                                        id=format!("view-name-{id}")
                                        label="Name"
                                        value=name.clone()
                                        required=true
                                        max_length=100
                                        autocomplete="off"
                                    />
                                    <Button kind=ButtonKind::Submit icon=IconName::Edit busy>
                                        "Rename"
                                    </Button>
                                </ActionForm>
                                {(!current)
                                    .then(|| {
                                        view! {
                                            <ActionForm action=actions.change>
                                                {act("update")} <input type="hidden" name="query" value=search/>
                                                <button type="submit" class="item">
                                                    <Icon name=IconName::Refresh/>
                                                    "Update to what is shown"
                                                </button>
                                            </ActionForm>
                                        }
                                    })}
                                <details class="ask">
                                    <summary class="item danger">
                                        <Icon name=IconName::Trash/>
                                        "Delete"
                                    </summary>
                                    <ActionForm action=actions.change attr:class="form">
                                        {act("delete")} <p class="hint">"The dashboard and its figures stay as they are."</p>
                                        <Button kind=ButtonKind::Submit variant=ButtonVariant::Danger busy>
                                            "Delete the view"
                                        </Button>
                                    </ActionForm>
                                </details>
                            </div>
                        </details>
                    }
                })}
        </li>
    }
}
