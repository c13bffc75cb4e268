//! Files of dashboards: every form holds what the engine says, and nobody gets another tenant's.

use crate::support::{self, TestApp};
use belvedere::{
    accounts::Member,
    dashboards::{
        export::{Asked, File, file, model::Format},
        model::{Dashboard, NewDashboard, NewWidget},
        page::PageQuery,
        store,
    },
    ids::WidgetId,
    server::Database,
    widgets::{WidgetKind, draw::picture::Look},
};
use calamine::{Data, Reader, Xlsx};
use chrono::{DateTime, TimeZone, Utc};
use http::Method;
use serde_json::{Value, json};
use std::io::Cursor;

async fn fill(db: &Database, member: &Member, vendor: &str) {
    let mut tx = db.tenant(member).await.unwrap();
    let organization = tx.organization_id();
    for text in [
        "insert into categories (organization_id, id, name) values ($1, '018f0000-0000-7000-8000-000000000001', 'Salaries')",
        "insert into transactions (organization_id, id, reference, date, type, category_id, amount, currency) values
           ($1, gen_random_uuid(), 'A', '2026-09-10', 'income', null, 1234.5, 'USD'),
           ($1, gen_random_uuid(), 'B', '2026-10-10', 'income', null, 2000.25, 'USD'),
           ($1, gen_random_uuid(), 'C', '2026-10-11', 'expense', '018f0000-0000-7000-8000-000000000001', 700.0375, 'USD')",
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

fn every_kind() -> Vec<(WidgetKind, Value)> {
    vec![
        (WidgetKind::Kpi, json!({"metric": "total_revenue", "title": "Revenue: total?"})),
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
        (WidgetKind::Notes, json!({"text": "# Hello\n\nA **note**."})),
        (WidgetKind::Kpi, json!({"metric": "no_such_metric", "title": "Broken"})),
    ]
}

async fn dashboard(db: &Database, member: &Member) -> Dashboard {
    let editor = member.editor().unwrap();
    let mut tx = db.tenant(&editor).await.unwrap();
    let widget = |(kind, settings)| NewWidget { kind, x: None, y: None, w: None, h: None, pinned: false, settings };
    let widgets = every_kind().into_iter().map(widget).collect();
    let new = NewDashboard { name: "All & everything".into(), widgets, ..NewDashboard::default() };
    let made = store::create(&mut tx, &editor, new).await.unwrap();
    tx.commit().await.unwrap();
    made
}

fn now() -> DateTime<Utc> {
    Utc.with_ymd_and_hms(2026, 11, 20, 9, 0, 0).unwrap()
}

async fn export(
    db: &Database,
    member: &Member,
    dashboard: &Dashboard,
    widget: Option<WidgetId>,
    format: Format,
) -> File {
    let query = PageQuery {
        from: Some("2026-09-01".into()),
        to: Some("2026-12-01".into()),
        compare: Some("none".into()),
        ..PageQuery::default()
    };
    let asked = Asked { query, widget, format, look: Look::Light, with_head: true };
    file(db, member, dashboard, asked, now()).await.unwrap()
}

fn text(file: File) -> String {
    String::from_utf8(file.bytes).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn every_form_holds_the_exact_numbers_and_says_what_they_are_of() {
    let db = support::database().await;
    let ada = support::tenant(&db, "Ada").await;
    fill(&db, &ada, "=HYPERLINK(\"http://evil\") & <b>Sons</b>").await;
    let board = dashboard(&db, &ada).await;
    let all = async |format| export(&db, &ada, &board, None, format).await;

    let csv = text(all(Format::Csv).await);
    for line in [
        "Title,All & everything\r\n",
        "Organisation,Ada & Co\r\n",
        "Compared with,None\r\n",
        "Total revenue,3234.75,",
        "2026-09,1234.5",
        "Salaries,700.0375",
        "Broken\r\nNot found\r\n",
    ] {
        assert!(csv.contains(line), "{line}: {csv}");
    }
    assert!(csv.contains("\"'=HYPERLINK"), "no formula: {csv}");
    assert!(!csv.contains("\nTotal $"), "a column’s sum counts nothing twice: {csv}");

    let json: Value = serde_json::from_str(&text(all(Format::Json).await)).unwrap();
    assert_eq!(json["organization"], "Ada & Co");
    assert_eq!(json["widgets"][0]["data"]["answer"]["value"], "3234.75");
    assert_eq!(json["widgets"].as_array().unwrap().len(), every_kind().len());
    assert!(json["widgets"].as_array().unwrap().iter().any(|w| w["error"].is_string() && w.get("data").is_none()));

    let mut book: Xlsx<_> = Xlsx::new(Cursor::new(all(Format::Xlsx).await.bytes)).unwrap();
    let names = book.sheet_names();
    assert_eq!(names[0], "About");
    assert_eq!(names[1], "Revenue total");
    assert_eq!(names.len(), every_kind().len() + 1);
    let sheet = book.worksheet_range("Revenue total").unwrap();
    assert_eq!(sheet.get_value((1, 1)), Some(&Data::Float(3234.75)), "a number is a number");
    let dates: Vec<_> = sheet.used_cells().filter(|(.., v)| matches!(v, Data::DateTime(_))).collect();
    assert!(dates.len() >= 2, "days are days: {sheet:?}");
    let at = board.widgets.iter().position(|widget| widget.kind == WidgetKind::DonutChart).unwrap();
    let donut = book.worksheet_range(&names[at + 1]).unwrap();
    assert_eq!(donut.get_value((1, 0)), Some(&Data::String("Salaries".into())), "{donut:?}");
    assert_eq!(donut.height(), 2, "and no total below: {donut:?}");

    let svg = text(all(Format::Svg).await);
    for part in ["All &amp; everything", "Ada &amp; Co", "no comparison", "As of 20 Nov 2026", "$48,210.50", "Broken"] {
        assert!(svg.contains(part), "{part}: {svg}");
    }
    assert!(!svg.contains("<b>Sons"), "names are escaped");

    let png = all(Format::Png).await.bytes;
    assert!(png.starts_with(b"\x89PNG"));
    let width = u32::from_be_bytes(png[16..20].try_into().unwrap());
    assert_eq!(width, 2496);

    let pdf = lopdf::Document::load_mem(&all(Format::Pdf).await.bytes).unwrap();
    let pages: Vec<u32> = pdf.get_pages().keys().copied().collect();
    assert!(pages.len() >= 3, "the grid’s rows are on several pages: {pages:?}");
    let words = pdf.extract_text(&pages).unwrap();
    // Where words are apart is left to the reader of a PDF.
    let letters = |text: &str| text.chars().filter(|c| !c.is_whitespace()).collect::<String>();
    for part in ["All & everything", "Ada & Co", "$48,210.50", "Hello", &format!("Page 1 of {}", pages.len())] {
        assert!(letters(&words).contains(&letters(part)), "{part}: {words}");
    }
}

/// A sentence below or among numbers spoils a column for whoever opens the file in a spreadsheet.
#[tokio::test(flavor = "multi_thread")]
async fn what_one_should_know_stands_above_a_table_and_nothing_else_does() {
    let db = support::database().await;
    let ada = support::tenant(&db, "Ada").await;
    fill(&db, &ada, "Litware").await;
    let board = dashboard(&db, &ada).await;
    let calendar = board.widgets.iter().find(|widget| widget.kind == WidgetKind::Calendar).unwrap().id;
    let as_file = async |format, with_head| {
        let query = PageQuery::default();
        let asked = Asked { query, widget: Some(calendar), format, look: Look::Light, with_head };
        file(&db, &ada, &board, asked, now()).await.unwrap()
    };
    let csv = text(as_file(Format::Csv, true).await);
    let (above, table) = csv.split_once("\r\n\r\n").unwrap();
    assert!(above.contains("\r\nTime range,") && above.contains("\r\nNote,"), "{csv}");
    let mut lines = table.lines();
    assert_eq!(lines.next(), Some("Day,Entry,Amount,State,Currency"), "{csv}");
    assert!(lines.all(|line| line.starts_with("20")), "days alone: {csv}");
    assert_eq!(text(as_file(Format::Csv, false).await), table);

    let mut book: Xlsx<_> = Xlsx::new(Cursor::new(as_file(Format::Xlsx, true).await.bytes)).unwrap();
    let names = book.sheet_names();
    let sheet = book.worksheet_range(&names[1]).unwrap();
    let texts = |row: u32| sheet.get_value((row, 0)).filter(|cell| matches!(cell, Data::String(_))).cloned();
    assert!(texts(0).is_some() && texts(1).is_none(), "a note and an empty line: {sheet:?}");
    assert_eq!(texts(2), Some(Data::String("Day".into())), "{sheet:?}");
    assert_eq!(sheet.get_value((2, 4)), Some(&Data::String("Currency".into())), "{sheet:?}");
    assert!((3..sheet.height() as u32).all(|row| texts(row).is_none()), "{sheet:?}");
    let mut bare: Xlsx<_> = Xlsx::new(Cursor::new(as_file(Format::Xlsx, false).await.bytes)).unwrap();
    assert_eq!(bare.sheet_names(), names[1..]);
    let first = bare.worksheet_range(&names[1]).unwrap();
    assert_eq!(first.get_value((0, 0)), Some(&Data::String("Day".into())), "{first:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_board_report_prints_each_of_its_twelve_months_on_one_page() {
    let db = support::database().await;
    let ada = support::tenant(&db, "Ada").await;
    let editor = ada.editor().unwrap();
    let mut tx = db.tenant(&editor).await.unwrap();
    sqlx::query(
        "insert into transactions (organization_id, id, reference, date, type, amount, currency)
         select $1, gen_random_uuid(), kind || n, (date '2025-11-15' + n * interval '1 month')::date, kind,
                case kind when 'income' then 2000 + n else 1000 end, 'USD'
         from generate_series(0, 11) n, unnest(array['income', 'expense']) kind",
    )
    .bind(tx.organization_id())
    .execute(tx.conn())
    .await
    .unwrap();
    let new = NewDashboard { template: Some("monthly_board_report".into()), ..NewDashboard::default() };
    let board = store::create(&mut tx, &editor, NewDashboard { name: "Board".into(), ..new }).await.unwrap();
    tx.commit().await.unwrap();
    let query = PageQuery::default();
    let asked = |format| Asked { query: query.clone(), widget: None, format, look: Look::Light, with_head: true };
    let svg = text(file(&db, &ada, &board, asked(Format::Svg), now()).await.unwrap());
    for month in 0..12 {
        assert!(svg.contains(&format!("$1,0{month:02}.00")), "month {month}: {svg}");
    }
    let pdf = file(&db, &ada, &board, asked(Format::Pdf), now()).await.unwrap();
    assert_eq!(lopdf::Document::load_mem(&pdf.bytes).unwrap().get_pages().len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_widget_leaves_alone_in_every_form() {
    let db = support::database().await;
    let ada = support::tenant(&db, "Ada").await;
    fill(&db, &ada, "Litware").await;
    let board = dashboard(&db, &ada).await;
    for widget in &board.widgets {
        for format in Format::ALL {
            let file = export(&db, &ada, &board, Some(widget.id), format).await;
            assert!(file.bytes.len() > 100, "{} as {format:?}", widget.kind);
            assert!(file.name.ends_with(format.extension()), "{}", file.name);
            if (widget.kind, format) == (WidgetKind::Kpi, Format::Svg) {
                let (heading, svg) = (format!(">{}</text>", widget.title()), text(file));
                assert_eq!(svg.matches(&heading).count(), 1, "named once: {svg}");
            }
        }
    }
    let missing = Asked {
        query: PageQuery::default(),
        widget: Some(WidgetId::new()),
        format: Format::Csv,
        look: Look::Light,
        with_head: true,
    };
    assert!(file(&db, &ada, &board, missing, now()).await.is_err());
}

#[tokio::test(flavor = "multi_thread")]
async fn addresses_answer_their_owner_alone() {
    let app = TestApp::new().await;
    let mut ada = app.signed_up("Ada").await;
    let mut bob = app.signed_up("Bob").await;
    let made = ada.post_json("/api/v1/dashboards", &json!({"name": "Mine, all", "template": "cash_flow"})).await.json();
    let (id, widget) = (made["id"].as_str().unwrap(), made["widgets"][0]["id"].as_str().unwrap());
    for format in Format::ALL {
        let ending = format.extension();
        for path in [format!("/dashboards/{id}.{ending}"), format!("/dashboards/{id}/widgets/{widget}.{ending}")] {
            for path in [path.clone(), format!("/api/v1{path}")] {
                let answer = ada.get(&format!("{path}?compare=none")).await;
                assert_eq!(answer.status, 200, "{path}: {}", answer.text);
                assert_eq!(answer.header("content-type"), format.content_type());
                assert!(answer.header("content-disposition").contains(&format!(".{ending}\"")), "{path}");
                assert_eq!(bob.get(&path).await.status, 404, "{path}");
                let stranger = app.visitor().get(&path).await;
                if path.starts_with("/api") {
                    assert_eq!(stranger.status, 401, "{path}");
                } else {
                    assert!(stranger.header("location").starts_with("/sign-in?next=%2Fdashboards"), "{stranger:?}");
                }
            }
        }
    }
    let name = ada.get(&format!("/dashboards/{id}.csv")).await;
    assert!(name.header("content-disposition").starts_with("attachment; filename=\"mine-all.csv\""), "{name:?}");
    let short = ada.get(&format!("/dashboards/{id}/widgets/{widget}.csv?head=none")).await;
    assert!(short.text.starts_with("Metric,Value"), "{}", short.text);
    assert_eq!(ada.get(&format!("/api/v1/dashboards/{id}.csv?from=soon")).await.status, 422);
    let dark = ada.get(&format!("/dashboards/{id}.svg?theme=dark")).await;
    assert!(dark.text.contains("#101217"));
    // Other members' pages are as they were.
    assert_eq!(ada.get(&format!("/dashboards/{id}")).await.status, 200);
    assert_eq!(ada.get_json(&format!("/api/v1/dashboards/{id}")).await.status, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_pages_file_follows_the_person_s_arrangement_and_a_programs_does_not() {
    let app = TestApp::new().await;
    let mut ada = app.signed_up("Ada").await;
    let note = |title: &str, x: u16| json!({"kind": "notes", "x": x, "y": 0, "w": 3, "h": 3, "settings": {"title": title, "text": "x"}});
    let new = json!({"name": "Board", "widgets": [note("First", 0), note("Second", 3)]});
    let made = ada.post_json("/api/v1/dashboards", &new).await.json();
    let id = made["id"].as_str().unwrap();
    let place = |n: usize, x: u16| json!({"id": made["widgets"][n]["id"], "x": x, "y": 0, "w": 3, "h": 3});
    let arranged = json!({"places": [place(0, 6), place(1, 0)]});
    let put = ada.json(Method::PUT, &format!("/api/v1/dashboards/{id}/arrangement"), &arranged).await;
    assert_eq!(put.status, 204, "{put:?}");
    for (door, expected) in [("", [("Second", 0), ("First", 6)]), ("/api/v1", [("First", 0), ("Second", 3)])] {
        let file = ada.get(&format!("{door}/dashboards/{id}.json")).await.json();
        let widgets = file["widgets"].as_array().unwrap().iter();
        let seen: Vec<_> = widgets.map(|w| (w["title"].as_str().unwrap(), w["x"].as_u64().unwrap())).collect();
        assert_eq!(seen, expected, "{door}");
        let csv = ada.get(&format!("{door}/dashboards/{id}.csv")).await.text;
        assert_eq!(csv.find("Second") < csv.find("First"), door.is_empty(), "{csv}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_is_refused_where_its_address_means_nothing() {
    let app = TestApp::new().await;
    let mut ada = app.signed_up("Ada").await;
    let made = ada.post_json("/api/v1/dashboards", &json!({"name": "Board", "template": "cash_flow"})).await.json();
    let (id, widget) = (made["id"].as_str().unwrap(), made["widgets"][0]["id"].as_str().unwrap());
    let link = ada.post_json(&format!("/api/v1/dashboards/{id}/share"), &json!({})).await.json();
    let shared = link["share_url"].as_str().unwrap();
    for file in [
        format!("/dashboards/{id}.csv"),
        format!("/dashboards/{id}/widgets/{widget}.csv"),
        format!("/api/v1/dashboards/{id}.csv"),
        format!("/api/v1/dashboards/{id}/widgets/{widget}.csv"),
        format!("{shared}.csv"),
        format!("{shared}/widgets/{widget}.csv"),
        format!("/api/v1/dashboards{shared}.csv"),
    ] {
        for (wrong, named) in [
            ("f.colour=red", "There is no filter “colour”."),
            ("f.status=payed", "Did you mean “paid”?"),
            ("from=soon", "query.from"),
            ("compare=x", "query.compare"),
            ("form=2026-01-01", "form"),
            ("theme=blue", "“light” or “dark”"),
            ("head=maybe", "“none”, or left out"),
        ] {
            let refused = ada.get_json(&format!("{file}?{wrong}")).await;
            assert!(refused.status == 422 && refused.text.contains(named), "{file}?{wrong}: {refused:?}");
        }
        assert_eq!(ada.get(&format!("{file}?from=2026-01-01&to=2026-07-01&head=none")).await.status, 200, "{file}");
    }
    assert_eq!(ada.get(&format!("/dashboards/{id}?f.colour=red&from=soon")).await.status, 200, "the page says so");
}
