//! Dashboards keep their rules, whoever asks and however often; and nobody sees another tenant's.

use crate::support::{self, TestApp, Visitor};
use belvedere::{
    accounts::Member,
    dashboards::{
        model::{Dashboard, DashboardPatch, Layout, NewDashboard, NewWidget, Place, WidgetPatch},
        store,
        templates::Template,
    },
    error::AppError,
    ids::WidgetId,
    server::Database,
    widgets::WidgetKind,
};
use serde_json::json;

async fn make(db: &Database, member: &Member, name: &str, template: Option<Template>) -> Dashboard {
    let editor = member.editor().unwrap();
    let mut tx = db.tenant(&editor).await.unwrap();
    let new =
        NewDashboard { name: name.into(), template: template.map(|t| t.code().to_owned()), ..NewDashboard::default() };
    let made = store::create(&mut tx, &editor, new).await.unwrap();
    tx.commit().await.unwrap();
    made
}

async fn names(db: &Database, member: &Member) -> Vec<String> {
    let mut tx = db.tenant(member).await.unwrap();
    store::list(&mut tx).await.unwrap().into_iter().map(|d| d.name).collect()
}

fn layout_of(dashboard: &Dashboard) -> Layout {
    let layout = dashboard.widgets.iter().map(|w| Place { id: w.id, x: w.x, y: w.y, w: w.w, h: w.h }).collect();
    Layout { version: Some(dashboard.row.version), layout }
}

#[tokio::test]
async fn templates_are_those_of_spec_4_and_come_back_as_they_were_made() {
    let db = support::database().await;
    let ada = support::tenant(&db, "Ada").await;
    for (template, kinds) in Template::FIRST.into_iter().zip([6, 5, 4]) {
        let made = make(&db, &ada, template.name(), Some(template)).await;
        assert_eq!(made.widgets.len(), kinds);
        let places: Vec<_> = made.widgets.iter().map(|w| (w.kind, w.x, w.y, w.w, w.h)).collect();
        for new in template.widgets() {
            let place = (new.kind, new.x.unwrap(), new.y.unwrap(), new.w.unwrap(), new.h.unwrap());
            assert!(places.contains(&place), "{template:?} lacks {place:?}");
        }
    }
    let executive = make(&db, &ada, "Again", Some(Template::ExecutiveOverview)).await;
    assert_eq!(executive.widgets[0].title(), "Revenue");
}

#[tokio::test]
async fn there_is_one_default_and_it_comes_first() {
    let db = support::database().await;
    let ada = support::tenant(&db, "Ada").await;
    let editor = ada.editor().unwrap();
    let first = make(&db, &ada, "First", None).await;
    assert!(first.row.is_default, "the first one is the default");
    let second = make(&db, &ada, "Second", None).await;
    assert!(!second.row.is_default);

    let mut tx = db.tenant(&editor).await.unwrap();
    store::set_default(&mut tx, &editor, second.row.id).await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(names(&db, &ada).await, ["Second", "First"]);

    let mut tx = db.tenant(&editor).await.unwrap();
    store::delete(&mut tx, &editor, second.row.id).await.unwrap();
    assert_eq!(store::find_deleted(&mut tx, &editor, second.row.id).await.unwrap().unwrap().name, "Second");
    let left = store::list(&mut tx).await.unwrap();
    assert!(left.len() == 1 && left[0].is_default, "the next one took its place");
    assert!(matches!(store::find(&mut tx, second.row.id).await, Err(AppError::NotFound { .. })));
    let back = store::restore(&mut tx, &editor, second.row.id).await.unwrap();
    assert!(!back.is_default, "there is a default already");
    tx.commit().await.unwrap();
    assert_eq!(names(&db, &ada).await, ["First", "Second"]);
}

