//! The bar that shows what a dashboard is narrowed down to, and the menu in which that is chosen.
//!
//! Choosing takes two steps, field and values, because values are read from the records: without JavaScript each step is a
//! form that asks for the page again, with it the menu asks for the values alone.

use super::model::{Choice, Choosing};
use crate::{
    dashboards::{
        page::{PageQuery, Shown},
        selection::{Selection, search},
        view::Refocus,
    },
    error::AppError,
    metrics::{ActiveFilter, Filters, MOST_VALUES},
    ui::{Button, ButtonKind, ButtonVariant, ErrorBox, Icon, IconName},
};
use leptos::{ev, html, prelude::*};
use leptos_router::hooks::{use_location, use_navigate};

/// Where the keyboard is again after a filter was set or taken away.
const SUMMARY: &str = "filter-menu";
/// So many values are seen at a glance.
const AT_A_GLANCE: usize = 8;

/// What the menu is about, on a page that is open.
#[derive(Clone, Copy)]
struct Chooser {
    #[cfg_attr(not(feature = "hydrate"), expect(dead_code, reason = "only browsers ask for values"))]
    selection: StoredValue<Selection>,
    #[cfg_attr(not(feature = "hydrate"), expect(dead_code, reason = "only browsers ask for values"))]
    query: StoredValue<PageQuery>,
    choosing: RwSignal<Option<Choosing>>,
    /// The values that are ticked.
    picked: RwSignal<Vec<String>>,
    failed: RwSignal<Option<AppError>>,
    menu: NodeRef<html::Details>,
}

impl Chooser {
    /// Asks for a filter's values and opens the menu with them. The answer to an older question does not count.
    #[cfg_attr(not(feature = "hydrate"), expect(unused_variables, reason = "only browsers ask"))]
    fn choose(self, name: String, find: String) {
        #[cfg(feature = "hydrate")]
        {
            let same = self.choosing.with_untracked(|choosing| choosing.as_ref().is_some_and(|c| c.name == name));
            if !same {
                let chosen = self.selection.with_value(|selection| selection.filters.get(&name).to_vec());
                self.picked.set(chosen);
            }
            let mut query = self.query.get_value();
            query.filters.set(&name, self.picked.get_untracked());
            leptos::task::spawn_local(async move {
                let answer = super::rpc::choose_filter(query, name, find).await;
                // The page may show something else by now.
                let (choosing, failed) = match answer {
                    Ok(choosing) => (Some(choosing), None),
                    Err(error) => (None, Some(error)),
                };
                let _ = self.choosing.try_set(choosing);
                let _ = self.failed.try_set(failed);
                self.focus(".filter-values input:checked, .filter-values input:not([type=hidden])");
            });
            if let Some(menu) = self.menu.get_untracked() {
                menu.set_open(true);
            }
        }
    }

    fn back(self) {
        self.choosing.set(None);
        self.failed.set(None);
        #[cfg(feature = "hydrate")]
        self.focus(".filter-panel button");
    }

    /// What had the focus is gone when the menu's content is another.
    #[cfg(feature = "hydrate")]
    fn focus(self, selector: &'static str) {
        use leptos::wasm_bindgen::JsCast;
        request_animation_frame(move || {
            if let Some(menu) = self.menu.try_get_untracked().flatten()
                && let Ok(Some(found)) = menu.query_selector(selector)
                && let Ok(found) = found.dyn_into::<web_sys::HtmlElement>()
            {
                // What is not there cannot have the focus.
                let _ = found.focus();
            }
        });
    }
}

