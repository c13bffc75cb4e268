//! One import: preview and choices, then progress, then the result.

use super::{mapping::Mapping, progress::Running, result::Outcome};
use crate::{
    error::AppError,
    ids::ImportId,
    imports::{
        Import, ImportStatus,
        rpc::{self, CancelImport, ConfigureImport, DeleteImport, ReopenImport, UndoImport},
    },
    ui::{Chip, ErrorPage, FormError, Page, Resource, ServerAction, Skeleton, action_error},
};
use leptos::prelude::*;
use leptos_router::hooks::use_params_map;
use std::time::Duration;

/// How often a running import is read again.
const REFRESH: Duration = Duration::from_secs(1);

/// What can be done with an import.
#[derive(Clone, Copy)]
pub(super) struct Actions {
    pub configure: ServerAction<ConfigureImport>,
    pub cancel: ServerAction<CancelImport>,
    pub undo: ServerAction<UndoImport>,
    pub reopen: ServerAction<ReopenImport>,
    pub delete: ServerAction<DeleteImport>,
    /// Whether the import is being started.
    pub busy: Signal<bool>,
    /// Why the choices were not kept after the last of them.
    #[cfg_attr(not(feature = "hydrate"), expect(dead_code, reason = "only browsers send choices one by one"))]
    pub followed: RwSignal<Option<AppError>>,
    /// Why the choices were refused.
    pub refused: Signal<Option<AppError>>,
}

/// One import, whatever its state.
#[component]
pub fn ImportPage() -> impl IntoView {
    let params = use_params_map();
    let id = Memo::new(move |_| params.with(|p| p.get("id")).and_then(|id| id.parse::<ImportId>().ok()));
    // All of this outlives what the page shows, which is drawn anew while answers are on their way.
    let configure = ServerAction::<ConfigureImport>::new();
    let (configured, followed) = (action_error(configure), RwSignal::new(None));
    let actions = Actions {
        configure,
        cancel: ServerAction::new(),
        undo: ServerAction::new(),
        reopen: ServerAction::new(),
        delete: ServerAction::new(),
        busy: configure.pending(),
        followed,
        refused: Signal::derive(move || configured.get().or_else(|| followed.get())),
    };
    let errors = [
        actions.refused,
        action_error(actions.cancel),
        action_error(actions.undo),
        action_error(actions.reopen),
        action_error(actions.delete),
    ];
    let tick = RwSignal::new(0_u32);
    let import = Resource::new_blocking(
        move || {
            let Actions { configure, cancel, undo, reopen, .. } = actions;
            let versions =
                (configure.done().get(), cancel.version().get(), undo.version().get(), reopen.version().get());
            (id.get(), tick.get(), versions)
        },
        |(id, ..)| async move {
            match id {
                Some(id) => rpc::find(id).await,
                None => Err(AppError::not_found("The import")),
            }
        },
    );
    Effect::new(move || {
        let again = match import.get() {
            Some(Ok(import)) => import.status.is_running(),
            Some(Err(error)) => error == AppError::Unavailable,
            None => false,
        };
        if again {
            refresh_later(tick);
        }
    });
    view! {
        <Transition fallback=|| {
            view! { <Skeleton rows=8/> }
        }>
            {move || Suspend::new(async move {
                match import.await {
                    Ok(import) => view! { <Stage import actions errors/> }.into_any(),
                    Err(error) => view! { <ErrorPage error/> }.into_any(),
                }
            })}
        </Transition>
    }
}

/// Not while nobody looks: then again later.
fn refresh_later(tick: RwSignal<u32>) {
    set_timeout(
        move || {
            if document().hidden() {
                refresh_later(tick);
            } else {
                // The page may have been left meanwhile.
                let _ = tick.try_update(|tick| *tick = tick.wrapping_add(1));
            }
        },
        REFRESH,
    );
}

#[component]
fn Stage(import: Import, actions: Actions, errors: [Signal<Option<AppError>>; 5]) -> impl IntoView {
    let status = import.status;
    let title = format!("Import of {}", import.file_name);
    let chip = move || view! { <Chip tone=status.tone() text=status.label()/> };
    let size = crate::format::number((import.file_size / 1024).max(1).into(), 0);
    let lead = Signal::stored(format!("{}, {size} KB", import.target.label()));
    view! {
        <Page title=title lead actions=chip>
            {errors.map(|error| view! { <FormError error/> }).into_iter().collect_view()}
            {match status {
                ImportStatus::Uploading | ImportStatus::Ready => view! { <Mapping import actions/> }.into_any(),
                _ if status.is_running() => view! { <Running import actions/> }.into_any(),
                _ => view! { <Outcome import actions/> }.into_any(),
            }}
        </Page>
    }
}