#[tokio::test]
async fn a_tenant_cannot_touch_another_tenant_s_dashboard_even_by_id() {
    let db = support::database().await;
    let (ada, bob) = (support::tenant(&db, "Ada").await, support::tenant(&db, "Bob").await);
    let theirs = make(&db, &ada, "Private", Some(Template::CashFlow)).await;
    let (id, widget) = (theirs.row.id, theirs.widgets[0].id);
    assert!(names(&db, &bob).await.is_empty());

    let editor = bob.editor().unwrap();
    let not_found =
        |result: Result<(), AppError>| assert!(matches!(result, Err(AppError::NotFound { .. })), "{result:?}");
    let mut tx = db.tenant(&editor).await.unwrap();
    not_found(store::find(&mut tx, id).await.map(drop));
    not_found(store::update(&mut tx, &editor, id, DashboardPatch::default()).await.map(drop));
    not_found(store::set_default(&mut tx, &editor, id).await);
    not_found(store::delete(&mut tx, &editor, id).await);
    not_found(store::restore(&mut tx, &editor, id).await.map(drop));
    not_found(store::update_layout(&mut tx, &editor, id, &layout_of(&theirs)).await.map(drop));
    not_found(store::update_widget(&mut tx, &editor, id, widget, &WidgetPatch::default()).await.map(drop));
    not_found(store::delete_widget(&mut tx, &editor, id, widget).await);
    tx.commit().await.unwrap();

    // A widget of one's own dashboard cannot be reached through another's, nor the other way round.
    let own = make(&db, &bob, "Own", Some(Template::CashFlow)).await;
    let mut tx = db.tenant(&editor).await.unwrap();
    not_found(store::delete_widget(&mut tx, &editor, own.row.id, widget).await);
    drop(tx);
    let mut tx = db.tenant(&ada).await.unwrap();
    assert_eq!(store::find(&mut tx, id).await.unwrap(), theirs);
}

#[tokio::test]
async fn two_who_rearrange_at_once_conflict_visibly() {
    let db = support::database().await;
    let ada = support::tenant(&db, "Ada").await;
    let editor = ada.editor().unwrap();
    let opened = make(&db, &ada, "Shared", Some(Template::CashFlow)).await;

    let mut mine = layout_of(&opened);
    for place in &mut mine.layout {
        place.y += 10;
    }
    let mut tx = db.tenant(&editor).await.unwrap();
    let saved = store::update_layout(&mut tx, &editor, opened.row.id, &mine).await.unwrap();
    tx.commit().await.unwrap();
    assert!(saved.row.version > opened.row.version);
    assert!(saved.widgets.iter().all(|w| w.y >= 10));

    let mut tx = db.tenant(&editor).await.unwrap();
    let theirs = store::update_layout(&mut tx, &editor, opened.row.id, &layout_of(&opened)).await;
    assert!(matches!(theirs, Err(AppError::Conflict { .. })), "{theirs:?}");
    drop(tx);
    let mut tx = db.tenant(&editor).await.unwrap();
    assert_eq!(store::find(&mut tx, opened.row.id).await.unwrap(), saved, "nothing of it was written");
}

#[tokio::test]
async fn a_layout_that_cannot_be_is_refused_as_a_whole() {
    let db = support::database().await;
    let ada = support::tenant(&db, "Ada").await;
    let editor = ada.editor().unwrap();
    let opened = make(&db, &ada, "Mine", Some(Template::CashFlow)).await;
    let whole = layout_of(&opened);
    let mut overlapping = whole.clone();
    overlapping.layout[0].x = overlapping.layout[1].x;
    overlapping.layout[0].y = overlapping.layout[1].y;
    let mut too_large = whole.clone();
    too_large.layout[0].w = 12;
    let mut twice = whole.clone();
    twice.layout[1] = twice.layout[0];
    let mut missing = whole.clone();
    missing.layout.pop();
    let mut foreign = whole.clone();
    foreign.layout[0].id = WidgetId::new();
    for (what, layout) in
        [("overlap", overlapping), ("size", too_large), ("twice", twice), ("missing", missing), ("foreign", foreign)]
    {
        let mut tx = db.tenant(&editor).await.unwrap();
        let result = store::update_layout(&mut tx, &editor, opened.row.id, &layout).await;
        assert!(matches!(result, Err(AppError::Invalid { .. })), "{what}: {result:?}");
    }
}

