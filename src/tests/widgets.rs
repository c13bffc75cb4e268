//! Every kind of widget shows its own organisation's records, to the last digit, and nobody else's.

use crate::support;
use belvedere::{
    accounts::Member,
    ids::WidgetId,
    metrics::{Comparison, TimeRange},
    server::Database,
    widgets::{
        Widget, WidgetKind,
        draw::{DrawContext, body},
    },
};
use chrono::{TimeZone, Utc};
use serde_json::{Value, json};

/// A small set of books: two months of income and expenses, an overdue payment, a budget and a low shelf.
async fn fill(db: &Database, member: &Member, vendor: &str) {
    let mut tx = db.tenant(member).await.unwrap();
    let organization = tx.organization_id();
    for text in [
        "insert into categories (organization_id, id, name) values ($1, '018f0000-0000-7000-8000-000000000001', 'Salaries')",
        "insert into transactions (organization_id, id, reference, date, type, category_id, amount, currency) values
           ($1, gen_random_uuid(), 'A', '2026-09-10', 'income', null, 1234.5, 'USD'),
           ($1, gen_random_uuid(), 'B', '2026-10-10', 'income', null, 2000.25, 'USD'),
           ($1, gen_random_uuid(), 'C', '2026-10-11', 'expense', '018f0000-0000-7000-8000-000000000001', 700.0375, 'USD')",
        "insert into budgets (organization_id, id, month, category_id, amount, currency) values
           ($1, gen_random_uuid(), '2026-11-01', '018f0000-0000-7000-8000-000000000001', 900, 'USD')",
        "insert into materials (organization_id, id, sku, name, category, quantity, min_stock, unit_cost, currency) values
           ($1, gen_random_uuid(), 'S-1', 'Low frame', 'Frames', 3, 5, 10, 'USD')",
    ] {
        sqlx::query(text).bind(organization).execute(tx.conn()).await.unwrap();
    }
    sqlx::query(
        "insert into payments (organization_id, id, reference, party, issued_on, due_date, amount, currency) values
           ($1, gen_random_uuid(), 'PO-1', $2, '2026-10-01', '2026-11-08', 48210.5, 'USD')",
    )
    .bind(organization)
    .bind(vendor)
    .execute(tx.conn())
    .await
    .unwrap();
    tx.commit().await.unwrap();
}

fn widget(kind: WidgetKind, settings: &Value) -> Widget {
    let sizes = kind.sizes();
    Widget::new(WidgetId::new(), kind, (0, 0, sizes.default_w, sizes.default_h), settings).unwrap()
}

async fn draw(db: &Database, member: &Member, kind: WidgetKind, settings: Value) -> String {
    let mut tx = db.tenant(member).await.unwrap();
    let context = DrawContext {
        range: TimeRange { from: Some("2026-09-01".into()), to: Some("2026-12-01".into()) },
        comparison: Some(Comparison::YearBefore),
        now: Utc.with_ymd_and_hms(2026, 11, 20, 9, 0, 0).unwrap(),
        ..DrawContext::default()
    };
    body(&mut tx, member.organization(), &widget(kind, &settings), &context).await.unwrap()
}

fn every_kind() -> Vec<(WidgetKind, Value)> {
    vec![
        (WidgetKind::Kpi, json!({"metric": "total_revenue"})),
        (WidgetKind::LineChart, json!({"metric": "revenue_trend", "grain": "month"})),
        (WidgetKind::AreaChart, json!({"metric": "cash_flow_trend", "grain": "month"})),
        (WidgetKind::BarChart, json!({"metric": "stock_by_category"})),
        (WidgetKind::DonutChart, json!({"metric": "expenses_by_category"})),
        (WidgetKind::Gauge, json!({"metric": "collection_rate"})),
        (WidgetKind::ProgressRing, json!({"metric": "total_revenue", "target": 6469.5})),
        (WidgetKind::Sparkline, json!({"metric": "total_revenue"})),
        (WidgetKind::DataTable, json!({"source": "payments", "sort": "-amount"})),
        (WidgetKind::DataTable, json!({"metric": "total_expenses", "group_by": "category"})),
        (WidgetKind::AlertsFeed, json!({"filter": "inventory"})),
        (WidgetKind::Calendar, json!({})),
        (WidgetKind::Notes, json!({"text": "# Hello"})),
    ]
}

#[tokio::test]
async fn bodies_hold_the_exact_numbers() {
    let db = support::database().await;
    let ada = support::tenant(&db, "Ada").await;
    fill(&db, &ada, "<b>Litware</b> & \"Sons\"").await;
    let mut bodies = Vec::new();
    for (kind, settings) in every_kind() {
        bodies.push((kind, draw(&db, &ada, kind, settings).await));
    }
    let holds = |kind: WidgetKind, text: &str| {
        assert!(bodies.iter().any(|(k, b)| *k == kind && b.contains(text)), "{kind} shows {text}: {bodies:#?}");
    };
    holds(WidgetKind::Kpi, "$3,234.75");
    holds(WidgetKind::LineChart, "$1,234.50");
    holds(WidgetKind::AreaChart, "$700.0375");
    holds(WidgetKind::DonutChart, "$700.0375");
    holds(WidgetKind::BarChart, "Frames");
    holds(WidgetKind::ProgressRing, "50\u{a0}%");
    holds(WidgetKind::Sparkline, "$3,234.75");
    holds(WidgetKind::DataTable, "$48,210.50");
    holds(WidgetKind::DataTable, "Salaries");
    holds(WidgetKind::AlertsFeed, "Low frame");
    holds(WidgetKind::Calendar, "November 2026");
    holds(WidgetKind::Calendar, "$48,210.50");
    holds(WidgetKind::Calendar, "$900.00");
    holds(WidgetKind::Notes, "<h3>Hello</h3>");
    for (kind, body) in &bodies {
        assert!(!body.contains("<b>Litware"), "{kind} escapes names");
        assert!(!body.contains("<script"), "{kind} has no script");
    }
}

