//! The command palette: type a few letters, go there.

use super::{
    Dialog, Icon, IconName,
    dialog::{close_on_backdrop, note_closed, sync_dialog},
    keys::{KEYS, Keys, may_leave},
};
use leptos::{ev, html, prelude::*};
use leptos_router::hooks::use_navigate;

/// One thing that can be chosen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Command {
    pub label: String,
    /// What kind of thing it is: "Page", "Dashboard", "Action".
    pub group: &'static str,
    pub icon: IconName,
    pub href: String,
}

/// How well `label` answers to what was typed: all letters in their order, and the better the earlier they begin
/// words. `None` when a letter is missing.
fn score(label: &str, typed: &str) -> Option<i32> {
    let label = label.to_lowercase();
    if let Some(at) = label.find(typed) {
        let begins_word = at == 0 || label[..at].ends_with(|c: char| !c.is_alphanumeric());
        return Some(if begins_word { 0 } else { 10 } + i32::try_from(at.min(9)).unwrap_or(9));
    }
    let mut letters = label.chars();
    let all = typed.chars().filter(|c| !c.is_whitespace()).all(|wanted| letters.any(|letter| letter == wanted));
    all.then_some(100)
}

/// The commands that answer to `typed`, the best first.
fn matching(commands: &[Command], typed: &str) -> Vec<Command> {
    let typed = typed.trim().to_lowercase();
    let mut scored: Vec<_> =
        commands.iter().filter_map(|command| Some((score(&command.label, &typed)?, command))).collect();
    scored.sort_by_key(|(score, _)| *score);
    scored.into_iter().map(|(_, command)| command.clone()).collect()
}

/// The palette and the list of keys. `on_open` is called each time the palette opens, to fetch what may have changed.
#[component]
pub fn Palette(keys: Keys, #[prop(into)] commands: Signal<Vec<Command>>, on_open: Callback<()>) -> impl IntoView {
    let node = NodeRef::<html::Dialog>::new();
    let input = NodeRef::<html::Input>::new();
    let typed = RwSignal::new(String::new());
    let chosen = RwSignal::new(0_usize);
    let found = Memo::new(move |_| commands.with(|commands| typed.with(|typed| matching(commands, typed))));
    sync_dialog(node, keys.palette);
    Effect::new(move |_| {
        if keys.palette.get() {
            typed.set(String::new());
            chosen.set(0);
            on_open.run(());
            if let Some(input) = input.get_untracked() {
                input.set_value("");
                // An input in an open dialog takes the focus.
                let _ = input.focus();
            }
        }
    });
    let navigate = use_navigate();
    let go = Callback::new(move |n: usize| {
        if let Some(command) = found.with_untracked(|found| found.get(n).cloned()) {
            keys.palette.set(false);
            if may_leave(&command.href) {
                navigate(&command.href, Default::default());
            }
        }
    });
    let on_key = move |event: ev::KeyboardEvent| {
        let count = found.with_untracked(Vec::len);
        match event.key().as_str() {
            "ArrowDown" if count > 0 => chosen.update(|n| *n = (*n + 1) % count),
            "ArrowUp" if count > 0 => chosen.update(|n| *n = (*n + count - 1) % count),
            "Enter" => go.run(chosen.get_untracked()),
            _ => return,
        }
        event.prevent_default();
    };
    let option_id = |n: usize| format!("command-{n}");
    view! {
        <dialog
            class="dialog palette"
            node_ref=node
            aria-label="Commands"
            on:close=move |_| note_closed(node, keys.palette)
            on:click=move |event| close_on_backdrop(&event, node)
        >
            <input
                class="input"
                node_ref=input
                type="text"
                role="combobox"
                aria-label="Go to"
                aria-expanded="true"
                aria-controls="commands"
                aria-autocomplete="list"
                aria-activedescendant=move || (found.with(|f| !f.is_empty())).then(|| option_id(chosen.get()))
                placeholder="Go to a page or a dashboard, or do something"
                autocomplete="off"
                spellcheck="false"
                on:input=move |event| {
                    typed.set(event_target_value(&event));
                    chosen.set(0);
                }
                on:keydown=on_key
            />
            <ul id="commands" role="listbox" aria-label="Commands">
                {move || {
                    found
                        .get()
                        .into_iter()
                        .enumerate()
                        .map(|(n, command)| {
                            view! {
                                <li
                                    id=option_id(n)
                                    role="option"
                                    aria-selected=move || if chosen.get() == n { "true" } else { "false" }
                                    on:click=move |_| go.run(n)
                                    on:mousemove=move |_| {
                                        if chosen.get_untracked() != n {
                                            chosen.set(n);
                                        }
                                    }
                                >
                                    <Icon name=command.icon/>
                                    {command.label}
                                    <small>{command.group}</small>
                                </li>
                            }
                        })
                        .collect_view()
                }}
            </ul>
            <p class="foot" role="status">
                {move || match found.with(Vec::len) {
                    0 => "Nothing has such a name.".to_owned(),
                    1 => "1 match".to_owned(),
                    n => format!("{n} matches"),
                }}
            </p>
        </dialog>
        <Dialog open=keys.help title="Keys">
            {key_list(&KEYS)}
            {move || {
                keys.page
                    .get()
                    .map(|(place, list)| {
                        view! {
                            <h3 class="keys-of">{place}</h3>
                            {key_list(list)}
                        }
                    })
            }}
        </Dialog>
    }
}

fn key_list(list: &'static [(&'static [&'static str], &'static str)]) -> impl IntoView {
    let entries = list
        .iter()
        .map(|(keys, what)| {
            let keys = keys
                .iter()
                .enumerate()
                .map(|(n, key)| view! { {(n > 0).then_some(" or ")} <kbd>{*key}</kbd> })
                .collect_view();
            view! {
                <dt>{keys}</dt>
                <dd>{*what}</dd>
            }
        })
        .collect_view();
    view! { <dl class="keys">{entries}</dl> }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn labels(typed: &str) -> Vec<String> {
        let command =
            |label: &str| Command { label: label.into(), group: "Page", icon: IconName::Metric, href: String::new() };
        let commands = ["Transactions", "Payments", "Stock", "Import data", "Cash Flow"].map(command);
        matching(&commands, typed).into_iter().map(|c| c.label).collect()
    }

    #[test]
    fn nothing_typed_lists_everything() {
        assert_eq!(labels("").len(), 5);
    }

    #[test]
    fn the_beginning_of_a_word_comes_first() {
        assert_eq!(labels("st")[0], "Stock");
        assert_eq!(labels("flow"), ["Cash Flow"]);
        assert_eq!(labels("pa")[0], "Payments");
    }

    #[test]
    fn letters_may_be_left_out_but_not_turned_round() {
        assert_eq!(labels("trsn"), ["Transactions"]);
        assert!(labels("nsrt").is_empty());
    }
}