/// The menu of filters, and those in force: each can be changed and taken away.
#[component]
pub fn FilterBar(shown: Shown) -> impl IntoView {
    let selection = shown.selection();
    let query = PageQuery { dashboard: Some(shown.row.id), ..PageQuery::from(selection.clone()) };
    let picked = shown.choosing.as_ref().map(|c| selection.filters.get(&c.name).to_vec()).unwrap_or_default();
    let chooser = Chooser {
        selection: StoredValue::new(selection.clone()),
        query: StoredValue::new(query),
        picked: RwSignal::new(picked),
        choosing: RwSignal::new(shown.choosing.clone()),
        failed: RwSignal::new(None),
        menu: NodeRef::new(),
    };
    let chips = shown
        .active
        .iter()
        .map(|filter| {
            let idle = !shown.offers(&filter.name);
            view! { <ActiveChip filter=filter.clone() idle selection=selection.clone() chooser/> }
        })
        .collect_view();
    let several = shown.active.len() > 1;
    let cleared = Selection { filters: Filters::default(), ..selection.clone() }.link();
    let refocus = use_context::<Refocus>();
    view! {
        {(!shown.offered.is_empty())
            .then(|| view! { <FilterMenu offered=shown.offered.clone() selection=selection.clone() chooser/> })}
        {(!shown.active.is_empty())
            .then(|| {
                view! {
                    <ul class="active-filters" aria-label="Filters in force">
                        {chips}
                    </ul>
                }
            })}
        {several
            .then(|| {
                view! {
                    <a class="btn quiet small" href=cleared on:click=move |_| Refocus::note(refocus, SUMMARY)>
                        "Clear all"
                    </a>
                }
            })}
    }
}

#[component]
fn ActiveChip(filter: ActiveFilter, idle: bool, selection: Selection, chooser: Chooser) -> impl IntoView {
    let name = filter.name.clone();
    let words = filter.in_words();
    let without = selection.with_filter(&name, []).link();
    let shown = match filter.values.as_slice() {
        [first, second, rest @ ..] if !rest.is_empty() => format!("{first}, {second} + {}", rest.len()),
        values => values.join(", "),
    };
    let refocus = use_context::<Refocus>();
    let label = view! {
        <span class="name">{filter.label.clone()}</span>
        <span class="value">{shown}</span>
    };
    let first = if idle {
        view! { <span class="what" title=format!("{words}: nothing here has it")>{label}</span> }.into_any()
    } else {
        view! { <ChooseForm selection chooser name label=format!("Change the filter {words}") class="what">{label}</ChooseForm> }
            .into_any()
    };
    view! {
        <li class="filter-chip" class:idle=idle>
            {first}
            <a
                class="remove"
                href=without
                aria-label=format!("Remove the filter {words}")
                on:click=move |_| Refocus::note(refocus, SUMMARY)
            >
                <Icon name=IconName::Close/>
            </a>
        </li>
    }
}

/// A button that asks for the values of a filter.
#[component]
fn ChooseForm(
    selection: Selection,
    chooser: Chooser,
    name: String,
    #[prop(optional, into)] label: Option<String>,
    class: &'static str,
    children: Children,
) -> impl IntoView {
    let wanted = name.clone();
    view! {
        <form method="get" action="">
            <Hidden pairs=selection.pairs()/>
            <button
                type="submit"
                class=class
                name="choose"
                value=name
                aria-label=label
                on:click=move |event| {
                    event.prevent_default();
                    // A press outside the menu closes it, and a chip is outside.
                    event.stop_propagation();
                    chooser.choose(wanted.clone(), String::new());
                }
            >
                {children()}
            </button>
        </form>
    }
}

#[component]
fn FilterMenu(offered: Vec<(String, String)>, selection: Selection, chooser: Chooser) -> impl IntoView {
    let open = chooser.choosing.with_untracked(Option::is_some);
    let fields = StoredValue::new(offered);
    let kept = StoredValue::new(selection);
    let inside = move || {
        let selection = kept.get_value();
        if let Some(error) = chooser.failed.get() {
            return view! { <ErrorBox error/> }.into_any();
        }
        match chooser.choosing.get() {
            Some(choosing) => view! { <Values choosing selection chooser/> }.into_any(),
            None => {
                let fields = fields.get_value();
                let fields = fields
                    .into_iter()
                    .map(|(name, label)| {
                        let chosen = selection.filters.get(&name).len();
                        view! {
                            <li>
                                <ChooseForm selection=selection.clone() chooser name class="item">
                                    <span class="grow">{label}</span>
                                    {(chosen > 0).then(|| view! { <span class="chip info">{chosen}</span> })}
                                    <span class="turn east">
                                        <Icon name=IconName::Chevron/>
                                    </span>
                                </ChooseForm>
                            </li>
                        }
                    })
                    .collect_view();
                view! { <ul aria-label="What to filter by">{fields}</ul> }.into_any()
            }
        }
    };
    view! {
        <details class="menu left filter-menu" open=open node_ref=chooser.menu>
            <summary class="btn small" id=SUMMARY>
                <Icon name=IconName::Filter/>
                "Filter"
            </summary>
            <div class="panel filter-panel">{inside}</div>
        </details>
    }
}

