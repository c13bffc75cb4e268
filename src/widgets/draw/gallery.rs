//! Writes a page with every kind in many states into the target folder, to be looked at in a browser:
//! `cargo test --features ssr --lib widgets::draw::gallery`, then open `target/widgets.html`. The same
//! drawings are checked for being well-formed.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "tests")]

use super::{
    calendar,
    data::{self, Data, Found},
    html::Esc,
    nothing::Nothing,
    sheet::Value,
};
use crate::{
    metrics::{
        Alert, AlertKind, Cell, Column, Comparison, Direction, Grain, MetricAnswer, Period, Point, Row, Rows, Series,
        Status, ValueFormat,
    },
    widgets::{WidgetKind, settings::*},
};
use chrono::{Months, NaiveDate};
use rust_decimal::Decimal;
use serde_json::json;
use std::fmt::Write as _;

pub(super) fn d(text: &str) -> Decimal {
    text.parse().unwrap()
}

pub(super) fn answer(name: &str, series: Vec<Series>) -> MetricAnswer {
    MetricAnswer {
        code: "total_revenue".into(),
        name: name.into(),
        value: Some(d("39421337.12")),
        count: 1204,
        counted: "1,204 transactions".into(),
        format: ValueFormat::Currency,
        unit: Some("USD".into()),
        direction: Direction::HigherIsBetter,
        status: Status::Normal,
        target: None,
        comparison_value: Some(d("36370001.50")),
        change_percent: Some(d("8.4")),
        period: Period { from: NaiveDate::from_ymd_opt(2025, 11, 1), to: NaiveDate::from_ymd_opt(2026, 11, 1) },
        comparison_period: None,
        grain: Some(Grain::Month),
        group_by: None,
        series,
        filtered: false,
        sources: vec!["transactions".into()],
        standing: false,
        lack: Default::default(),
        as_of: chrono::DateTime::UNIX_EPOCH,
    }
}

/// Months from November 2025 on, around `base`, always the same.
pub(super) fn months(label: &str, n: usize, base: i64, comparison: bool) -> Series {
    let first = NaiveDate::from_ymd_opt(2025, 11, 1).unwrap();
    let value = |i: usize, lift: i64| {
        let wave = [0, 16, -8, 28, 16, 44, 28, 52, 36, 60, 52, 74][i % 12] + (i as i64 / 12) * 9;
        Some(Decimal::new(base * (100 + wave + lift) + 37, 2))
    };
    let points = |lift: i64| {
        (0..n)
            .map(|i| {
                let day = first + Months::new(i as u32);
                Point { key: day.to_string(), label: day.format("%b %Y").to_string(), value: value(i, lift) }
            })
            .collect()
    };
    Series { label: label.into(), points: points(0), comparison: if comparison { points(-14) } else { Vec::new() } }
}

pub(super) fn groups(names: &[(&str, &str)]) -> MetricAnswer {
    let points = names
        .iter()
        .map(|(name, value)| Point { key: (*name).into(), label: (*name).into(), value: value.parse().ok() })
        .collect();
    let mut a = answer("Expenses", vec![Series { label: "Expenses".into(), points, comparison: vec![] }]);
    a.grain = None;
    a.group_by = Some("category".into());
    a.value = a.series[0].points.iter().filter_map(|p| p.value).reduce(|a, b| a + b);
    a
}

pub(super) fn settings(kind: WidgetKind, value: serde_json::Value) -> WidgetSettings {
    parse(kind, &value).unwrap()
}

macro_rules! read {
    ($variant:ident, $json:tt) => {{
        let kind = WidgetKind::ALL.into_iter().find(|k| format!("{k:?}") == stringify!($variant)).unwrap();
        match settings(kind, json!($json)) {
            WidgetSettings::$variant(s) => s,
            other => panic!("{other:?}"),
        }
    }};
}

const YEAR: Option<Comparison> = Some(Comparison::YearBefore);

const CATEGORIES: [(&str, &str); 6] = [
    ("Salaries", "12981340.25"),
    ("Standard cost of sales", "7490112.00"),
    ("Commissions", "4944200.10"),
    ("Marketing", "3001240.00"),
    ("Building Leasehold", "1750120.99"),
    ("Other", "902324.66"),
];

fn metric(settings: WidgetSettings, answer: &MetricAnswer, comparison: Option<Comparison>) -> Found {
    Found { settings, comparison, data: Data::Metric(answer.clone()) }
}

fn other(kind: WidgetKind, json: serde_json::Value, data: Data) -> Found {
    Found { settings: settings(kind, json), comparison: None, data }
}

