//! Pages.

mod all;
mod settings;
mod trash;

pub use all::AllDashboardsPage;
pub use settings::DashboardSettingsPage;
pub use trash::TrashPage;

use crate::dashboards::model::Recipient;

/// People to choose one from, and the organisation where it may be chosen.
fn owners(recipients: &[Recipient], organization: bool) -> Vec<(String, String)> {
    let shared = organization.then(|| ("organization".to_owned(), "The organisation".to_owned()));
    let people = recipients.iter().map(|person| (person.user_id.to_string(), person.name.clone()));
    shared.into_iter().chain(people).collect()
}
