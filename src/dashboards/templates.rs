//! Spec 4's three templates: what a dashboard may begin with.

use super::model::NewWidget;
use crate::widgets::WidgetKind;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::str::FromStr;

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Template {
    ExecutiveOverview,
    InventoryFocus,
    CashFlow,
}

impl Template {
    pub const ALL: [Template; 3] = [Template::ExecutiveOverview, Template::InventoryFocus, Template::CashFlow];

    /// For forms and addresses.
    pub const fn code(self) -> &'static str {
        match self {
            Self::ExecutiveOverview => "executive_overview",
            Self::InventoryFocus => "inventory_focus",
            Self::CashFlow => "cash_flow",
        }
    }

    pub const fn name(self) -> &'static str {
        match self {
            Self::ExecutiveOverview => "Executive Overview",
            Self::InventoryFocus => "Inventory Focus",
            Self::CashFlow => "Cash Flow",
        }
    }

    pub const fn description(self) -> &'static str {
        match self {
            Self::ExecutiveOverview => "High-level business metrics",
            Self::InventoryFocus => "Stock and materials tracking",
            Self::CashFlow => "Payments and cash management",
        }
    }

    /// The template's widgets, each with its place.
    pub fn widgets(self) -> Vec<NewWidget> {
        use WidgetKind::*;
        let widget = |kind, (x, y, w, h): (u16, u16, u16, u16), settings: Value| NewWidget {
            kind,
            x: Some(x),
            y: Some(y),
            w: Some(w),
            h: Some(h),
            settings,
        };
        let metric = |code: &str, title: &str| json!({"metric": code, "title": title});
        match self {
            Self::ExecutiveOverview => vec![
                widget(Kpi, (0, 0, 3, 2), metric("total_revenue", "Revenue")),
                widget(Kpi, (3, 0, 3, 2), metric("total_expenses", "Expenses")),
                widget(Kpi, (6, 0, 3, 2), metric("net_profit", "Net Profit")),
                widget(Kpi, (9, 0, 3, 2), metric("pending_payments", "Pending")),
                widget(LineChart, (0, 2, 8, 4), metric("revenue_trend", "Revenue Trend")),
                widget(DonutChart, (8, 2, 4, 4), metric("expenses_by_category", "Expenses")),
            ],
            Self::InventoryFocus => vec![
                widget(Kpi, (0, 0, 3, 2), metric("total_items", "Total Items")),
                widget(Kpi, (3, 0, 3, 2), metric("low_stock_count", "Low Stock")),
                widget(Kpi, (6, 0, 3, 2), metric("inventory_value", "Total Value")),
                widget(AlertsFeed, (9, 0, 3, 6), json!({"filter": "inventory"})),
                widget(BarChart, (0, 2, 9, 4), metric("stock_by_category", "Stock by Category")),
            ],
            Self::CashFlow => vec![
                widget(Kpi, (0, 0, 4, 2), metric("cash_in", "Cash In")),
                widget(Kpi, (4, 0, 4, 2), metric("cash_out", "Cash Out")),
                widget(Gauge, (8, 0, 4, 4), metric("collection_rate", "Collection Rate")),
                widget(AreaChart, (0, 2, 8, 4), metric("cash_flow_trend", "Cash Flow")),
            ],
        }
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

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, reason = "tests")]
    use super::*;
    use crate::{dashboards::model::check_layout, ids::WidgetId};
    use uuid::Uuid;

    #[test]
    fn every_template_is_a_dashboard_that_could_be_stored() {
        for template in Template::ALL {
            let mut widgets = Vec::new();
            for (n, new) in template.widgets().into_iter().enumerate() {
                widgets.push(new.place(WidgetId(Uuid::from_u128(n as u128)), &widgets).unwrap());
            }
            check_layout(&widgets).unwrap();
            assert_eq!(template.name().parse::<Template>().unwrap(), template);
            assert_eq!(template.code().parse::<Template>().unwrap(), template);
        }
    }
}
