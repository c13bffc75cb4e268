//! Every kind of widget shows its own organisation's records, to the last digit, and nobody else's.

use crate::support::{self, TestApp};
use belvedere::{
    accounts::Member,
    ids::WidgetId,
    metrics::{AlertKind, Comparison, Filters, TimeRange, alerts},
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

#[tokio::test]
async fn alerts_stand_by_urgency_and_pages_hold_each_of_them_once() {
    let db = support::database().await;
    let ada = support::tenant(&db, "Ada").await;
    let mut tx = db.tenant(&ada).await.unwrap();
    let organization = tx.organization_id();
    for text in [
        "insert into payments (organization_id, id, party, issued_on, due_date, amount, currency) values
           ($1, gen_random_uuid(), 'Late', '2026-01-01', '2026-11-18', 9000, 'USD'),
           ($1, gen_random_uuid(), 'Latest', '2026-01-01', '2026-08-01', 5, 'USD'),
           ($1, gen_random_uuid(), 'Later', '2026-01-01', '2026-10-01', 7, 'USD'),
           ($1, gen_random_uuid(), 'Later', '2026-01-01', '2026-10-01', 7, 'USD')",
        "insert into categories (organization_id, id, name) values ($1, '018f0000-0000-7000-8000-000000000001', 'Freight')",
        "insert into transactions (organization_id, id, date, type, category_id, amount, currency) values
           ($1, gen_random_uuid(), '2026-11-05', 'expense', '018f0000-0000-7000-8000-000000000001', 95, 'USD')",
        "insert into budgets (organization_id, id, month, category_id, amount, currency) values
           ($1, gen_random_uuid(), '2026-11-01', '018f0000-0000-7000-8000-000000000001', 100, 'USD')",
        "insert into materials (organization_id, id, sku, name, quantity, min_stock, currency) values
           ($1, gen_random_uuid(), 'A', 'Enough', 1, 0, 'USD'), ($1, gen_random_uuid(), 'B', 'Unwanted', 0, 0, 'USD'),
           ($1, gen_random_uuid(), 'C', 'Nearly', 9, 10, 'USD'), ($1, gen_random_uuid(), 'D', 'Half', 50, 100, 'USD'),
           ($1, gen_random_uuid(), 'E', 'Few missing', 0, 5, 'USD'), ($1, gen_random_uuid(), 'F', 'Many missing', 0, 50, 'USD')",
    ] {
        sqlx::query(text).bind(organization).execute(tx.conn()).await.unwrap_or_else(|e| panic!("{e}: {text}"));
    }
    let now = Utc.with_ymd_and_hms(2026, 11, 20, 9, 0, 0).unwrap();
    let everything = Filters::default();
    let all = alerts::list(&mut tx, ada.organization(), None, &everything, 50, now).await.unwrap();
    let titles: Vec<&str> = all.iter().map(|alert| alert.title.split(" is ").next().unwrap()).collect();
    let payments = ["Latest", "Later", "Later", "Late"];
    let critical = ["Low stock: Many missing", "Low stock: Few missing", "Low stock: Unwanted"];
    let warnings = ["Budget for Freight", "Low stock: Half", "Low stock: Nearly"];
    assert_eq!(titles, [payments.as_slice(), &critical, &warnings].concat());
    for (limit, kind) in [(1, None), (3, None), (2, Some(AlertKind::Inventory))] {
        let (mut seen, mut cursor) = (Vec::new(), None::<String>);
        loop {
            let organization = ada.organization();
            let page =
                alerts::page(&mut tx, organization, kind, &everything, limit, cursor.as_deref(), now).await.unwrap();
            assert!(page.items.len() == limit as usize || page.next_cursor.is_none());
            seen.extend(page.items);
            cursor = page.next_cursor;
            if cursor.is_none() {
                break;
            }
        }
        let wanted: Vec<_> = all.iter().filter(|alert| kind.is_none_or(|kind| alert.kind == kind)).cloned().collect();
        assert_eq!(seen, wanted, "{limit} at a time");
    }
}

#[tokio::test]
async fn programs_read_alerts_a_page_at_a_time_from_the_oldest_overdue_payment_on() {
    let app = TestApp::new().await;
    let mut ada = app.signed_up("Ada").await;
    for (party, due) in [("New", "2020-05-01"), ("Old", "2020-01-01")] {
        let payment =
            json!({"party": party, "issued_on": "2019-12-01", "due_date": due, "amount": "5", "currency": "USD"});
        assert_eq!(ada.post_json("/api/v1/payments", &payment).await.status, 201);
    }
    let first = ada.get_json("/api/v1/alerts?limit=1").await.json();
    assert!(first["items"][0]["title"].as_str().unwrap().starts_with("Old is "), "{first}");
    let cursor = first["next_cursor"].as_str().unwrap();
    let second = ada.get_json(&format!("/api/v1/alerts?limit=1&cursor={cursor}")).await.json();
    assert!(second["items"][0]["title"].as_str().unwrap().starts_with("New is "), "{second}");
    assert!(second["next_cursor"].is_null(), "{second}");
    assert_eq!(ada.get_json("/api/v1/alerts?cursor=nonsense").await.status, 422);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_empty_dashboard_of_stock_asks_for_stock_and_not_for_another_time_range() {
    let app = TestApp::new().await;
    let mut ada = app.signed_up("Ada").await;
    let widgets = json!([
        {"kind": "bar_chart", "settings": {"metric": "stock_by_category"}},
        {"kind": "data_table", "settings": {"source": "materials"}},
    ]);
    let made = ada.post_json("/api/v1/dashboards", &json!({"name": "Shelves", "widgets": widgets})).await.json();
    let path = format!("/dashboards/{}?view=standard", made["id"].as_str().unwrap());
    let page = ada.get(&path).await.text;
    let empty = ["There are no materials yet.", "No materials yet</p>", "/imports/new?target=materials", "/stock/new"];
    let filtered = ada.get(&format!("{path}&f.stock_category=Wheels")).await.text;
    for words in empty {
        assert!(page.contains(words), "{words}: {page}");
        assert!(filtered.contains(words), "where there is nothing, filters are not to blame: {words}: {filtered}");
    }
    assert!(!page.contains("fall into this time range"), "{page}");
    let material = json!({"sku": "S-1", "name": "Frame", "category": "Frames", "quantity": "3", "currency": "USD"});
    assert_eq!(ada.post_json("/api/v1/materials", &material).await.status, 201);
    let page = ada.get(&path).await.text;
    assert!(page.contains("Frames") && empty.iter().all(|words| !page.contains(words)), "{page}");
    let page = ada.get(&format!("{path}&f.stock_category=Wheels")).await.text;
    assert!(page.contains("No materials match the filters.") && !page.contains(empty[0]), "{page}");
}

#[tokio::test]
async fn what_a_card_s_own_conditions_leave_out_is_not_blamed_on_the_dashboard_s_filters() {
    let db = support::database().await;
    let ada = support::tenant(&db, "Ada").await;
    let kinds = [
        (WidgetKind::DataTable, json!({"source": "payments", "filters": [condition("party", "Nobody")]})),
        (
            WidgetKind::BarChart,
            json!({"metric": "total_expenses", "group_by": "category", "filters": [condition("reference", "X-9")]}),
        ),
    ];
    for (kind, settings) in kinds.clone() {
        let html = draw(&db, &ada, kind, settings).await;
        assert!(html.contains("No payments yet") || html.contains("No transactions yet"), "{kind}: {html}");
    }
    fill(&db, &ada, "Contoso").await;
    for (kind, settings) in kinds {
        let html = draw(&db, &ada, kind, settings).await;
        assert!(html.contains("of this time range meet the card’s own conditions."), "{kind}: {html}");
    }
}

fn condition(field: &str, value: &str) -> Value {
    json!({"field": field, "operator": "=", "value": value})
}

#[tokio::test(flavor = "multi_thread")]
async fn a_calendar_is_turned_by_the_address_within_its_range() {
    let app = TestApp::new().await;
    let mut ada = app.signed_up("Ada").await;
    for (party, due) in [("September Ltd", "2020-09-10"), ("October Ltd", "2020-10-10")] {
        let payment =
            json!({"party": party, "issued_on": "2020-08-01", "due_date": due, "amount": "5", "currency": "USD"});
        assert_eq!(ada.post_json("/api/v1/payments", &payment).await.status, 201);
    }
    let new = json!({"name": "Due", "widgets": [{"kind": "calendar", "settings": {"show": ["payments"]}}]});
    let made = ada.post_json("/api/v1/dashboards", &new).await.json();
    let (id, widget) = (made["id"].as_str().unwrap().to_owned(), made["widgets"][0]["id"].as_str().unwrap().to_owned());
    let path = format!("/dashboards/{id}?from=2020-08-01&to=2020-11-01");
    let button = |month: &str| format!("value=\"{widget}:{month}\"");
    let last = ada.get(&path).await.text;
    assert!(last.contains("October 2020") && last.contains("October Ltd") && !last.contains("September Ltd"), "{last}");
    assert!(last.contains(&button("2020-09")) && !last.contains(&button("2020-11")), "{last}");
    let turned = ada.get(&format!("{path}&table={widget}:2020-09")).await.text;
    assert!(turned.contains("September Ltd") && !turned.contains("October Ltd"), "{turned}");
    assert!(turned.contains(&button("2020-08")) && turned.contains(&button("2020-10")), "{turned}");
    let beyond = ada.get(&format!("{path}&table={widget}:2020-12")).await.text;
    assert!(beyond.contains("October Ltd") && !beyond.contains("December 2020"), "{beyond}");
}
