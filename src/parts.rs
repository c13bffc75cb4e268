//! The browser's part, in parts: what a page needs beyond the frame comes when a page of its part is first opened.
//!
//! The server renders every page whole, whichever part it is of, and names the part's files in a header of it, so that
//! the browser fetches them together with the rest. A page whose part cannot be had stays as the server rendered
//! it and works as it does without JavaScript; one that is opened by a link says so and can be tried again.

use crate::{
    accounts::view::*,
    activity::view::ActivityPage,
    dashboards::{
        code::view::ImportDashboardPage,
        editor::EditDashboardPage,
        sharing::view::{SharePage, SharesPage},
        view::*,
    },
    imports::view::*,
    jobs::view::JobsPage,
    ledger::view::*,
    metrics::view::*,
    stock::view::*,
};
use leptos::prelude::*;
use leptos_router::ChooseView;

/// Declares a part: its pages, as a route's `view` names them, and the name of its file.
macro_rules! part {
    ($(#[$doc:meta])* $Part:ident, $file:ident: $($Page:ident),+ $(,)?) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug)]
        pub enum $Part {
            $($Page),+
        }

        impl $Part {
            fn page(self) -> AnyView {
                match self {
                    $(Self::$Page => $Page().into_any()),+
                }
            }
        }

        impl ChooseView for $Part {
            #[cfg(not(split))]
            async fn choose(self) -> AnyView {
                #[cfg(feature = "ssr")]
                crate::server::announce(stringify!($file));
                self.page()
            }

            #[cfg(not(split))]
            async fn preload(&self) {}

            #[cfg(split)]
            async fn choose(self) -> AnyView {
                $file::page(self).await.unwrap_or_else(|_| fetch::failed())
            }

            #[cfg(split)]
            async fn preload(&self) {
                fetch::part($file::fetch).await;
            }
        }

        #[cfg(split)]
        mod $file {
            use leptos::{prelude::AnyView, wasm_split::{SplitLoaderError, wasm_split}};

            #[wasm_split($file, wasm_split_path = leptos::wasm_split, fallible, preload(fetch))]
            pub fn page(page: super::$Part) -> Result<AnyView, SplitLoaderError> {
                Ok(page.page())
            }
        }
    };
}

// Code that several parts need is in a file for each combination of parts, so that there are few parts.

part! {
    /// Transactions, payments, budgets, categories and stock.
    Books, books:
    TransactionsPage, TransactionPage, CategoriesPage, PaymentsPage, PaymentPage, BudgetsPage, BudgetPage,
    MaterialsPage, MaterialPage,
}

part! {
    /// Arranging a dashboard.
    Builder, builder:
    EditDashboardPage,
}

part! {
    /// Imports from files, the metrics and their formulas.
    Sources, sources:
    ImportsPage, NewImportPage, ImportPage, MetricsPage, NewMetricPage, MetricPage, EditMetricPage,
}

part! {
    /// What becomes of dashboards besides looking at them and arranging them; the organisation and its people.
    Office, office:
    NewDashboardPage, ImportDashboardPage, AllDashboardsPage, TrashPage, ArrangePage, HistoryPage,
    DashboardSettingsPage, SharePage, SharesPage, ActivityPage, JobsPage, PeoplePage, OrganizationPage, AccountPage,
}

#[cfg(split)]
mod fetch {
    use crate::{error::AppError, ui::ErrorPage};
    use gloo_timers::future::TimeoutFuture;
    use leptos::{prelude::*, wasm_split::SplitLoaderError};

    /// Fetches a part. The page that is to wake up waits for it as long as it takes: until then it works as the server
    /// rendered it, which is better than an error in its place.
    pub async fn part<F: Future<Output = Result<(), SplitLoaderError>>>(fetch: impl Fn() -> F) {
        let mut wait = 1_000;
        while fetch().await.is_err() && !awake() {
            TimeoutFuture::new(wait).await;
            wait = (wait * 2).min(60_000);
        }
    }

    /// Whether the page that the server rendered has woken up, so that pages are opened by links now.
    fn awake() -> bool {
        document().document_element().is_some_and(|root| root.has_attribute("data-hydrated"))
    }

    /// In the place of a page that was opened by a link and whose part did not come.
    pub fn failed() -> AnyView {
        view! { <ErrorPage error=AppError::Unavailable/> }.into_any()
    }
}