#[tokio::test]
async fn widgets_are_added_changed_and_removed_within_the_rules() {
    let db = support::database().await;
    let ada = support::tenant(&db, "Ada").await;
    let editor = ada.editor().unwrap();
    let board = make(&db, &ada, "Mine", None).await;
    let id = board.row.id;
    let new = |kind, settings| NewWidget { kind, x: None, y: None, w: None, h: None, pinned: false, settings };

    let mut tx = db.tenant(&editor).await.unwrap();
    let kpi = new(WidgetKind::Kpi, json!({"metric": "total_revenue"}));
    let first = store::create_widget(&mut tx, &editor, id, &kpi).await.unwrap();
    let second = store::create_widget(&mut tx, &editor, id, &kpi).await.unwrap();
    assert_eq!((first.x, first.y, second.x, second.y), (0, 0, 3, 0), "two of one kind, side by side");

    let onto_the_other = WidgetPatch { x: Some(1), ..WidgetPatch::default() };
    let result = store::update_widget(&mut tx, &editor, id, second.id, &onto_the_other).await;
    assert!(matches!(result, Err(AppError::Invalid { .. })), "{result:?}");
    let wrong = NewWidget { settings: json!({"metric": "x", "colour": "red"}), ..kpi.clone() };
    assert!(matches!(store::create_widget(&mut tx, &editor, id, &wrong).await, Err(AppError::Invalid { .. })));

    let retitled =
        WidgetPatch { settings: Some(json!({"metric": "net_profit", "title": "Left over"})), ..WidgetPatch::default() };
    let changed = store::update_widget(&mut tx, &editor, id, second.id, &retitled).await.unwrap();
    assert_eq!(changed.title(), "Left over");
    store::delete_widget(&mut tx, &editor, id, first.id).await.unwrap();
    let third = store::create_widget(&mut tx, &editor, id, &kpi).await.unwrap();
    assert_ne!(third.id, first.id, "an id is never used again");
    let now = store::find(&mut tx, id).await.unwrap();
    assert_eq!(now.widgets.len(), 2);
    assert!(now.row.version > board.row.version);
    tx.commit().await.unwrap();
}

#[tokio::test]
async fn what_changes_is_recorded_and_announced_with_the_change() {
    let db = support::database().await;
    let ada = support::tenant(&db, "Ada").await;
    let board = make(&db, &ada, "Mine", None).await;
    let mut tx = db.tenant(&ada).await.unwrap();
    let counter = tx.versions().await.unwrap().dashboards;
    let titles: Vec<String> = sqlx::query_scalar("select title from activities where entity_id = $1")
        .bind(board.row.id)
        .fetch_all(tx.conn())
        .await
        .unwrap();
    assert_eq!(titles, ["Dashboard “Mine” was created"]);
    drop(tx);
    make(&db, &ada, "Another", None).await;
    let mut tx = db.tenant(&ada).await.unwrap();
    assert!(tx.versions().await.unwrap().dashboards > counter);
}

/// Makes a dashboard as the page's form does, and gives its address.
async fn make_by_form(visitor: &mut Visitor, name: &str, template: &str) -> String {
    let answer = visitor.post_form("/rpc/dashboards/create", &[("name", name), ("template", template)]).await;
    let location = answer.header("location").to_owned();
    assert!(location.starts_with("/dashboards/"), "{answer:?}");
    location
}

async fn book(visitor: &mut Visitor, kind: &str, amount: &str) {
    let body = json!({"date": "2026-01-15", "type": kind, "amount": amount, "currency": "USD", "category": "Sales"});
    let answer = visitor.post_json("/api/v1/transactions", &body).await;
    assert_eq!(answer.status, 201, "{answer:?}");
}

#[tokio::test]
async fn the_page_holds_the_figures_and_is_never_out_of_date() {
    let app = support::TestApp::new().await;
    let mut ada = app.signed_up("Ada").await;
    let start = ada.get("/").await;
    assert!(start.status == 200 && start.text.contains("Make your first dashboard"), "{start:?}");

    let address = make_by_form(&mut ada, "Overview", "executive_overview").await;
    book(&mut ada, "income", "1234.50").await;
    let all_time = format!("{address}?from=&to=");
    let page = ada.get(&all_time).await;
    assert_eq!(page.status, 200);
    assert!(page.text.contains("Revenue Trend") && page.text.contains("1,234.50"), "{}", page.text);
    assert!(page.text.contains("All time"));
    // Once more, now from the cache; then after a change, which the cache must not hide.
    assert!(ada.get(&all_time).await.text.contains("1,234.50"));
    book(&mut ada, "income", "1000").await;
    let page = ada.get(&all_time).await;
    assert!(page.text.contains("2,234.50") && page.text.contains("2 transactions"), "{}", page.text);
    // A body stands in the page once: hydration gets by without.
    assert_eq!(page.text.matches("wb-kpi").count(), 4, "{}", page.text);
    // The default dashboard is what `/` shows.
    assert!(ada.get("/?from=&to=").await.text.contains("2,234.50"));
}

