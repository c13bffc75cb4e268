//! What a dashboard may begin with: spec 4's three templates and more.
//!
//! A template is a file in the form of `code`, compiled into the server. The browser draws its preview and needs no more
//! than its name and where its widgets stand; a test keeps both in step with the file.

use crate::widgets::WidgetKind::{self, *};
use serde::{Deserialize, Serialize};
use std::str::FromStr;

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Template {
    ExecutiveOverview,
    InventoryFocus,
    CashFlow,
    RevenueDeepDive,
    ExpenseControl,
    BudgetWatch,
    ReceivablesAndPayables,
    StockHealth,
    MonthlyBoardReport,
    DepartmentCosts,
}

/// Kind, column, row, columns, rows.
pub type Spot = (WidgetKind, u16, u16, u16, u16);

impl Template {
    pub const ALL: [Template; 10] = [
        Self::ExecutiveOverview,
        Self::InventoryFocus,
        Self::CashFlow,
        Self::RevenueDeepDive,
        Self::ExpenseControl,
        Self::BudgetWatch,
        Self::ReceivablesAndPayables,
        Self::StockHealth,
        Self::MonthlyBoardReport,
        Self::DepartmentCosts,
    ];

    /// Spec 4's own.
    pub const FIRST: [Template; 3] = [Self::ExecutiveOverview, Self::InventoryFocus, Self::CashFlow];