#[tokio::test]
async fn a_new_organization_gets_words_instead_of_somebody_else_s_numbers() {
    let db = support::database().await;
    let ada = support::tenant(&db, "Ada").await;
    let bob = support::tenant(&db, "Bob").await;
    fill(&db, &ada, "Litware").await;
    for (kind, settings) in every_kind() {
        let body = draw(&db, &bob, kind, settings).await;
        for foreign in ["3,234", "48,210", "700.0375", "Frames", "Low frame", "Litware", "Salaries"] {
            assert!(!body.contains(foreign), "{kind} shows {foreign}: {body}");
        }
        assert!(body.starts_with('<') && body.ends_with('>'), "{kind}");
    }
}

#[tokio::test]
async fn a_wrong_name_is_told_and_not_drawn() {
    let db = support::database().await;
    let ada = support::tenant(&db, "Ada").await;
    let mut tx = db.tenant(&ada).await.unwrap();
    let context = DrawContext { now: Utc::now(), ..DrawContext::default() };
    for (kind, settings) in [
        (WidgetKind::Kpi, json!({"metric": "no_such_metric"})),
        (WidgetKind::BarChart, json!({"metric": "total_revenue", "group_by": "shoe_size"})),
        (WidgetKind::DataTable, json!({"source": "users"})),
    ] {
        assert!(body(&mut tx, ada.organization(), &widget(kind, &settings), &context).await.is_err(), "{kind}");
    }
}

#[tokio::test]
async fn settings_of_a_widget_s_own_decide_what_is_counted_and_how_it_is_cut() {
    let db = support::database().await;
    let ada = support::tenant(&db, "Ada").await;
    fill(&db, &ada, "Litware").await;
    let kpi = draw(
        &db,
        &ada,
        WidgetKind::Kpi,
        json!({"metric": "total_revenue", "range": {"from": "2026-10-01", "to": "2026-11-01"}}),
    )
    .await;
    assert!(kpi.contains("$2,000.25") && !kpi.contains("3,234"), "its own range: {kpi}");
    let filtered = draw(
        &db,
        &ada,
        WidgetKind::Kpi,
        json!({"metric": "total_revenue", "filters": [{"field": "reference", "operator": "=", "value": "A"}]}),
    )
    .await;
    assert!(filtered.contains("$1,234.50"), "its own condition beside the metric’s: {filtered}");
    let lines =
        draw(&db, &ada, WidgetKind::LineChart, json!({"metric": "total_expenses", "group_by": "category"})).await;
    assert!(lines.contains("Salaries") && lines.contains("700.0375"), "{lines}");
    let smallest = json!({"metric": "total_revenue", "group_by": "reference", "sort": "value", "limit": 1});
    let mut tx = db.tenant(&ada).await.unwrap();
    let context = DrawContext { now: Utc::now(), ..DrawContext::default() };
    let refused = body(&mut tx, ada.organization(), &widget(WidgetKind::BarChart, &smallest), &context).await;
    assert!(refused.unwrap_err().for_field("group_by").is_some(), "references are nothing to group by");
    let bars = draw(
        &db,
        &ada,
        WidgetKind::BarChart,
        json!({"metric": "total_expenses", "group_by": "category", "sort": "name", "format": "number"}),
    )
    .await;
    assert!(bars.contains("700.0375") && !bars.contains("$700"), "{bars}");
}

#[tokio::test]
async fn the_calendar_shows_what_happened_but_not_to_partners() {
    let db = support::database().await;
    let ada = support::tenant(&db, "Ada").await;
    let bob = support::tenant(&db, "Bob").await;
    let mut tx = db.tenant(&ada).await.unwrap();
    let organization = tx.organization_id();
    for title in ["Transaction A was created", "Transaction B was created"] {
        sqlx::query(
            "insert into activities (organization_id, id, action, entity_type, title, created_at)
             values ($1, gen_random_uuid(), 'created', 'transaction', $2, '2026-11-05 12:00Z')",
        )
        .bind(organization)
        .bind(title)
        .execute(tx.conn())
        .await
        .unwrap();
    }
    tx.commit().await.unwrap();
    let events = json!({"show": ["events"]});
    let body_of = draw(&db, &ada, WidgetKind::Calendar, events.clone()).await;
    assert!(body_of.contains("Transactions created\t2"), "{body_of}");
    assert!(!draw(&db, &bob, WidgetKind::Calendar, events.clone()).await.contains("Transactions created"));
    let mut tx = db.tenant(&ada).await.unwrap();
    let now = Utc.with_ymd_and_hms(2026, 11, 20, 9, 0, 0).unwrap();
    let context = DrawContext { now, partner: true, ..DrawContext::default() };
    let partners = body(&mut tx, ada.organization(), &widget(WidgetKind::Calendar, &events), &context).await.unwrap();
    assert!(!partners.contains("Transactions created"), "{partners}");
}