/// (heading, width in columns of 12, rows, what it shows)
pub(super) fn cards() -> Vec<(&'static str, u16, u16, Found)> {
    let mut cards = Vec::new();
    let mut add = |title: &'static str, w: u16, h: u16, found: Found| cards.push((title, w, h, found));
    let revenue = answer("Revenue", vec![months("Revenue", 12, 2_310_000, true)]);
    let kpi = read!(Kpi, {"metric": "total_revenue", "title": "Revenue"});
    add("Revenue", 3, 2, metric(WidgetSettings::Kpi(kpi.clone()), &revenue, YEAR));
    let mut expenses = revenue.clone();
    expenses.direction = Direction::LowerIsBetter;
    expenses.value = Some(d("31070000"));
    expenses.comparison_value = Some(d("30140000"));
    add(
        "Expenses",
        3,
        2,
        metric(WidgetSettings::Kpi(read!(Kpi, {"metric": "total_expenses", "color": 2})), &expenses, YEAR),
    );
    let mut profit = revenue.clone();
    profit.value = Some(d("8350000"));
    profit.comparison_value = Some(d("6230000"));
    profit.target = Some(d("8000000"));
    add(
        "Net profit",
        3,
        2,
        metric(WidgetSettings::Kpi(read!(Kpi, {"metric": "net_profit", "color": 3})), &profit, YEAR),
    );
    let mut pending = answer("Pending payments", vec![]);
    pending.value = Some(d("3870012.5"));
    pending.comparison_value = None;
    pending.status = Status::Warning;
    pending.count = 225;
    pending.direction = Direction::LowerIsBetter;
    add(
        "Pending payments",
        3,
        2,
        metric(WidgetSettings::Kpi(read!(Kpi, {"metric": "pending_payments"})), &pending, YEAR),
    );
    let line = read!(LineChart, {"metric": "revenue_trend"});
    add("Revenue trend", 8, 4, metric(WidgetSettings::LineChart(line.clone()), &revenue, YEAR));
    let donut = read!(DonutChart, {"metric": "expenses_by_category"});
    add("Expenses by category", 4, 4, metric(WidgetSettings::DonutChart(donut.clone()), &groups(&CATEGORIES), None));
    let alert = |severity, title: &str, detail: &str| Alert {
        kind: AlertKind::Inventory,
        severity,
        title: title.into(),
        detail: detail.into(),
        entity_type: "material".into(),
        entity_id: uuid::Uuid::nil(),
        href: "/stock/1".into(),
    };
    let alerts = vec![
        alert(Status::Critical, "PO-3981 is 12 days overdue, $48,210.00", "Integrated Sport Products · due 8 Nov"),
        alert(Status::Warning, "Low stock: HL Road Frame, Black 58", "375 left, minimum 500"),
        alert(
            Status::Warning,
            "Low stock: a very long name of a part that does not fit into one line of a narrow card",
            "0 left, minimum 100",
        ),
    ];
    add("Alerts", 4, 4, other(WidgetKind::AlertsFeed, json!({}), Data::Alerts { alerts, more: true }));
    let due = |reference: &str, party: &str, day: u32, status: &str, amount: &str| Row {
        id: uuid::Uuid::nil(),
        cells: vec![
            Cell::Text(reference.into()),
            Cell::Text(party.into()),
            Cell::Date(NaiveDate::from_ymd_opt(2026, 11, day).unwrap()),
            Cell::Text(status.into()),
            Cell::YesNo(status == "approved"),
            Cell::Money { amount: d(amount), currency: "USD".into() },
            Cell::Nothing,
        ],
    };
    let rows = Rows {
        offset: 0,
        source: "payments".into(),
        columns: [
            ("reference", "Reference"),
            ("party", "Vendor"),
            ("due_date", "Due"),
            ("status", "Status"),
            ("overdue", "Overdue"),
            ("amount", "Amount"),
            ("note", "Note"),
        ]
        .map(|(name, label)| Column { name: name.into(), label: label.into(), numeric: name == "amount" })
        .to_vec(),
        rows: vec![
            due("PO-4012", "Integrated Sport Products", 23, "pending", "1097448"),
            due("PO-3998", "Advanced Bicycles", 25, "approved", "412300.67"),
            due("PO-3977", "=Litware, Inc.", 30, "paid", "0.0375"),
            due("PO-3971", "An exceedingly long vendor name GmbH & Co. KG", 30, "rejected", "15.4"),
        ],
        total: 225,
    };
    let payments = json!({"source": "payments", "title": "Largest payments due"});
    add(
        "Largest payments due",
        8,
        4,
        other(WidgetKind::DataTable, payments.clone(), Data::Rows(rows.clone(), Nothing::default())),
    );
    let none = Rows { rows: Vec::new(), total: 0, ..rows };
    add("No payments", 4, 3, other(WidgetKind::DataTable, payments, Data::Rows(none, Nothing::default())));
    let mut flow =
        answer("Cash flow", vec![months("Income", 12, 2_310_000, false), months("Expense", 12, 1_900_000, false)]);
    for (i, p) in flow.series[1].points.iter_mut().enumerate() {
        p.value = p.value.map(|v| v + Decimal::from((i % 5) as i64 * 210_000));
    }
    let area = read!(AreaChart, {"metric": "cash_flow_trend", "color": 3});
    add("Cash flow", 8, 4, metric(WidgetSettings::AreaChart(area.clone()), &flow, None));
    let mut rate = answer("Collection rate", vec![]);
    rate.format = ValueFormat::Percentage;
    rate.unit = Some("%".into());
    rate.value = Some(d("91.4532"));
    rate.comparison_value = Some(d("88.1"));
    rate.target = Some(d("95"));
    let gauge = read!(Gauge, {"metric": "collection_rate", "warning": 80, "critical": 60});
    add("Collection rate", 4, 4, metric(WidgetSettings::Gauge(gauge.clone()), &rate, YEAR));
    let stock =
        groups(&[("Bikes", "128400"), ("Components", "88412"), ("Clothing", "14203"), ("Accessories", "31200")]);
    let bars_auto = read!(BarChart, {"metric": "stock_by_category", "color": 3});
    add("Stock by category", 6, 4, metric(WidgetSettings::BarChart(bars_auto.clone()), &stock, None));
    add("Expenses by category", 6, 4, metric(WidgetSettings::BarChart(bars_auto.clone()), &groups(&CATEGORIES), None));
    add(
        "Revenue by month",
        6,
        3,
        metric(WidgetSettings::BarChart(read!(BarChart, {"metric": "r", "target": 3500000})), &revenue, YEAR),
    );
    add("Cash flow by month", 6, 3, metric(WidgetSettings::BarChart(bars_auto.clone()), &flow, None));
    add(
        "Ring",
        2,
        2,
        metric(WidgetSettings::ProgressRing(read!(ProgressRing, {"metric": "m", "color": 3})), &rate, None),
    );
    let mut over = rate.clone();
    over.value = Some(d("112"));
    add(
        "Ring, over",
        2,
        2,
        metric(WidgetSettings::ProgressRing(read!(ProgressRing, {"metric": "m", "target": 100})), &over, None),
    );
    add(
        "Ring, money",
        3,
        3,
        metric(
            WidgetSettings::ProgressRing(read!(ProgressRing, {"metric": "m", "target": 20000000, "color": 4})),
            &profit,
            None,
        ),
    );
    add("Gauge, small", 2, 2, metric(WidgetSettings::Gauge(gauge.clone()), &rate, None));
    let mut low = rate.clone();
    low.value = Some(d("52"));
    add("Gauge, critical", 3, 3, metric(WidgetSettings::Gauge(gauge.clone()), &low, None));
    let spark = read!(Sparkline, {"metric": "total_revenue"});
    add("Revenue", 3, 1, metric(WidgetSettings::Sparkline(spark.clone()), &revenue, YEAR));
    add("Revenue", 2, 1, metric(WidgetSettings::Sparkline(spark.clone()), &revenue, None));
    add("Revenue", 3, 2, metric(WidgetSettings::Sparkline(spark.clone()), &expenses, YEAR));
    add("Notes", 4, 4, other(WidgetKind::Notes, json!({"text": NOTE}), Data::Notes));
    let day = |n: u32| NaiveDate::from_ymd_opt(2026, 11, n).unwrap();
    let entry = |n: u32, title: &str, class: &'static str| calendar::Entry {
        day: day(n),
        title: title.into(),
        amount: Value::Money(Decimal::new(4_821_000, 2), "USD".into()),
        class,
    };
    let entries = vec![
        entry(1, "Budget Travel", "plain"),
        entry(8, "Integrated Sport Products", "critical"),
        entry(8, "Allenson", "warning"),
        entry(12, "Litware, Inc.", "good"),
        entry(20, "Advanced Bicycles", "warning"),
        entry(30, "Litware, Inc.", "warning"),
        entry(18, "Transactions imported", "event"),
    ];
    let month = calendar::Month { first: day(1), today: day(20), entries, left_out: 0, before: None, after: None };
    add("Calendar", 6, 5, other(WidgetKind::Calendar, json!({}), Data::Calendar(month.clone())));
    add("Calendar, smallest", 4, 4, other(WidgetKind::Calendar, json!({}), Data::Calendar(month)));
    add(
        "Metric table",
        6,
        4,
        metric(WidgetSettings::DataTable(TableSettings::Metric(read_table())), &groups(&CATEGORIES), None),
    );
    // States.
    let mut losses = answer("Net profit", vec![months("Net profit", 12, 900_000, true)]);
    for (i, p) in losses.series[0].points.iter_mut().enumerate() {
        p.value = if i == 5 { None } else { p.value.map(|v| v - Decimal::from(i as i64 % 4 * 700_000)) };
    }
    losses.value = Some(d("-1240000.50"));
    add("Negative and a gap", 6, 4, metric(WidgetSettings::LineChart(line.clone()), &losses, YEAR));
    add("Negative bars", 6, 4, metric(WidgetSettings::BarChart(bars_auto.clone()), &losses, None));
    add("Negative", 3, 2, metric(WidgetSettings::Kpi(kpi.clone()), &losses, YEAR));
    let one = answer("Revenue", vec![months("Revenue", 1, 2_000_000, false)]);
    add("One point", 4, 3, metric(WidgetSettings::LineChart(line.clone()), &one, None));
    add("One bar", 4, 3, metric(WidgetSettings::BarChart(bars_auto.clone()), &one, None));
    let none = answer("Revenue", vec![]);
    add("Empty", 4, 3, metric(WidgetSettings::LineChart(line.clone()), &none, None));
    add("Empty alerts", 3, 3, other(WidgetKind::AlertsFeed, json!({}), Data::Alerts { alerts: vec![], more: false }));
    let names: Vec<(String, String)> =
        (0..40).map(|i| (format!("Category number {i} with a long name"), (100_000 - i * 2_311).to_string())).collect();
    let forty: Vec<(&str, &str)> = names.iter().map(|(a, b)| (a.as_str(), b.as_str())).collect();
    add("Forty categories", 6, 4, metric(WidgetSettings::BarChart(bars_auto.clone()), &groups(&forty), None));
    add(
        "Forty upright",
        6,
        4,
        metric(WidgetSettings::BarChart(read!(BarChart, {"metric": "m", "bars": "upright"})), &groups(&forty), None),
    );
    add("Twelve slices", 3, 3, metric(WidgetSettings::DonutChart(donut.clone()), &groups(&forty[..12]), None));
    add("Donut wide", 6, 3, metric(WidgetSettings::DonutChart(donut.clone()), &groups(&CATEGORIES), None));
    let mut huge = answer("Huge", vec![months("Huge", 12, 91_234_567_890_123, true)]);
    huge.value = Some(d("99999999999999.9999"));
    add("Huge", 4, 3, metric(WidgetSettings::LineChart(line.clone()), &huge, YEAR));
    add("Huge", 2, 2, metric(WidgetSettings::Kpi(kpi.clone()), &huge, YEAR));
    let long = answer("Revenue", vec![months("Revenue", 60, 2_310_000, true)]);
    add("Sixty months, wide", 12, 4, metric(WidgetSettings::LineChart(line.clone()), &long, YEAR));
    let mut daily = answer("Revenue", vec![months("Revenue", 200, 2_310_000, false)]);
    daily.grain = Some(Grain::Day);
    for (i, p) in daily.series[0].points.iter_mut().enumerate() {
        let day = NaiveDate::from_ymd_opt(2026, 1, 1).unwrap() + chrono::Days::new(i as u64);
        p.key = day.to_string();
        p.label = crate::format::date(day);
    }
    add("Two hundred days", 6, 4, metric(WidgetSettings::AreaChart(line.clone()), &daily, None));
    add("Two hundred bars", 6, 4, metric(WidgetSettings::BarChart(bars_auto.clone()), &daily, None));
    let hostile = groups(&[("<script>alert(1)</script>", "5"), ("\"'&\" onmouseover=x", "3"), ("ノート 日本語", "2")]);
    add("Hostile names", 6, 3, metric(WidgetSettings::BarChart(bars_auto.clone()), &hostile, None));
    add("Hostile names", 4, 3, metric(WidgetSettings::DonutChart(donut.clone()), &hostile, None));
    let mut falling = trend_settings();
    falling.target = Some(d("3500000"));
    let full = read!(Kpi, {"metric": "r", "notation": "full", "decimals": 2, "warning": 50000000});
    add("Every digit, warning", 4, 2, metric(WidgetSettings::Kpi(full), &revenue, YEAR));
    let limits = read!(LineChart, {"metric": "r", "target": 3500000, "warning": 2500000, "critical": 0});
    add("Target and thresholds", 8, 4, metric(WidgetSettings::LineChart(limits), &revenue, None));
    let limits = read!(BarChart, {"metric": "r", "bars": "lying", "warning": 5000000, "critical": 2000000});
    add("Bars against thresholds", 6, 4, metric(WidgetSettings::BarChart(limits.clone()), &groups(&CATEGORIES), None));
    let ring = read!(ProgressRing, {"metric": "m", "target": 100, "warning": 95, "critical": 60});
    add("Ring, warning", 3, 3, metric(WidgetSettings::ProgressRing(ring), &rate, None));
    let spark = read!(Sparkline, {"metric": "m", "critical": 50000000});
    add("Sparkline, critical", 4, 1, metric(WidgetSettings::Sparkline(spark), &revenue, YEAR));
    let table = TableSettings::Metric(MetricTable { limits: limits.limits, ..read_table() });
    add("Table against thresholds", 6, 4, metric(WidgetSettings::DataTable(table), &groups(&CATEGORIES), None));
    add("With a target", 6, 4, metric(WidgetSettings::LineChart(falling.clone()), &revenue, None));
    cards
}

