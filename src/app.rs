//! The document, the routes and who may open them.

use crate::{
    accounts::view::{ForgotPasswordPage, InvitationPage, ResetPasswordPage, SignInPage, SignUpPage},
    dashboards::view::{DashboardPage, DashboardsPage},
    parts::{Books, Builder, Office, Sources},
    ui::{LinkButton, ToastRegion, provide_toasts, set_status, shell::Shell, theme},
};
use leptos::prelude::*;
use leptos_meta::{HashedStylesheet, MetaTags, Title, provide_meta_context};
use leptos_router::{
    components::{ParentRoute, Route, Router, Routes},
    path,
};

/// The HTML around the application; rendered by the server only.
///
/// `root` stands before the addresses of scripts and wasm.
pub fn document(options: LeptosOptions, root: &'static str) -> impl IntoView {
    view! {
        <!DOCTYPE html>
        <html lang="en" data-theme=theme::chosen().attribute()>
            <head>
                <meta charset="utf-8"/>
                <meta name="viewport" content="width=device-width, initial-scale=1"/>
                <link rel="icon" href="/favicon.svg" type="image/svg+xml"/>
                // `as` is a keyword of Rust, so this attribute cannot be written in the view.
                {leptos::html::link()
                    .rel("preload")
                    .href("/fonts/inter-latin.woff2")
                    .r#type("font/woff2")
                    .crossorigin("anonymous")
                    .attr("as", "font")}
                <AutoReload options=options.clone()/>
                <HydrationScripts options=options.clone() root/>
                <HashedStylesheet id="style" options/>
                <MetaTags/>
            </head>
            <body>
                <App/>
            </body>
        </html>
    }
}

#[component]
pub fn App() -> impl IntoView {
    provide_meta_context();
    provide_toasts();
    view! {
        <Title formatter=|title: String| if title.is_empty() { "Belvedere".to_owned() } else { format!("{title} · Belvedere") }/>
        <Router>
            <Routes fallback=NotFoundPage>
                <Route path=path!("/sign-in") view=SignInPage/>
                <Route path=path!("/sign-up") view=SignUpPage/>
                <Route path=path!("/forgot-password") view=ForgotPasswordPage/>
                <Route path=path!("/reset-password") view=ResetPasswordPage/>
                <Route path=path!("/invitation") view=InvitationPage/>
                <ParentRoute path=path!("") view=Shell>
                    <Route path=path!("/") view=DashboardsPage/>
                    <Route path=path!("/dashboards") view=DashboardsPage/>
                    <Route path=path!("/dashboards/new") view=Office::NewDashboardPage/>
                    <Route path=path!("/dashboards/import") view=Office::ImportDashboardPage/>
                    <Route path=path!("/dashboards/all") view=Office::AllDashboardsPage/>
                    <Route path=path!("/dashboards/trash") view=Office::TrashPage/>
                    <Route path=path!("/dashboards/:id") view=DashboardPage/>
                    <Route path=path!("/dashboards/:id/edit") view=Builder::EditDashboardPage/>
                    <Route path=path!("/dashboards/:id/arrange") view=Office::ArrangePage/>
                    <Route path=path!("/dashboards/:id/history") view=Office::HistoryPage/>
                    <Route path=path!("/dashboards/:id/settings") view=Office::DashboardSettingsPage/>
                    <Route path=path!("/dashboards/:id/share") view=Office::SharePage/>
                    <Route path=path!("/public-links") view=Office::SharesPage/>
                    <Route path=path!("/transactions") view=Books::TransactionsPage/>
                    <Route path=path!("/transactions/:id") view=Books::TransactionPage/>
                    <Route path=path!("/categories") view=Books::CategoriesPage/>
                    <Route path=path!("/payments") view=Books::PaymentsPage/>
                    <Route path=path!("/payments/:id") view=Books::PaymentPage/>
                    <Route path=path!("/budgets") view=Books::BudgetsPage/>
                    <Route path=path!("/budgets/:id") view=Books::BudgetPage/>
                    <Route path=path!("/stock") view=Books::MaterialsPage/>
                    <Route path=path!("/stock/:id") view=Books::MaterialPage/>
                    <Route path=path!("/imports") view=Sources::ImportsPage/>
                    <Route path=path!("/imports/new") view=Sources::NewImportPage/>
                    <Route path=path!("/imports/:id") view=Sources::ImportPage/>
                    <Route path=path!("/metrics") view=Sources::MetricsPage/>
                    <Route path=path!("/metrics/new") view=Sources::NewMetricPage/>
                    <Route path=path!("/metrics/:code") view=Sources::MetricPage/>
                    <Route path=path!("/metrics/:code/edit") view=Sources::EditMetricPage/>
                    <Route path=path!("/activity") view=Office::ActivityPage/>
                    <Route path=path!("/jobs") view=Office::JobsPage/>
                    <Route path=path!("/people") view=Office::PeoplePage/>
                    <Route path=path!("/organization") view=Office::OrganizationPage/>
                    <Route path=path!("/account") view=Office::AccountPage/>
                </ParentRoute>
            </Routes>
        </Router>
        <ToastRegion/>
    }
}

/// For addresses that lead nowhere, and for rows that are not the reader's.
#[component]
pub fn NotFoundPage() -> impl IntoView {
    set_status(404);
    view! {
        <Title text="Not found"/>
        <div class="gate">
            <main id="main">
                <div class="error-page">
                    <p class="code">"404"</p>
                    <h1>"This page was not found"</h1>
                    <p>"The address may be mistyped, or what was here has been deleted."</p>
                    <div class="row">
                        <LinkButton href="/">"Go to the dashboards"</LinkButton>
                    </div>
                </div>
            </main>
        </div>
    }
}