#[tokio::test]
async fn a_range_that_makes_no_sense_gets_a_word_and_the_usual_one() {
    let app = support::TestApp::new().await;
    let mut ada = app.signed_up("Ada").await;
    let address = make_by_form(&mut ada, "Cash", "cash_flow").await;
    let page = ada.get(&format!("{address}?from=yesterdayish")).await;
    assert_eq!(page.status, 200);
    assert!(page.text.contains("yesterdayish") && page.text.contains("Last 12 months"), "{}", page.text);
}

#[tokio::test]
async fn one_widget_s_failure_stays_in_its_card() {
    let app = support::TestApp::new().await;
    let mut ada = app.signed_up("Ada").await;
    let widgets = json!({"name": "Half broken", "widgets": [
        {"kind": "kpi", "settings": {"metric": "net_profit", "title": "Broken"}},
        {"kind": "kpi", "settings": {"metric": "total_revenue", "title": "Whole"}},
    ]});
    let made = ada.post_json("/api/v1/dashboards", &widgets).await;
    assert_eq!(made.status, 201, "{made:?}");
    lose_metric(&app.db, "Broken").await;
    book(&mut ada, "income", "77").await;
    let page = ada.get("/?from=&to=").await;
    assert_eq!(page.status, 200);
    assert!(page.text.contains("was not found") && page.text.contains("77.00"), "{}", page.text);
}

/// As if the metric of the widgets of this title had gone.
async fn lose_metric(db: &Database, title: &str) {
    sqlx::query(
        "update dashboard_widgets set settings = settings || '{\"metric\": \"no_such_metric\"}'
         where settings ->> 'title' = $1",
    )
    .bind(title)
    .execute(db.pool_for_tests())
    .await
    .unwrap();
}

#[tokio::test]
async fn a_program_is_told_of_a_metric_that_there_is_not_and_one_that_has_gone_may_stay() {
    let app = support::TestApp::new().await;
    let mut ada = app.signed_up("Ada").await;
    let kpi = |metric: &str| json!({"kind": "kpi", "settings": {"metric": metric, "title": "Figure"}});
    let wrong = json!({"name": "Board", "widgets": [kpi("total_revenue"), kpi("total_revenu")]});
    let refused = ada.post_json("/api/v1/dashboards", &wrong).await;
    assert_eq!((refused.status.as_u16(), &refused.json()["fields"][0]["field"]), (422, &json!("widgets[1].metric")));
    let made = ada.post_json("/api/v1/dashboards", &json!({"name": "Board", "widgets": [kpi("total_revenue")]})).await;
    let made = made.json();
    let widgets = format!("/api/v1/dashboards/{}/widgets", made["id"].as_str().unwrap());
    let widget = format!("{widgets}/{}", made["widgets"][0]["id"].as_str().unwrap());
    for refused in [
        ada.post_json(&widgets, &kpi("total_revenu")).await,
        ada.json(http::Method::PUT, &widget, &json!({"settings": {"metric": "total_revenu"}})).await,
    ] {
        let field = &refused.json()["fields"][0];
        assert_eq!((refused.status.as_u16(), &field["field"]), (422, &json!("metric")));
        assert!(field["message"].as_str().unwrap().contains("Did you mean “total_revenue”?"), "{refused:?}");
    }
    lose_metric(&app.db, "Figure").await;
    let kept = json!({"settings": {"metric": "no_such_metric", "title": "Renamed"}});
    assert_eq!(ada.json(http::Method::PUT, &widget, &kept).await.status, 200);
}