    /// For forms and addresses.
    pub const fn code(self) -> &'static str {
        match self {
            Self::ExecutiveOverview => "executive_overview",
            Self::InventoryFocus => "inventory_focus",
            Self::CashFlow => "cash_flow",
            Self::RevenueDeepDive => "revenue_deep_dive",
            Self::ExpenseControl => "expense_control",
            Self::BudgetWatch => "budget_watch",
            Self::ReceivablesAndPayables => "receivables_and_payables",
            Self::StockHealth => "stock_health",
            Self::MonthlyBoardReport => "monthly_board_report",
            Self::DepartmentCosts => "department_costs",
        }
    }

    pub const fn name(self) -> &'static str {
        match self {
            Self::ExecutiveOverview => "Executive Overview",
            Self::InventoryFocus => "Inventory Focus",
            Self::CashFlow => "Cash Flow",
            Self::RevenueDeepDive => "Revenue deep dive",
            Self::ExpenseControl => "Expense control",
            Self::BudgetWatch => "Budget watch",
            Self::ReceivablesAndPayables => "Receivables and payables",
            Self::StockHealth => "Stock health",
            Self::MonthlyBoardReport => "Monthly board report",
            Self::DepartmentCosts => "Department costs",
        }
    }

    pub const fn description(self) -> &'static str {
        match self {
            Self::ExecutiveOverview => "High-level business metrics",
            Self::InventoryFocus => "Stock and materials tracking",
            Self::CashFlow => "Payments and cash management",
            Self::RevenueDeepDive => "Where income comes from, and how it grows",
            Self::ExpenseControl => "What is spent, by whom and on what",
            Self::BudgetWatch => "Plans beside what was spent",
            Self::ReceivablesAndPayables => "What is due, from whom and when",
            Self::StockHealth => "What is on the shelves, and what runs out",
            Self::MonthlyBoardReport => "Results and costs on one page, to be printed",
            Self::DepartmentCosts => "What each department spends",
        }
    }

    /// Where its widgets stand, in reading order.
    pub const fn spots(self) -> &'static [Spot] {
        match self {
            Self::ExecutiveOverview => &[
                (Kpi, 0, 0, 3, 2),
                (Kpi, 3, 0, 3, 2),
                (Kpi, 6, 0, 3, 2),
                (Kpi, 9, 0, 3, 2),
                (LineChart, 0, 2, 8, 4),
                (DonutChart, 8, 2, 4, 4),
            ],
            Self::InventoryFocus => &[
                (Kpi, 0, 0, 3, 2),
                (Kpi, 3, 0, 3, 2),
                (Kpi, 6, 0, 3, 2),
                (AlertsFeed, 9, 0, 3, 6),
                (BarChart, 0, 2, 9, 4),
            ],
            Self::CashFlow => &[(Kpi, 0, 0, 4, 2), (Kpi, 4, 0, 4, 2), (Gauge, 8, 0, 4, 4), (AreaChart, 0, 2, 8, 4)],
            Self::RevenueDeepDive => &[
                (Kpi, 0, 0, 3, 2),
                (Kpi, 3, 0, 3, 2),
                (Sparkline, 6, 0, 3, 2),
                (Kpi, 9, 0, 3, 2),
                (LineChart, 0, 2, 8, 4),
                (DonutChart, 8, 2, 4, 4),
                (BarChart, 0, 6, 6, 6),
                (DataTable, 6, 6, 6, 6),
            ],
            Self::ExpenseControl => &[
                (Kpi, 0, 0, 3, 2),
                (Kpi, 3, 0, 3, 2),
                (Kpi, 6, 0, 3, 2),
                (Gauge, 9, 0, 3, 2),
                (LineChart, 0, 2, 8, 3),
                (DataTable, 8, 2, 4, 6),
                (BarChart, 0, 5, 5, 3),
                (AlertsFeed, 5, 5, 3, 3),
            ],
            Self::BudgetWatch => &[
                (Gauge, 0, 0, 3, 2),
                (BarChart, 3, 0, 5, 4),
                (AlertsFeed, 8, 0, 4, 4),
                (Kpi, 0, 2, 3, 2),
                (DataTable, 0, 4, 4, 4),
                (DataTable, 4, 4, 4, 4),
                (Calendar, 8, 4, 4, 4),
            ],
            Self::ReceivablesAndPayables => &[
                (Kpi, 0, 0, 2, 2),
                (Kpi, 2, 0, 2, 2),
                (BarChart, 4, 0, 5, 4),
                (AlertsFeed, 9, 0, 3, 4),
                (Gauge, 0, 2, 4, 2),
                (DataTable, 0, 4, 7, 4),
                (Calendar, 7, 4, 5, 4),
            ],
            Self::StockHealth => &[
                (Kpi, 0, 0, 2, 2),
                (Kpi, 2, 0, 2, 2),
                (BarChart, 4, 0, 4, 4),
                (DonutChart, 8, 0, 4, 4),
                (Kpi, 0, 2, 4, 2),
                (DataTable, 0, 4, 9, 4),
                (AlertsFeed, 9, 4, 3, 4),
            ],
            Self::MonthlyBoardReport => &[
                (Kpi, 0, 0, 2, 2),
                (Kpi, 2, 0, 2, 2),
                (Kpi, 4, 0, 2, 2),
                (Kpi, 6, 0, 2, 2),
                (Kpi, 8, 0, 2, 2),
                (Kpi, 10, 0, 2, 2),
                (AreaChart, 0, 2, 8, 3),
                (DataTable, 8, 2, 4, 6),
                (DonutChart, 0, 5, 5, 3),
                (Notes, 5, 5, 3, 3),
            ],
            Self::DepartmentCosts => &[
                (Kpi, 0, 0, 3, 2),
                (Kpi, 3, 0, 2, 2),
                (Kpi, 5, 0, 2, 2),
                (DataTable, 7, 0, 5, 4),
                (BarChart, 0, 2, 7, 3),
                (DonutChart, 7, 4, 5, 4),
                (LineChart, 0, 5, 7, 3),
            ],
        }
    }

    /// The template as a file.
    #[cfg(feature = "ssr")]
    pub const fn text(self) -> &'static str {
        match self {
            Self::ExecutiveOverview => include_str!("templates/executive_overview.json"),
            Self::InventoryFocus => include_str!("templates/inventory_focus.json"),
            Self::CashFlow => include_str!("templates/cash_flow.json"),
            Self::RevenueDeepDive => include_str!("templates/revenue_deep_dive.json"),
            Self::ExpenseControl => include_str!("templates/expense_control.json"),
            Self::BudgetWatch => include_str!("templates/budget_watch.json"),
            Self::ReceivablesAndPayables => include_str!("templates/receivables_and_payables.json"),
            Self::StockHealth => include_str!("templates/stock_health.json"),
            Self::MonthlyBoardReport => include_str!("templates/monthly_board_report.json"),
            Self::DepartmentCosts => include_str!("templates/department_costs.json"),
        }
    }

    /// The template's widgets, each with its place. A test reads them all, so none is ever wrong.
    #[cfg(feature = "ssr")]
    pub fn widgets(self) -> Vec<super::model::NewWidget> {
        let Ok(content) = super::code::form::read(self.text()) else { return Vec::new() };
        content
            .widgets
            .into_iter()
            .map(|w| super::model::NewWidget {
                kind: w.kind,
                x: Some(w.x),
                y: Some(w.y),
                w: Some(w.w),
                h: Some(w.h),
                pinned: w.pinned,
                settings: w.settings,
            })
            .collect()
    }
}

impl FromStr for Template {
    type Err = String;
    /// By code or by name.
    fn from_str(s: &str) -> Result<Self, String> {
        Self::ALL
            .into_iter()
            .find(|t| t.code() == s || t.name().eq_ignore_ascii_case(s))
            .ok_or_else(|| format!("“{s}” is not a template."))
    }
}

#[cfg(all(test, feature = "ssr"))]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, reason = "tests")]
    use super::*;
    use crate::dashboards::code::form;

    #[test]
    fn every_template_is_a_file_of_which_the_browser_knows_the_places() {
        for template in Template::ALL {
            let content = form::read(template.text()).unwrap_or_else(|p| panic!("{template:?}: {p:#?}"));
            assert_eq!(content.name, template.name());
            assert_eq!(content.description, template.description());
            let spots: Vec<Spot> = content.widgets.iter().map(|w| (w.kind, w.x, w.y, w.w, w.h)).collect();
            assert_eq!(spots, template.spots(), "{template:?}");
            assert_eq!(template.name().parse::<Template>().unwrap(), template);
            assert_eq!(template.code().parse::<Template>().unwrap(), template);
            assert_eq!(serde_json::to_value(template).unwrap(), template.code());
        }
    }
}
