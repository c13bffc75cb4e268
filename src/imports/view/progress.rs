//! A load that runs: how far, how fast, how long still.

use super::one::Actions;
use crate::{
    format,
    imports::{Import, ImportStatus},
    ui::{ActionForm, Button, ButtonKind, ButtonVariant, ConfirmButton, Progress, shell::use_viewer},
};
use leptos::prelude::*;

#[component]
pub(super) fn Running(import: Import, actions: Actions) -> impl IntoView {
    let number = |n: i64| format::number(n.into(), 0);
    let counts = import.counts;
    let label = match import.status {
        ImportStatus::Queued => "Waiting for a worker …".to_owned(),
        ImportStatus::Checking => format!("Checking every row: {} so far", number(counts.read)),
        ImportStatus::Undoing => {
            format!(
                "Taking the rows back: {} of {}",
                number(import.taken_back),
                number(counts.inserted + counts.updated)
            )
        }
        _ => match import.total_rows {
            Some(total) => format!("Storing the rows: {} of {}", number(counts.read), number(total)),
            None => format!("Storing the rows: {} so far", number(counts.read)),
        },
    };
    let is_measured = matches!(import.status, ImportStatus::Checking | ImportStatus::Loading);
    let length = |n: i64| f64::from(i32::try_from(n).unwrap_or(i32::MAX));
    // Kilobytes are exact enough for a bar, and fit into its numbers.
    let kilobytes = |bytes: i64| length(bytes / 1024);
    let (value, max) = match import.status {
        ImportStatus::Undoing => (length(import.taken_back), Some(length(counts.inserted + counts.updated).max(1.0))),
        _ => (kilobytes(import.bytes_done), is_measured.then(|| kilobytes(import.file_size).max(1.0))),
    };
    let rate = import.rows_per_second().map(|rate| format!("{} rows a second", number(rate)));
    let left = import.seconds_left().map(|seconds| format!("about {} left", format::duration(seconds.into())));
    let pace = is_measured.then(|| [rate, left].into_iter().flatten().collect::<Vec<_>>().join(", "));
    let bad = (counts.bad > 0).then(|| format!("{} refused so far", format::count(counts.bad, "row", "rows")));
    let can_cancel = import.status != ImportStatus::Undoing
        && import.job_id.is_some()
        && use_viewer().with_untracked(|viewer| viewer.role.can_edit());
    let id = import.id.to_string();
    view! {
        // Parsed only where there is no JavaScript to ask again.
        <noscript inner_html="<meta http-equiv=\"refresh\" content=\"2\">"></noscript>
        <section class="card stack" aria-label="Progress">
            <Progress value max label/>
            <p class="muted" role="status">
                {pace}
                " "
                {bad}
            </p>
            {can_cancel
                .then(|| {
                    view! {
                        <div class="leftward">
                            <ConfirmButton
                                label="Cancel the import"
                                text="It stops after the rows in hand. What becomes of the rows that are stored already?"
                            >
                                <ActionForm action=actions.cancel>
                                    <input type="hidden" name="id" value=id/>
                                    <div class="row">
                                        <Button
                                            kind=ButtonKind::Submit
                                            attr:name="on_cancel"
                                            attr:value="keep"
                                        >
                                            "Stop and keep them"
                                        </Button>
                                        <Button
                                            kind=ButtonKind::Submit
                                            variant=ButtonVariant::Danger
                                            attr:name="on_cancel"
                                            attr:value="remove"
                                        >
                                            "Stop and remove them"
                                        </Button>
                                    </div>
                                </ActionForm>
                            </ConfirmButton>
                        </div>
                    }
                })}
        </section>
    }
}
