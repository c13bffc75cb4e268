//! The frame around every signed-in page.

use super::{
    ActionForm, Command, ErrorPage, Icon, IconName, Palette, ServerAction, provide_keys,
    rpc::ChooseTheme,
    theme::{self, Theme},
};
use crate::{
    accounts::{
        Role, Viewer,
        rpc::{list_organizations, viewer},
    },
    dashboards::rpc::list_tabs,
    error::AppError,
    ids::OrganizationId,
};
use leptos::prelude::*;
use leptos_router::{
    components::{Outlet, Redirect},
    hooks::use_location,
    location::Url,
};

/// One entry of the side bar.
pub struct Place {
    pub href: &'static str,
    pub label: &'static str,
    pub icon: IconName,
    /// Only owners and admins have business there.
    pub admin: bool,
}

const fn place(href: &'static str, label: &'static str, icon: IconName) -> Place {
    Place { href, label, icon, admin: false }
}

/// The places of the application, in groups. The command palette lists the same.
pub const PLACES: [(&str, &[Place]); 3] = [
    (
        "",
        &[
            place("/dashboards", "Dashboards", IconName::Dashboard),
            place("/metrics", "Metrics", IconName::Metric),
            place("/activity", "Activity", IconName::Activity),
        ],
    ),
    (
        "Records",
        &[
            place("/transactions", "Transactions", IconName::Ledger),
            place("/payments", "Payments", IconName::Card),
            place("/budgets", "Budgets", IconName::Budget),
            place("/stock", "Stock", IconName::Box),
            place("/categories", "Categories", IconName::Tag),
            place("/imports", "Imports", IconName::Import),
        ],
    ),
    (
        "Organisation",
        &[
            place("/people", "People", IconName::People),
            Place { href: "/jobs", label: "Jobs", icon: IconName::Job, admin: true },
            place("/organization", "Settings", IconName::Settings),
        ],
    ),
];

/// The person who looks at this page. Only inside [`Shell`], which opens for nobody else.
///
/// It carries no authority: use it to leave out what the person may not do anyway.
pub fn use_viewer() -> Signal<Viewer> {
    expect_context()
}

type Known = Result<Option<Viewer>, AppError>;

/// Who is signed in, where that can be said at once: on the server, which knows it from the request.
#[cfg(feature = "ssr")]
fn known() -> Option<Known> {
    // There is no request while the list of routes is made.
    leptos::prelude::with_context::<http::request::Parts, _>(|_| ())?;
    Some(match crate::server::request::authenticated() {
        Ok(authenticated) => Ok(authenticated.0.map(|member| member.viewer().clone())),
        Err(AppError::Unauthenticated) => Ok(None),
        Err(error) => Err(error),
    })
}

/// In the browser only hydration knows it, from what the server sent along.
#[cfg(not(feature = "ssr"))]
fn known() -> Option<Known> {
    None
}

/// Opens for people who are signed in, and sends others to sign in and back here.
///
/// On the server this is decided at once, without `Suspense`: a page inside one would be built, and its data
/// asked for, several times.
#[component]
pub fn Shell() -> impl IntoView {
    match SharedValue::new(known).into_inner() {
        Some(known) => view! { <Door known/> }.into_any(),
        None => view! { <DoorBell/> }.into_any(),
    }
}

/// After a navigation in the browser, from signing in: asks who it is first.
///
/// Without `Suspense`: one around the frame would take it all away whenever a page in it waits for its data.
#[component]
fn DoorBell() -> impl IntoView {
    let asked = Action::new(|(): &()| viewer());
    asked.dispatch(());
    move || asked.value().get().map(|known| view! { <Door known/> })
}

#[component]
fn Door(known: Known) -> impl IntoView {
    match known {
        Ok(Some(viewer)) => {
            provide_context(Signal::stored(viewer.clone()));
            view! { <Frame viewer/> }.into_any()
        }
        Ok(None) => view! { <ToSignIn/> }.into_any(),
        Err(error) => view! {
            <main class="gate">
                <ErrorPage error/>
            </main>
        }
        .into_any(),
    }
}

#[component]
fn ToSignIn() -> impl IntoView {
    let location = use_location();
    let path = location.pathname.get_untracked();
    let search = location.search.get_untracked();
    let here = if search.is_empty() { path } else { format!("{path}?{}", search.trim_start_matches('?')) };
    let to = if here == "/" { "/sign-in".to_owned() } else { format!("/sign-in?next={}", Url::escape(&here)) };
    view! { <Redirect path=to/> }
}