#[component]
fn Hidden(pairs: Vec<(String, String)>) -> impl IntoView {
    pairs.into_iter().map(|(name, value)| view! { <input type="hidden" name=name value=value/> }).collect_view()
}

/// The values of one filter, to tick.
#[component]
fn Values(choosing: Choosing, selection: Selection, chooser: Chooser) -> impl IntoView {
    let Choosing { name, label, values, more, free } = choosing;
    let parameter = Filters::parameter(&name);
    let pathname = use_location().pathname;
    let navigate = use_navigate();
    let refocus = use_context::<Refocus>();
    let typed = NodeRef::<html::Input>::new();
    let find = RwSignal::new(String::new());
    let pairs = selection.pairs_without(&[&parameter]);
    let to = {
        let (name, selection) = (name.clone(), selection.clone());
        move || {
            let typed = typed.get_untracked().map(|input| input.value()).unwrap_or_default();
            let values = chooser.picked.get_untracked().into_iter().chain([typed]);
            format!("{}{}", pathname.get_untracked(), selection.with_filter(&name, values).link())
        }
    };
    let apply = move |event: ev::SubmitEvent| {
        event.prevent_default();
        Refocus::note(refocus, SUMMARY);
        navigate(&to(), Default::default());
    };
    let searchable = more || values.len() > AT_A_GLANCE;
    let looked_for = name.clone();
    let boxes = values
        .into_iter()
        .map(|choice| view! { <ValueBox parameter=parameter.clone() choice chooser find/> })
        .collect_view();
    let back = selection.link();
    view! {
        <form method="get" action="" class="filter-values" on:submit=apply>
            <Hidden pairs/>
            <a
                class="item back"
                href=back
                on:click=move |event| {
                    event.prevent_default();
                    event.stop_propagation();
                    chooser.back();
                }
            >
                <span class="turn west">
                    <Icon name=IconName::Chevron/>
                </span>
                "All filters"
            </a>
            <h2 id="filter-values">{label.clone()}</h2>
            {searchable
                .then(|| {
                    view! {
                        <input
                            type="search"
                            class="input scripted-only"
                            placeholder="Find"
                            aria-label=format!("Find a value of {label}")
                            autocomplete="off"
                            on:input=move |event| {
                                let text = event_target_value(&event);
                                find.set(text.trim().to_lowercase());
                            }
                            on:change=move |event| {
                                if more {
                                    chooser.choose(looked_for.clone(), event_target_value(&event));
                                }
                            }
                            on:keydown=find_instead_of_showing
                        />
                    }
                })}
            <div class="values" role="group" aria-labelledby="filter-values">
                <ul>{boxes}</ul>
            </div>
            {more
                .then(|| {
                    view! {
                        <p class="hint">
                            "There are more. Find others by a part of their name"
                            <span class="plain-only">", or write one in full below"</span> "."
                        </p>
                    }
                })}
            {free
                .then(|| {
                    view! {
                        <input
                            class="input"
                            name=parameter.clone()
                            node_ref=typed
                            maxlength="200"
                            autocomplete="off"
                            placeholder="Another value, in full"
                            aria-label=format!("Another value of {label}, in full")
                        />
                    }
                })}
            <div class="row between">
                <span class="hint">
                    {move || {
                        let n = chooser.picked.with(Vec::len);
                        (n > MOST_VALUES).then(|| format!("Only {MOST_VALUES} can be used."))
                    }}
                </span>
                <Button kind=ButtonKind::Submit variant=ButtonVariant::Primary>
                    "Show"
                </Button>
            </div>
        </form>
    }
}