fn trend_settings() -> TrendSettings {
    read!(LineChart, {"metric": "m"})
}

fn read_table() -> MetricTable {
    match read!(DataTable, {"metric": "total_expenses", "group_by": "category"}) {
        TableSettings::Metric(s) => s,
        TableSettings::Records(_) => unreachable!("a metric was given"),
    }
}

const NOTE: &str = "# Month end\n\nClose the books by the **5th**. Steps:\n\n1. Import the bank file\n2. Check [payments](/payments)\n3. Send the report\n\n> Ask Maya when in doubt.\n\n| Who | What |\n|---|---|\n| Ada | VAT |\n| Bob | Payroll |\n\n- [x] done\n- [ ] open\n\n`code` and <b>raw</b>";

#[test]
fn every_kind_in_many_states() {
    let cards: Vec<_> =
        cards().into_iter().map(|(title, w, h, found)| (title, w, h, data::html(&found, h, None))).collect();
    for (title, _, _, body) in &cards {
        super::tests::assert_well_formed(title, body);
    }
    let css = |name: &str| {
        std::fs::read_to_string(format!("{}/style/{name}", env!("CARGO_MANIFEST_DIR"))).unwrap_or_default()
    };
    let mut page = String::from(
        "<!DOCTYPE html><html lang=en><meta charset=utf-8><meta name=viewport content=\"width=device-width\"><title>Widgets</title><style>",
    );
    for name in ["tokens.css", "widgets.css"] {
        page.push_str(&css(name));
    }
    page.push_str(CARD_CSS);
    page.push_str("</style><main class=grid>");
    for (title, w, h, body) in &cards {
        write!(page, "<section class=\"card c{w} r{h}\"><header>{}</header>{body}</section>", Esc(title)).unwrap();
    }
    page.push_str("</main>");
    let folder = std::env::var("CARGO_TARGET_DIR").unwrap_or_else(|_| format!("{}/target", env!("CARGO_MANIFEST_DIR")));
    std::fs::create_dir_all(&folder).unwrap();
    std::fs::write(format!("{folder}/widgets.html"), page).unwrap();
}