#[tokio::test]
async fn a_screen_that_turns_passes_over_what_was_deleted() {
    let app = support::TestApp::new().await;
    let mut ada = app.signed_up("Ada").await;
    let gone = make_by_form(&mut ada, "Gone", "cash_flow").await;
    let left = make_by_form(&mut ada, "Left", "cash_flow").await;
    assert_eq!(ada.json(http::Method::DELETE, &format!("/api/v1{gone}"), &json!({})).await.status, 204);
    let [first, second] = [&gone, &left].map(|address| address.trim_start_matches("/dashboards/"));
    let wall = |turn: &str| format!("{gone}?compare=none&kiosk&every=10&turn={turn}");
    let on = ada.get(&wall(&format!("{first},{second}"))).await;
    let to = format!("{left}?compare=none&kiosk&every=10&turn={second}");
    assert_eq!((on.status.as_u16(), on.header("location")), (302, to.as_str()));
    assert_eq!(ada.get(&to).await.status, 200);
    assert_eq!(ada.get(&wall(first)).await.status, 404, "none is left");
}

#[tokio::test]
async fn another_tenant_s_dashboard_is_not_found_by_page_or_api() {
    let app = support::TestApp::new().await;
    let (mut ada, mut bob) = (app.signed_up("Ada").await, app.signed_up("Bob").await);
    let address = make_by_form(&mut ada, "Secret plans", "cash_flow").await;
    let page = bob.get(&address).await;
    assert!(page.status == 404 && !page.text.contains("Secret plans"), "{page:?}");
    assert_eq!(bob.get("/dashboards/nonsense").await.status, 404);
    let api = format!("/api/v1{address}");
    let whole = ada.get_json(&api).await.json();
    let widget = whole["widgets"][0]["id"].as_str().unwrap().to_owned();
    assert_eq!(bob.get_json(&api).await.status, 404);
    assert_eq!(bob.get_json(&format!("{api}/widgets/{widget}/data")).await.status, 404);
    assert_eq!(bob.json(http::Method::DELETE, &api, &json!({})).await.status, 404);
    assert!(bob.get_json("/api/v1/dashboards").await.json()["items"].as_array().unwrap().is_empty());
    assert_eq!(ada.get_json(&format!("{api}/widgets/{widget}/data")).await.json()["code"], "cash_in");
}

#[tokio::test]
async fn strangers_are_sent_to_sign_in_and_back() {
    let app = support::TestApp::new().await;
    let page = app.visitor().get("/dashboards?compare=none").await;
    assert!(page.status.is_redirection(), "{page:?}");
    assert!(page.header("location").starts_with("/sign-in?next=%2Fdashboards"), "{page:?}");
    assert_eq!(app.visitor().get_json("/api/v1/dashboards").await.status, 401);
}