/// Enter in the field that finds values finds them; the button shows what is ticked.
fn find_instead_of_showing(event: ev::KeyboardEvent) {
    if event.key() == "Enter" {
        event.prevent_default();
        #[cfg(feature = "hydrate")]
        {
            use leptos::wasm_bindgen::JsCast;
            let field = event.target().and_then(|target| target.dyn_into::<web_sys::HtmlElement>().ok());
            // As if the field had been left, and back into it.
            let _ = field.map(|field| field.blur().and_then(|()| field.focus()));
        }
    }
}

#[component]
fn ValueBox(parameter: String, choice: Choice, chooser: Chooser, find: RwSignal<String>) -> impl IntoView {
    let Choice { value, label, count } = choice;
    let lower = label.to_lowercase();
    let ticked = chooser.picked.with_untracked(|picked| picked.contains(&value));
    let own = value.clone();
    view! {
        <li hidden=move || find.with(|find| !find.is_empty() && !lower.contains(find.as_str()))>
            <label class="check">
                <input
                    type="checkbox"
                    name=parameter
                    value=value
                    checked=ticked
                    on:change=move |event| {
                        let ticked = event_target_checked(&event);
                        chooser
                            .picked
                            .update(|picked| {
                                picked.retain(|value| *value != own);
                                if ticked {
                                    picked.push(own.clone());
                                }
                            });
                    }
                />
                <span class="grow">{label}</span>
                {count.map(|n| view! { <small class="muted num">{crate::format::number(n.into(), 0)}</small> })}
            </label>
        </li>
    }
}

/// Why the range of the address is not the one shown.
#[component]
pub fn RangeError(message: Option<String>) -> impl IntoView {
    message.map(|message| {
        view! {
            <p class="notice warn" role="alert">
                <span class="mark" aria-hidden="true">"◆"</span>
                {format!("{message} The last 12 months are shown instead.")}
            </p>
        }
    })
}

/// What of the address means nothing here.
#[component]
pub fn Notices(notices: Vec<String>) -> impl IntoView {
    (!notices.is_empty()).then(|| {
        let lines = notices.into_iter().map(|notice| view! { <div>{notice}</div> }).collect_view();
        view! {
            <div class="notice warn" role="status">
                <span class="mark" aria-hidden="true">"◆"</span>
                <div>{lines}</div>
            </div>
        }
    })
}

/// The filters of a public link, for its visitors: a form that works without scripts, for there are none.
#[component]
pub fn GuestFilters(selection: Selection, choices: Vec<Choosing>) -> impl IntoView {
    (!choices.is_empty()).then(|| {
        let parameters: Vec<String> = choices.iter().map(|c| Filters::parameter(&c.name)).collect();
        let mut pairs = selection.pairs_in_full();
        pairs.retain(|(name, _)| !parameters.contains(name));
        let fields = choices
            .into_iter()
            .map(|Choosing { name, label, values, .. }| {
                let parameter = Filters::parameter(&name);
                let chosen = selection.filters.get(&name);
                let boxes = values
                    .into_iter()
                    .map(|Choice { value, label, .. }| {
                        let ticked = chosen.contains(&value);
                        view! {
                            <label class="check">
                                <input type="checkbox" name=parameter.clone() value=value checked=ticked/>
                                <span>{label}</span>
                            </label>
                        }
                    })
                    .collect_view();
                view! {
                    <fieldset class="field">
                        <legend>{label}</legend>
                        {boxes}
                    </fieldset>
                }
            })
            .collect_view();
        let own = search(&[("view".to_owned(), "link".to_owned())]);
        view! {
            <details class="menu">
                <summary class="btn">
                    <Icon name=IconName::Filter/>
                    "Filter"
                </summary>
                <div class="panel guest-filters">
                    <form method="get" action="" class="form">
                        <Hidden pairs/>
                        {fields}
                        <div class="row between">
                            <a class="btn quiet" href=own>
                                "As shared"
                            </a>
                            <Button kind=ButtonKind::Submit variant=ButtonVariant::Primary>
                                "Show"
                            </Button>
                        </div>
                    </form>
                </div>
            </details>
        }
    })
}