/// The card and the grid as the dashboard's page has them.
const CARD_CSS: &str = "*{box-sizing:border-box}body{margin:0;background:var(--bg);color:var(--ink);font:14px/1.45 'Inter Variable',Inter,system-ui,sans-serif;font-variant-numeric:tabular-nums}
.grid{display:grid;grid-template-columns:repeat(12,minmax(0,1fr));grid-auto-rows:80px;gap:12px;padding:20px}
.card{background:var(--surface);border:1px solid var(--line);border-radius:10px;padding:12px 14px;display:flex;flex-direction:column;min-width:0;overflow:hidden}
.card>header{color:var(--ink-2);font-weight:500;font-size:13px;margin-bottom:4px}
.c2{grid-column:span 2}.c3{grid-column:span 3}.c4{grid-column:span 4}.c6{grid-column:span 6}.c8{grid-column:span 8}.c12{grid-column:span 12}
.r1{grid-row:span 1}.r2{grid-row:span 2}.r3{grid-row:span 3}.r4{grid-row:span 4}.r5{grid-row:span 5}
@media(max-width:760px){.grid{grid-template-columns:repeat(2,minmax(0,1fr));padding:12px}.c2,.c3{grid-column:span 1}.c4,.c6,.c8,.c12{grid-column:span 2}}";