#[component]
fn Frame(viewer: Viewer) -> impl IntoView {
    let organization = viewer.organization.name.clone();
    let role = viewer.role;
    #[cfg(feature = "hydrate")]
    begin_at_content();
    view! {
        <a class="btn skip" href="#main" rel="external">
            "Skip to the content"
        </a>
        <div class="frame">
            <header class="phone-bar">
                <button type="button" class="btn quiet icon-only" popovertarget="side" aria-label="Menu">
                    <Icon name=IconName::Menu/>
                </button>
                <b>{organization}</b>
            </header>
            <SideBar viewer/>
            <main id="main" tabindex="-1">
                <Outlet/>
            </main>
        </div>
        <Commands role/>
    }
}

/// After a change of the page the keyboard goes on at the content, not before the side bar again, and a screen reader
/// begins there. The address changes before the page does, so a page may still put the focus elsewhere.
#[cfg(feature = "hydrate")]
fn begin_at_content() {
    use leptos::{
        wasm_bindgen::JsCast,
        web_sys::{FocusOptions, HtmlElement},
    };
    let pathname = use_location().pathname;
    Effect::new(move |before: Option<String>| {
        let now = pathname.get();
        let main = document().get_element_by_id("main").and_then(|main| main.dyn_into::<HtmlElement>().ok());
        if before.is_some_and(|before| before != now)
            && let Some(main) = main
        {
            let options = FocusOptions::new();
            options.set_prevent_scroll(true);
            // An element that cannot take it leaves the focus where it is.
            let _ = main.focus_with_options(&options);
        }
        now
    });
}

/// The palette with every place, every dashboard and what the person may do.
#[component]
fn Commands(role: Role) -> impl IntoView {
    let keys = provide_keys();
    let dashboards = Action::new(|(): &()| list_tabs());
    let commands = Memo::new(move |_| {
        let command = |label: &str, group, icon, href: &str| Command {
            label: label.to_owned(),
            group,
            icon,
            href: href.to_owned(),
        };
        let places = PLACES.iter().flat_map(|(_, places)| places.iter()).filter(|p| !p.admin || role.can_administer());
        let mut commands: Vec<_> = places.map(|p| command(p.label, "Page", p.icon, p.href)).collect();
        if let Some(Ok(tabs)) = dashboards.value().get() {
            commands.extend(
                tabs.into_iter().map(|tab| {
                    command(&tab.name, "Dashboard", IconName::Dashboard, &format!("/dashboards/{}", tab.id))
                }),
            );
        }
        if role.can_edit() {
            commands.push(command("New dashboard", "Action", IconName::Plus, "/dashboards/new"));
            commands.push(command("Import data", "Action", IconName::Import, "/imports/new"));
        }
        commands.push(command("Your account", "Page", IconName::Account, "/account"));
        commands
    });
    // Kept from its last opening, so that the list is there at once.
    let on_open = Callback::new(move |()| {
        dashboards.dispatch(());
    });
    view! { <Palette keys commands on_open/> }
}

/// A popover on phones: the browser itself opens and closes it, also without JavaScript.
#[component]
fn SideBar(viewer: Viewer) -> impl IntoView {
    let Viewer { name, email, role, organization, .. } = viewer;
    view! {
        <aside class="side" id="side" popover="" aria-label="Organisation, pages and account">
            <Organization id=organization.id name=organization.name tier=organization.tier.label()/>
            <Navigation role/>
            <details class="menu left above me">
                <summary aria-label=format!("{name}, {}", role.label())>
                    <span class="avatar" aria-hidden="true">
                        {initials(&name)}
                    </span>
                    <span class="names">
                        {name.clone()} <small>{role.label()}</small>
                    </span>
                    <Icon name=IconName::More/>
                </summary>
                <div class="panel">
                    <h3>{email}</h3>
                    <a class="item" href="/account">
                        <Icon name=IconName::Account/>
                        "Your account"
                    </a>
                    <ThemeSwitch/>
                    <hr/>
                    <form method="post" action="/rpc/accounts/sign_out">
                        <button type="submit" class="item">
                            <Icon name=IconName::SignOut/>
                            "Sign out"
                        </button>
                    </form>
                </div>
            </details>
        </aside>
    }
}