#[tokio::test]
async fn a_page_is_put_together_once() {
    let app = support::TestApp::new().await;
    let mut ada = app.signed_up("Ada").await;
    let address = make_by_form(&mut ada, "Cash", "cash_flow").await;
    let page = ada.get(&address).await;
    // The page's data stands beside the HTML once for each time that the page asked for it.
    assert_eq!(page.text.matches(r#"{\"Ok\":{\"tabs\""#).count(), 1, "{}", page.text);
}

#[tokio::test]
async fn a_rendered_page_is_given_again_only_for_the_same_person_looking_at_the_same() {
    let app = support::TestApp::new().await;
    let (mut ada, mut bob) = (app.signed_up("Ada").await, app.signed_up("Bob").await);
    let address = make_by_form(&mut ada, "Cash", "cash_flow").await;
    make_by_form(&mut bob, "Cash", "cash_flow").await;
    let nonce = |page: &support::Answer| {
        let policy = page.header("content-security-policy");
        policy.split("'nonce-").nth(1).and_then(|rest| rest.split('\'').next()).unwrap().to_owned()
    };
    let kept = || app.state.dashboards.pages.kept();
    let (first, again) = (ada.get(&address).await, ada.get(&address).await);
    assert_eq!((first.status.as_u16(), kept()), (200, 1));
    let (one, other) = (nonce(&first), nonce(&again));
    assert_ne!(one, other, "a nonce is used once");
    assert_eq!(again.text, first.text.replace(&one, &other));
    assert_eq!(again.headers.len(), first.headers.len());
    for (path, pages) in [("/dashboards", 2), ("/", 3), ("/dashboards", 3)] {
        let (own, others) = (ada.get(path).await, bob.get(path).await);
        assert!(own.text.contains("Ada") && !own.text.contains("Bob"), "{}", own.text);
        assert!(others.text.contains("Bob") && !others.text.contains("Ada"), "{}", others.text);
        assert_eq!(kept(), 1 + (pages - 1) * 2, "{path}");
    }
    ada.cookies.insert("theme".into(), "dark".into());
    assert!(ada.get(&address).await.text.contains("data-theme=\"dark\""));
    ada.cookies.remove("theme");
    book(&mut ada, "income", "4711").await;
    assert!(ada.get(&address).await.text != first.text, "the books have changed");
    assert_eq!(ada.get("/dashboards/01890000-0000-7000-8000-000000000000").await.status, 404);
    assert_eq!(app.visitor().get(&address).await.status, 302);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_table_is_turned_over_by_the_address_alone_and_only_one_s_own() {
    let app = TestApp::new().await;
    let (mut ada, mut bob) = (app.signed_up("Ada").await, app.signed_up("Bob").await);
    for n in 1..=7 {
        let payment = json!({
            "reference": format!("INV-{n}"), "party": "Grace Ltd", "issued_on": "2026-01-05", "due_date": "2026-01-09",
            "amount": n, "currency": "USD",
        });
        assert_eq!(ada.post_json("/api/v1/payments", &payment).await.status, 201);
    }
    let table = json!({"source": "payments", "columns": ["reference", "amount"], "sort": "amount", "limit": 3});
    let new = json!({"name": "Tables", "widgets": [{"kind": "data_table", "settings": table}]});
    let made = ada.post_json("/api/v1/dashboards", &new).await.json();
    let (id, widget) = (made["id"].as_str().unwrap().to_owned(), made["widgets"][0]["id"].as_str().unwrap().to_owned());
    for (turn, rows, footer) in [
        (String::new(), vec![1, 2, 3], "3 of 7 rows"),
        (format!("&table={widget}:-amount"), vec![7, 6, 5], "3 of 7 rows"),
        (format!("&table={widget}:-amount:2"), vec![4, 3, 2], "4 to 6 of 7 rows"),
        (format!("&table={widget}::3"), vec![7], "Row 7 of 7"),
        (format!("&table={widget}:-amount:99"), vec![1], "Row 7 of 7"),
        (format!("&table={widget}:shoe_size"), vec![1, 2, 3], "3 of 7 rows"),
        (format!("&table=nonsense&table={widget}:amount&table={widget}:-amount"), vec![7, 6, 5], "3 of 7 rows"),
    ] {
        let page = ada.get(&format!("/dashboards/{id}?from=&to={turn}")).await;
        assert_eq!(page.status, 200);
        let shown: Vec<usize> =
            page.text.match_indices("INV-").map(|(at, _)| page.text[at + 4..=at + 4].parse().unwrap()).collect();
        let mut seen: Vec<usize> = shown;
        seen.dedup();
        assert_eq!(seen, rows, "{turn}");
        assert!(page.text.contains(footer), "{turn}: {}", page.text);
    }
    assert_eq!(bob.get(&format!("/dashboards/{id}?table={widget}:-amount")).await.status, 404);
    // Where nothing turns a table over, it has no buttons for it.
    let history = ada.get(&format!("/dashboards/{id}/history")).await;
    assert!(history.text.contains("INV-") || history.text.contains("Nothing to show"), "{}", history.text);
    assert!(!history.text.contains("form=\"turn\""));
    let page = ada.get(&format!("/dashboards/{id}?from=&to=")).await;
    assert!(page.text.contains(&format!("value=\"{widget}:-amount\"")), "{}", page.text);
    let rows = json!({"source": "payments", "sort": "amount", "limit": 3, "offset": 9});
    let behind = ada.post_json("/api/v1/metrics/rows", &rows).await.json();
    assert_eq!((behind["total"].as_i64(), behind["rows"].as_array().map(Vec::len)), (Some(7), Some(0)), "{behind}");
}
