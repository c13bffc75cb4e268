//! What a person may do with the dashboard that they look at.

use super::Actions;
use crate::{
    dashboards::{
        model::DashboardRow,
        personal::{model::Standing, rpc::Act},
        rpc::DeleteDashboard,
    },
    ui::{
        ActionForm, Button, ButtonKind, Field, FormError, Icon, IconName, Menu, ServerAction, action_error,
        field_error, shell::use_viewer,
    },
};
use leptos::prelude::*;

#[component]
pub fn DashboardMenu(row: DashboardRow, standing: Standing, actions: Actions) -> impl IntoView {
    let id = row.id;
    let (edits, administers) =
        use_viewer().with_untracked(|viewer| (viewer.role.can_edit(), viewer.role.can_administer()));
    let Standing { personal, may_edit, favourite, is_first, arranged, .. } = standing;
    let address = move |page: &str| format!("/dashboards/{id}/{page}");
    view! {
        <Menu label="More about this dashboard" icon=IconName::More icon_only=true panel_class="panel wide">
            {may_edit.then(|| view! { <Rename id=id.to_string() name=row.name.clone() actions/> })}
            <FormError error=action_error(actions.act)/>
            <ActionForm action=actions.act>
                <input type="hidden" name="id" value=id.to_string()/>
                {if favourite {
                    view! { <ActItem act=Act::Unfavour icon=IconName::Star label="Remove from favourites"/> }
                } else {
                    view! { <ActItem act=Act::Favour icon=IconName::Star label="Add to favourites"/> }
                }}
                {if is_first {
                    view! { <ActItem act=Act::NotFirst icon=IconName::Check label="You see this first: undo"/> }
                } else {
                    view! { <ActItem act=Act::First icon=IconName::Dashboard label="See this first"/> }
                }}
                <ActItem act=Act::Left icon=IconName::Chevron turned="west" label="Move the tab left"/>
                <ActItem act=Act::Right icon=IconName::Chevron turned="east" label="Move the tab right"/>
                {edits.then(|| view! { <ActItem act=Act::Duplicate icon=IconName::Plus label="Duplicate for myself"/> })}
                {arranged.then(|| view! { <ActItem act=Act::Reset icon=IconName::Undo label="Back to the default"/> })}
            </ActionForm>
            {(edits && !personal)
                .then(|| view! { <LinkItem href=address("arrange") icon=IconName::Edit label="Arrange for myself"/> })}
            <LinkItem href=address("history") icon=IconName::Activity label="History"/>
            <LinkItem href="/dashboards/all".to_owned() icon=IconName::Menu label="All dashboards"/>
            {administers
                .then(|| {
                    view! { <LinkItem href="/public-links".to_owned() icon=IconName::People label="Public links"/> }
                })}
            {may_edit
                .then(|| {
                    view! {
                        <LinkItem href=address("settings") icon=IconName::Settings label="Settings"/>
                        <hr/>
                        <Delete id=id.to_string() row=row.clone() personal actions/>
                    }
                })}
        </Menu>
    }
}

#[component]
fn ActItem(
    act: Act,
    icon: IconName,
    label: &'static str,
    /// Where a chevron points: "west" or "east".
    #[prop(default = "")]
    turned: &'static str,
) -> impl IntoView {
    view! {
        <button type="submit" class="item" name="act" value=act.as_str()>
            <span class=format!("turn {turned}")>
                <Icon name=icon/>
            </span>
            {label}
        </button>
    }
}

#[component]
fn LinkItem(href: String, icon: IconName, label: &'static str) -> impl IntoView {
    view! {
        <a class="item" href=href>
            <Icon name=icon/>
            {label}
        </a>
    }
}

#[component]
fn Rename(id: String, name: String, actions: Actions) -> impl IntoView {
    let busy = actions.rename.pending();
    let error = field_error(action_error(actions.rename), "name");
    view! {
        <ActionForm action=actions.rename attr:class="form">
            <FormError error=action_error(actions.rename)/>
            <input type="hidden" name="id" value=id/>
            <Field name="name" label="Name" value=name required=true max_length=100 error/>
            <Button kind=ButtonKind::Submit icon=IconName::Edit busy>
                "Rename"
            </Button>
        </ActionForm>
        <hr/>
    }
}

#[component]
fn Delete(id: String, row: DashboardRow, personal: bool, actions: Actions) -> impl IntoView {
    let delete = ServerAction::<DeleteDashboard>::new();
    let own_id = id.clone();
    view! {
        {if row.is_default {
            view! { <p class="muted hint-line">"This is the default: who has chosen no other sees it first."</p> }
                .into_any()
        } else if !personal {
            view! {
                <ActionForm action=actions.set_default>
                    <FormError error=action_error(actions.set_default)/>
                    <input type="hidden" name="id" value=id/>
                    <button type="submit" class="item">
                        <Icon name=IconName::People/>
                        "Make it the default"
                    </button>
                </ActionForm>
            }
                .into_any()
        } else {
            ().into_any()
        }}
        <ActionForm action=delete>
            <FormError error=action_error(delete)/>
            <input type="hidden" name="id" value=own_id/>
            <button type="submit" class="item danger">
                <Icon name=IconName::Trash/>
                "Delete (can be undone)"
            </button>
        </ActionForm>
    }
}