/// The organisation, and the person's others. They are asked for when the menu opens; without JavaScript the account
/// page has the same choice.
#[component]
fn Organization(id: OrganizationId, name: String, tier: &'static str) -> impl IntoView {
    let others = Action::new(|(): &()| list_organizations());
    let on_toggle = move |_| {
        if others.value().with_untracked(Option::is_none) {
            others.dispatch(());
        }
    };
    let (label, letters) = (format!("Organisation: {name}"), initials(&name));
    let list = move || {
        let organizations = others.value().get()?.ok()?;
        let forms = organizations
            .into_iter()
            .filter(|organization| organization.id != id)
            .map(|organization| {
                view! {
                    <form method="post" action="/rpc/accounts/switch_organization">
                        <input type="hidden" name="organization" value=organization.id.to_string()/>
                        <button type="submit" class="item">
                            <Icon name=IconName::Refresh/>
                            {organization.name}
                        </button>
                    </form>
                }
            })
            .collect_view();
        Some(forms)
    };
    view! {
        <details class="menu left org" on:toggle=on_toggle>
            <summary aria-label=label>
                <span class="logo" aria-hidden="true">
                    {letters}
                </span>
                <span class="names">
                    <b>{name}</b>
                    <small>{tier}</small>
                </span>
                <Icon name=IconName::Chevron/>
            </summary>
            <div class="panel">
                {list} <a class="item" href="/organization">
                    <Icon name=IconName::Settings/>
                    "Organisation settings"
                </a> <a class="item" href="/account#organizations">
                    <Icon name=IconName::People/>
                    "Your organisations"
                </a>
            </div>
        </details>
    }
}

#[component]
fn Navigation(role: Role) -> impl IntoView {
    let path = use_location().pathname;
    let groups = PLACES
        .iter()
        .map(|(heading, places)| {
            let links = places
                .iter()
                .filter(|place| !place.admin || role.can_administer())
                .map(|place| {
                    view! {
                        <li>
                            <a
                                href=place.href
                                aria-current=move || path.with(|path| is_at(path, place.href)).then_some("page")
                            >
                                <Icon name=place.icon/>
                                {place.label}
                            </a>
                        </li>
                    }
                })
                .collect_view();
            view! {
                {(!heading.is_empty()).then(|| view! { <h2>{*heading}</h2> })}
                <ul>{links}</ul>
            }
        })
        .collect_view();
    view! { <nav aria-label="Main">{groups}</nav> }
}

/// Light, dark or what the system says; a form, so that it works without JavaScript.
#[component]
pub fn ThemeSwitch() -> impl IntoView {
    let action = ServerAction::<ChooseTheme>::new();
    let chosen = RwSignal::new(theme::chosen());
    let buttons = [(Theme::System, IconName::Monitor), (Theme::Light, IconName::Sun), (Theme::Dark, IconName::Moon)]
        .map(|(theme, icon)| {
            view! {
                <button
                    type="submit"
                    name="theme"
                    value=theme.as_str()
                    aria-pressed=move || if chosen.get() == theme { "true" } else { "false" }
                    on:click=move |_| {
                        chosen.set(theme);
                        show(theme);
                    }
                >
                    <Icon name=icon/>
                    {theme.label()}
                </button>
            }
        })
        .collect_view();
    view! {
        <ActionForm action attr:class="themes" attr:aria-label="Theme">
            {buttons}
        </ActionForm>
    }
}

/// Puts the theme on the document at once, before the server has answered.
fn show(theme: Theme) {
    if let Some(root) = document().document_element() {
        // Neither name can be refused: both are constants.
        let _ = match theme.attribute() {
            Some(name) => root.set_attribute("data-theme", name),
            None => root.remove_attribute("data-theme"),
        };
    }
}

/// Whether `path` is the place `href` or below it. The root shows the dashboards.
fn is_at(path: &str, href: &str) -> bool {
    let below = path.strip_prefix(href).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'));
    below || (path == "/" && href == "/dashboards")
}

/// "Maya Okafor" is MO, "Belvedere" is B.
pub fn initials(name: &str) -> String {
    let mut letters = name.split_whitespace().filter_map(|word| word.chars().find(|c| c.is_alphanumeric()));
    [letters.next(), letters.next()].into_iter().flatten().flat_map(char::to_uppercase).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_below_a_place_marks_the_place() {
        assert!(is_at("/", "/dashboards"));
        assert!(is_at("/dashboards/new", "/dashboards"));
        assert!(is_at("/stock", "/stock"));
        assert!(!is_at("/stockings", "/stock"));
        assert!(!is_at("/", "/stock"));
    }

    #[test]
    fn initials_are_of_the_first_two_words() {
        assert_eq!(initials("Maya Okafor"), "MO");
        assert_eq!(initials("  ada & co "), "AC");
        assert_eq!(initials("Belvedere"), "B");
        assert_eq!(initials("…"), "");
    }
}
