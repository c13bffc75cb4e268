//! Filters of whole dashboards: every number under them is what plain SQL says, for everybody whom they are meant for.

use crate::support::{self, Answer, PASSWORD, TestApp, Visitor, email};
use belvedere::{
    accounts::{Member, NewAccount, Role, store::operator},
    metrics::{Comparison, Filters, Grain, MetricQuery, TimeRange, engine},
    server::{Database, TenantScope},
};
use chrono::Utc;
use http::Method;
use rust_decimal::Decimal;
use serde_json::{Value, json};
use sqlx::AssertSqlSafe;

const ORGANIZATION: &str = "Ada & Co";

/// Books and stock whose sums differ by every field, times `factor`.
async fn fill(db: &Database, organization: uuid::Uuid, factor: i32) {
    for text in [
        "insert into categories (organization_id, id, name) values
           ($1, md5($1::text || 'f')::uuid, 'Freight'), ($1, md5($1::text || 'p')::uuid, 'Payroll & more')",
        "insert into transactions (organization_id, id, reference, date, type, category_id, department, amount, currency)
         select $1, gen_random_uuid(), 'T-' || n, date '2026-01-01' + n, case when n % 5 = 0 then 'income' else 'expense' end,
                case n % 3 when 0 then md5($1::text || 'f')::uuid when 1 then md5($1::text || 'p')::uuid end,
                coalesce((array['Sales', 'Ops', ''])[n % 3 + n % 2], ''), (n * 7.25 + 0.0375) * $2,
                case when n % 11 = 0 then 'EUR' else 'USD' end
         from generate_series(1, 200) n",
        "insert into payments (organization_id, id, reference, party, issued_on, due_date, status, amount, currency)
         select $1, gen_random_uuid(), 'P-' || n, (array['Contoso', 'Litware', '~ Ltd'])[n % 3 + 1],
                date '2026-01-01' + n, date '2026-02-01' + n, (array['pending', 'approved', 'rejected'])[(n / 3) % 3 + 1],
                n * 3.5 * $2, 'USD' from generate_series(1, 60) n",
        "insert into materials (organization_id, id, sku, name, category, quantity, min_stock, unit_cost, currency)
         select $1, gen_random_uuid(), 'S-' || n, 'Part ' || n, (array['Frames', 'Wheels', ''])[n % 3 + 1],
                n * $2, 20, 2.5, 'USD' from generate_series(1, 30) n",
    ] {
        let mut tx = db.pool_for_tests().begin().await.unwrap();
        // The row triggers see what the role may see.
        sqlx::query("set local role belvedere_system").execute(&mut *tx).await.unwrap();
        sqlx::query(text).bind(organization).bind(factor).execute(&mut *tx).await.unwrap_or_else(|e| panic!("{e}: {text}"));
        tx.commit().await.unwrap();
    }
}

async fn organization_of(db: &Database, name: &str) -> uuid::Uuid {
    sqlx::query_scalar("select organization_id from memberships m join users u on u.id = m.user_id where u.email = $1")
        .bind(email(name))
        .fetch_one(db.pool_for_tests())
        .await
        .unwrap()
}

fn widgets() -> Value {
    json!([
        {"kind": "kpi", "settings": {"metric": "total_expenses", "title": "Spent"}},
        {"kind": "kpi", "settings": {"metric": "pending_payments", "title": "Owed"}},
        {"kind": "kpi", "settings": {"metric": "inventory_value", "title": "Stocked"}},
        {"kind": "data_table", "settings": {"source": "payments", "title": "Bills"}},
        {"kind": "alerts_feed", "settings": {"title": "Alarms", "limit": 50}},
        {"kind": "calendar", "settings": {"title": "Days"}},
        {"kind": "notes", "settings": {"text": "Hello", "title": "Notes"}},
    ])
}

struct Stage {
    app: TestApp,
    ada: Visitor,
    dashboard: String,
    organization: uuid::Uuid,
}

impl Stage {
    async fn new() -> Self {
        let app = TestApp::new().await;
        let mut ada = app.signed_up("Ada").await;
        let bob = app.signed_up("Bob").await;
        drop(bob);
        let organization = organization_of(&app.db, "Ada").await;
        fill(&app.db, organization, 1).await;
        fill(&app.db, organization_of(&app.db, "Bob").await, 3).await;
        let made = ada.post_json("/api/v1/dashboards", &json!({"name": "Board", "widgets": widgets()})).await;
        assert_eq!(made.status, 201, "{made:?}");
        let dashboard = made.json()["id"].as_str().unwrap().to_owned();
        Self { app, ada, dashboard, organization }
    }

    /// Somebody else of Ada's organisation, signed in.
    async fn colleague(&self, name: &str, role: Role) -> Visitor {
        let new = NewAccount {
            name: name.into(),
            email: email(name),
            password: PASSWORD.into(),
            organization_name: ORGANIZATION.into(),
            base_currency: "USD".into(),
            time_zone: belvedere::zone::Zone::UTC,
        };
        operator::create(&self.app.db, new, role).await.unwrap();
        self.app.signed_in(&email(name), PASSWORD).await
    }

    fn page(&self, search: &str) -> String {
        format!("/dashboards/{}{search}", self.dashboard)
    }

    async fn sql(&self, text: &str) -> Decimal {
        sqlx::query_scalar(AssertSqlSafe(format!("select coalesce(({text}), 0)::numeric")))
            .bind(self.organization)
            .fetch_one(self.app.db.pool_for_tests())
            .await
            .unwrap()
    }
}

async fn data(visitor: &mut Visitor, dashboard: &str, title: &str, search: &str) -> Value {
    let whole = visitor.get_json(&format!("/api/v1/dashboards/{dashboard}")).await.json();
    let widget = whole["widgets"].as_array().unwrap().iter().find(|w| w["title"] == title).unwrap()["id"].clone();
    let path = format!("/api/v1/dashboards/{dashboard}/widgets/{}/data{search}", widget.as_str().unwrap());
    let answer = visitor.get_json(&path).await;
    assert_eq!(answer.status, 200, "{search}: {answer:?}");
    answer.json()
}

fn number(value: &Value) -> Decimal {
    value.as_str().unwrap().parse::<Decimal>().unwrap().normalize()
}

#[tokio::test(flavor = "multi_thread")]
async fn every_number_under_filters_is_what_plain_sql_says() {
    let mut stage = Stage::new().await;
    let (expense, year) = ("type = 'expense' and currency = 'USD'", "from=2026-01-01&to=2027-01-01&compare=none");
    let category =
        "(select name from categories c where c.organization_id = t.organization_id and c.id = t.category_id)";
    let spent = format!("select sum(amount) from transactions t where organization_id = $1 and {expense} and ");
    let owed = "select sum(amount) from payments where organization_id = $1 and status = 'pending' and ";
    let stocked = "select sum(quantity * unit_cost) from materials where organization_id = $1 and ";
    for (title, search, sql) in [
        ("Spent", "", format!("{spent} true")),
        ("Spent", "f.category=Freight", format!("{spent} {category} = 'Freight'")),
        (
            "Spent",
            "f.category=Freight&f.category=Payroll%20%26%20more",
            format!("{spent} {category} in ('Freight', 'Payroll & more')"),
        ),
        ("Spent", "f.category=~", format!("{spent} category_id is null")),
        ("Spent", "f.category=~&f.category=Freight", format!("{spent} coalesce({category}, 'Freight') = 'Freight'")),
        (
            "Spent",
            "f.department=Sales&f.category=Freight",
            format!("{spent} department = 'Sales' and {category} = 'Freight'"),
        ),
        ("Spent", "f.department=~", format!("{spent} coalesce(department, '') = ''")),
        ("Spent", "f.category=Nothing", format!("{spent} false")),
        ("Spent", "f.status=paid&f.party=Contoso", format!("{spent} true")),
        ("Owed", "f.party=Contoso", format!("{owed} party = 'Contoso'")),
        ("Owed", "f.party=~~%20Ltd&f.status=pending", format!("{owed} party = '~ Ltd' and status = 'pending'")),
        ("Owed", "f.overdue=true", format!("{owed} due_date < current_date")),
        ("Owed", "f.overdue=false", format!("{owed} due_date >= current_date")),
        ("Owed", "f.category=Freight", format!("{owed} true")),
        ("Stocked", "f.stock_category=Frames", format!("{stocked} category = 'Frames'")),
        (
            "Stocked",
            "f.stock_category=~&f.low_stock=true",
            format!("{stocked} coalesce(category, '') = '' and quantity <= min_stock"),
        ),
        ("Stocked", "f.category=Freight", format!("{stocked} true")),
    ] {
        let found = data(&mut stage.ada, &stage.dashboard, title, &format!("?{year}&{search}")).await;
        let expected = stage.sql(&sql).await.normalize();
        assert_eq!(number(&found["value"]), expected, "{title} {search}");
    }
    // Tables, alarms and calendars narrow their records alike.
    let bills =
        data(&mut stage.ada, &stage.dashboard, "Bills", &format!("?{year}&f.party=Litware&f.status=approved")).await;
    let expected = stage
        .sql("select count(*) from payments where organization_id = $1 and party = 'Litware' and status = 'approved'")
        .await;
    assert_eq!(Decimal::from(bills["total"].as_i64().unwrap()), expected);
    let alarms = data(&mut stage.ada, &stage.dashboard, "Alarms", &format!("?{year}&f.party=Contoso")).await;
    let alarms = alarms["alerts"].as_array().unwrap();
    let of = |kind: &str| alarms.iter().filter(|a| a["kind"] == kind).collect::<Vec<_>>();
    assert!(
        !of("payments").is_empty() && of("payments").iter().all(|a| a["detail"].as_str().unwrap().contains("Contoso"))
    );
    assert!(!of("inventory").is_empty(), "stock has no vendor, so it is not narrowed");
    let days = data(&mut stage.ada, &stage.dashboard, "Days", &format!("?{year}&f.party=Contoso")).await;
    let rows = days["layers"][0]["rows"].as_array().unwrap();
    assert!(!rows.is_empty() && rows.iter().all(|row| row.to_string().contains("Contoso")), "{rows:?}");

    // The other tenant has three times as much, and gets its own.
    let mut bob = stage.app.signed_in(&email("Bob"), PASSWORD).await;
    let made = bob.post_json("/api/v1/dashboards", &json!({"name": "Board", "widgets": widgets()})).await.json();
    let board = made["id"].as_str().unwrap();
    let bobs = data(&mut bob, board, "Spent", &format!("?{year}&f.category=Freight")).await;
    let adas = stage.sql(&format!("{spent} {category} = 'Freight'")).await;
    assert_eq!(number(&bobs["value"]), (adas * Decimal::from(3)).normalize());

    // A program is told what means nothing.
    let whole = stage.ada.get_json(&format!("/api/v1/dashboards/{}", stage.dashboard)).await.json();
    let widget = whole["widgets"][0]["id"].as_str().unwrap();
    for wrong in ["f.colour=red", "f.status=payed", "nothing=1"] {
        let path = format!("/api/v1/dashboards/{}/widgets/{widget}/data?{wrong}", stage.dashboard);
        assert_eq!(stage.ada.get_json(&path).await.status, 422, "{wrong}");
    }
}

/// What is compared is narrowed alike, and the monthly sums say what the rows say.
#[tokio::test]
async fn sums_by_month_and_rows_agree_under_filters() {
    let db = support::database().await;
    let ada: Member = support::tenant(&db, "Ada").await;
    fill(&db, ada.organization_id().0, 1).await;
    let range = TimeRange { from: Some("2026-03-01".into()), to: Some("2026-06-15".into()) };
    for filters in [
        &[("f.category", "Freight")][..],
        &[("f.category", "~"), ("f.department", "Ops")],
        &[("f.department", "Sales"), ("f.department", "~"), ("f.currency", "USD")],
        &[("f.type", "income"), ("f.budgeted", "false")],
        &[("f.status", "paid")],
    ] {
        let narrowed = Filters::read(filters.iter().copied());
        for (grain, group_by) in [(None, None), (Some(Grain::Month), None), (None, Some("category".to_owned()))] {
            let query = MetricQuery {
                metric: "total_expenses".into(),
                range: range.clone(),
                comparison: Some(Comparison::PreviousPeriod),
                narrowed: narrowed.clone(),
                grain,
                group_by,
                ..MetricQuery::default()
            };
            let mut tx = db.tenant(&ada).await.unwrap();
            let now = Utc::now();
            let quick = engine::answer(&mut tx, ada.organization(), &query, now).await.unwrap();
            let plain = engine::answer_from_rows(&mut tx, ada.organization(), &query, now).await.unwrap();
            assert_eq!(quick, plain, "{query:?}");
            if filters[0].1 == "Freight" {
                let (from, to) = ("2025-11-15", "2026-03-01");
                let expected: Decimal = sqlx::query_scalar(
                    "select coalesce(sum(t.amount), 0) from transactions t join categories c on c.id = t.category_id
                     where t.organization_id = $1 and c.organization_id = $1 and t.type = 'expense' and t.currency = 'USD'
                       and c.name = 'Freight' and t.date >= $2::text::date and t.date < $3::text::date",
                )
                .bind(ada.organization_id())
                .bind(from)
                .bind(to)
                .fetch_one(tx.conn())
                .await
                .unwrap();
                assert_eq!(quick.comparison_value, Some(expected.normalize()));
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_page_says_what_is_filtered_and_what_is_not() {
    let mut stage = Stage::new().await;
    let page =
        stage.ada.get(&stage.page("?from=2026-01-01&to=2027-01-01&f.party=Contoso&f.colour=red&f.status=payed")).await;
    assert_eq!(page.status, 200);
    for text in [
        "There is no filter “colour”.",
        "Status is never “payed”.",
        "Did you mean “paid”?",
        "Remove the filter Vendor or customer: Contoso",
        "Not filtered by Vendor or customer",
        "Budgets and Stock not filtered by Vendor or customer",
        "Budgets and Events not filtered by Vendor or customer",
    ] {
        assert!(page.text.contains(text), "{text}: {}", page.text);
    }
    let unmet = page.text.matches("class=\"unmet\"").count();
    assert_eq!(unmet, 4, "two figures, the alarms and the calendar; not the bills, the other figure and the note");
    assert!(page.text.contains(".csv?from=2026-01-01&amp;to=2027-01-01&amp;f.party=Contoso"), "files show the same");
    let nobody = stage.ada.get(&stage.page("?f.party=Fabrikam")).await;
    assert!(nobody.text.contains("No record has the vendor or customer “Fabrikam”."), "{}", nobody.text);
    // A dashboard without anything of the kind says it once.
    let made = stage
        .ada
        .post_json(
            "/api/v1/dashboards",
            &json!({"name": "Stock", "widgets": [
        {"kind": "kpi", "settings": {"metric": "inventory_value"}}]}),
        )
        .await
        .json();
    let idle = stage.ada.get(&format!("/dashboards/{}?f.party=Contoso", made["id"].as_str().unwrap())).await;
    assert!(idle.text.contains("Nothing on this dashboard can be filtered by Vendor or customer."));
    assert!(!idle.text.contains("class=\"unmet\""));
    // Without JavaScript the address asks for the values of a field.
    let choosing = stage.ada.get(&stage.page("?f.party=Contoso&choose=party")).await;
    for text in ["name=\"f.party\"", "value=\"Contoso\"", "value=\"Litware\"", "value=\"~~ Ltd\"", "Another value"] {
        assert!(choosing.text.contains(text), "{text}: {}", choosing.text);
    }
    // What changes on an open page is narrowed too.
    let ask = json!({"query": {"dashboard": stage.dashboard, "filters": {"party": ["Nobody"]}, "from": "", "to": ""}, "version": 1, "known": []});
    let refreshed = stage.ada.post_json("/rpc/dashboards/refresh", &ask).await;
    assert_eq!(refreshed.status, 200, "{refreshed:?}");
}

async fn choose(visitor: &mut Visitor, dashboard: &str, field: &str, find: &str) -> Answer {
    let ask = json!({"query": {"dashboard": dashboard}, "field": field, "find": find});
    visitor.post_json("/rpc/dashboards/filters/choose", &ask).await
}

#[tokio::test(flavor = "multi_thread")]
async fn values_are_the_tenant_s_own_and_can_be_searched() {
    let mut stage = Stage::new().await;
    sqlx::query(
        "insert into payments (organization_id, id, party, issued_on, due_date, amount, currency)
         select $1, gen_random_uuid(), 'Vendor ' || n, '2026-01-01', '2026-01-01', 1, 'USD' from generate_series(1, 300) n",
    )
    .bind(stage.organization)
    .execute(stage.app.db.pool_for_tests())
    .await
    .unwrap();
    let board = stage.dashboard.clone();
    let all = choose(&mut stage.ada, &board, "party", "").await.json();
    assert_eq!(
        (all["values"].as_array().unwrap().len(), &all["more"], &all["free"]),
        (200, &json!(true), &json!(true))
    );
    let found = choose(&mut stage.ada, &board, "party", "or 299").await.json();
    assert_eq!(found["values"], json!([{"value": "Vendor 299", "label": "Vendor 299", "count": 1}]));
    let categories = choose(&mut stage.ada, &board, "category", "").await.json();
    let n = |value: &str| {
        categories["values"].as_array().unwrap().iter().find(|v| v["value"] == value).unwrap()["count"].clone()
    };
    assert_eq!((n("Freight"), n("~")), (json!(66), json!(67)));
    let words = choose(&mut stage.ada, &board, "status", "").await.json();
    assert_eq!((words["values"].as_array().unwrap().len(), &words["free"]), (4, &json!(false)));
    for wrong in ["note", "colour", "amount"] {
        assert_eq!(choose(&mut stage.ada, &board, wrong, "").await.status, 404, "{wrong}");
    }
    let mut bob = stage.app.signed_in(&email("Bob"), PASSWORD).await;
    assert_eq!(choose(&mut bob, &board, "party", "").await.status, 404);
}

#[tokio::test(flavor = "multi_thread")]
async fn everybody_finds_a_dashboard_as_they_left_it() {
    let mut stage = Stage::new().await;
    let mut vera = stage.colleague("Vera", Role::Viewer).await;
    let bare = stage.page("");
    assert_eq!(stage.ada.get(&bare).await.status, 200, "nothing is remembered yet");
    let left = "?from=now-6M/M&to=now/M&compare=none&f.category=Freight&f.category=Payroll%20%26%20more";
    assert_eq!(stage.ada.get(&stage.page(left)).await.status, 200);
    let back = stage.ada.get(&bare).await;
    assert_eq!((back.status.as_u16(), back.header("location")), (302, &*stage.page(left)));
    let wall = stage.ada.get(&stage.page("?kiosk")).await;
    assert_eq!(wall.header("location"), format!("{}&kiosk=", stage.page(left)));
    assert_eq!(vera.get(&bare).await.status, 200, "it is each person's own");
    assert_eq!(vera.get(&stage.page("?f.department=Sales")).await.status, 200);
    assert_eq!(vera.get(&bare).await.header("location"), stage.page("?f.department=Sales"));
    assert_eq!(stage.ada.get(&bare).await.header("location"), stage.page(left));
    // Looking again writes nothing.
    let version = async |stage: &Stage| -> Vec<String> {
        sqlx::query_scalar("select xmin::text || query::text from dashboard_last_looks order by 1")
            .fetch_all(stage.app.db.pool_for_tests())
            .await
            .unwrap()
    };
    let before = version(&stage).await;
    assert_eq!(before.len(), 2);
    for _ in 0..3 {
        assert_eq!(stage.ada.get(&stage.page(left)).await.status, 200);
    }
    assert_eq!(version(&stage).await, before);
    // What cannot be shown is not kept either; the standard is what nothing is kept for.
    assert_eq!(stage.ada.get(&stage.page("?from=soon")).await.status, 200);
    assert_eq!(stage.ada.get(&stage.page("?view=00000000-0000-7000-8000-000000000000")).await.status, 200);
    assert_eq!(version(&stage).await, before);
    assert_eq!(stage.ada.get(&stage.page("?view=standard")).await.status, 200);
    assert_eq!(stage.ada.get(&bare).await.status, 200);
    assert_eq!(version(&stage).await.len(), 1);
    // Other pages of the dashboard, files and programs are not concerned.
    for other in [format!("/dashboards/{}/edit", stage.dashboard), format!("/dashboards/{}/arrange", stage.dashboard)] {
        assert_eq!(stage.ada.get(&stage.page("?f.category=Freight")).await.status, 200);
        assert_eq!(stage.ada.get(&other).await.status, 200, "{other}");
        assert_eq!(stage.ada.get(&bare).await.status, 302, "{other} forgets nothing");
    }
    let file = stage.ada.get(&format!("/dashboards/{}.csv", stage.dashboard)).await;
    assert!(file.status == 200 && !file.text.contains("Freight"), "{file:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn views_are_kept_by_everybody_and_for_everybody_by_admins() {
    let mut stage = Stage::new().await;
    let mut mia = stage.colleague("Mia", Role::Member).await;
    let mut vera = stage.colleague("Vera", Role::Viewer).await;
    let path = format!("/api/v1/dashboards/{}/views", stage.dashboard);
    let query =
        json!({"from": "2026-01-01", "to": "2026-07-01", "filters": {"category": ["Freight"], "department": ["~"]}});
    let shared = stage.ada.post_json(&path, &json!({"name": " Half a year ", "shared": true, "query": query})).await;
    assert_eq!(shared.status, 201, "{shared:?}");
    let shared = shared.json();
    assert_eq!((&shared["name"], &shared["query"], &shared["shared"]), (&json!("Half a year"), &query, &json!(true)));
    for (visitor, name) in [(&mut mia, "Mia"), (&mut vera, "Vera")] {
        let refused = visitor.post_json(&path, &json!({"name": "All", "shared": true})).await;
        assert_eq!(refused.status, 403, "{name}");
        let own = visitor.post_json(&path, &json!({"name": "Half a YEAR", "query": {"compare": "none"}})).await;
        assert_eq!(own.status, 201, "a name is taken among one's own: {own:?}");
        let again = visitor.post_json(&path, &json!({"name": "half a year"})).await;
        assert_eq!(again.status, 422);
        assert!(again.text.contains("There is a view of this name already."), "{again:?}");
        let list = visitor.get_json(&path).await.json();
        let names: Vec<&str> = list["items"].as_array().unwrap().iter().map(|v| v["name"].as_str().unwrap()).collect();
        assert_eq!(names, ["Half a year", "Half a YEAR"], "{name} sees theirs and everybody's");
        let of_all = format!("{path}/{}", shared["id"].as_str().unwrap());
        assert_eq!(visitor.json(Method::PATCH, &of_all, &json!({"name": "x"})).await.status, 403);
        assert_eq!(visitor.json(Method::DELETE, &of_all, &json!({})).await.status, 403);
        assert_eq!(visitor.get_json(&of_all).await.status, 200);
    }
    let of_mia = mia.get_json(&path).await.json()["items"][1]["id"].as_str().unwrap().to_owned();
    for visitor in [&mut stage.ada, &mut vera] {
        let foreign = format!("{path}/{of_mia}");
        assert_eq!(visitor.get_json(&foreign).await.status, 404, "not even an admin's");
        assert_eq!(visitor.json(Method::DELETE, &foreign, &json!({})).await.status, 404);
    }
    for (wrong, field) in [
        (json!({"name": " "}), "name"),
        (json!({"name": "x".repeat(101)}), "name"),
        (json!({"name": "x", "query": {"from": "soon"}}), "query.from"),
        (json!({"name": "x", "query": {"filters": {"colour": ["red"]}}}), "query.filters"),
    ] {
        let refused = stage.ada.post_json(&path, &wrong).await;
        assert!(refused.status == 422 && refused.text.contains(field), "{wrong}: {refused:?}");
    }
    // A view's id leads to what it says, for who has it.
    let to = "?from=2026-01-01&to=2026-07-01&f.category=Freight&f.department=~";
    let by_id = format!("?view={}", shared["id"].as_str().unwrap());
    assert_eq!(vera.get(&stage.page(&by_id)).await.header("location"), stage.page(to));
    let page = vera.get(&stage.page(to)).await;
    assert!(page.text.contains("Half a year") && page.text.contains("Half a YEAR"), "{}", page.text);
    let foreign = vera.get(&stage.page(&format!("?view={of_mia}"))).await;
    assert!(foreign.status == 200 && foreign.text.contains("This saved view is gone"), "{}", foreign.text);
    // Renamed, made to show something else, deleted.
    let own = format!("{path}/{of_mia}");
    let renamed = mia.json(Method::PATCH, &own, &json!({"name": "Mine"})).await.json();
    assert_eq!((&renamed["name"], &renamed["query"]), (&json!("Mine"), &json!({"compare": "none"})));
    let updated = mia.json(Method::PATCH, &own, &json!({"query": {"filters": {"type": ["income"]}}})).await.json();
    assert_eq!((&updated["name"], &updated["query"]["filters"]["type"][0]), (&json!("Mine"), &json!("income")));
    assert_eq!(mia.json(Method::DELETE, &own, &json!({})).await.status, 204);
    assert_eq!(mia.get_json(&own).await.status, 404);
    // By the menu's forms, too, which work without JavaScript.
    let form = [("dashboard", &*stage.dashboard), ("name", "By form"), ("query", "?f.type=income&view=standard")];
    assert!(vera.post_form("/rpc/dashboards/views/save", &form).await.status.is_success());
    let made = vera.get_json(&path).await.json();
    let made = made["items"].as_array().unwrap().iter().find(|v| v["name"] == "By form").unwrap().clone();
    assert_eq!(made["query"], json!({"filters": {"type": ["income"]}}));
    let id = made["id"].as_str().unwrap();
    let gone = vera.post_form("/rpc/dashboards/views/change", &[("id", id), ("act", "delete")]).await;
    assert!(gone.status.is_success(), "{gone:?}");
    // What everybody has is told to everybody; what somebody keeps for themselves is nobody's business.
    let feed = stage.ada.get_json("/api/v1/activities").await.text;
    assert!(
        feed.contains("The view “Half a year” of dashboard “Board” was saved") && !feed.contains("By form"),
        "{feed}"
    );
    // A dashboard of one's own has views of one's own.
    let own = mia.post_json("/api/v1/dashboards", &json!({"name": "Own", "personal": true})).await.json();
    let path = format!("/api/v1/dashboards/{}/views", own["id"].as_str().unwrap());
    assert_eq!(mia.post_json(&path, &json!({"name": "A"})).await.status, 201);
    assert_eq!(stage.ada.post_json(&path, &json!({"name": "A"})).await.status, 404);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_dashboard_has_so_many_views_and_no_more() {
    let mut stage = Stage::new().await;
    let path = format!("/api/v1/dashboards/{}/views", stage.dashboard);
    for n in 0..50 {
        assert_eq!(stage.ada.post_json(&path, &json!({"name": format!("View {n}")})).await.status, 201);
    }
    assert_eq!(stage.ada.post_json(&path, &json!({"name": "One more"})).await.status, 409);
    assert_eq!(
        stage.ada.post_json(&path, &json!({"name": "One more", "shared": true})).await.status,
        201,
        "is another's"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn files_hold_what_is_shown_and_say_what_it_is_of() {
    let mut stage = Stage::new().await;
    let search = "?from=2026-01-01&to=2027-01-01&compare=none&f.party=Contoso&f.status=pending";
    let file = |extension: &str| format!("/dashboards/{}.{extension}{search}", stage.dashboard);
    let csv = stage.ada.get(&file("csv")).await.text;
    let owed = stage
        .sql("select sum(amount) from payments where organization_id = $1 and party = 'Contoso' and status = 'pending'")
        .await;
    for line in [
        "Filter,Vendor or customer: Contoso\r\n",
        "Filter,Status: Pending\r\n",
        "Note,\"Spent: Not filtered by Vendor or customer, Status\"\r\n",
        &format!("{}", owed.normalize()),
        "Contoso",
    ] {
        assert!(csv.contains(line), "{line}: {csv}");
    }
    assert!(!csv.contains("Litware"), "{csv}");
    let json = stage.ada.get(&file("json")).await.json();
    assert_eq!(json["filters"], json!(["Vendor or customer: Contoso", "Status: Pending"]));
    assert_eq!(json["widgets"][0]["not_filtered"], "Not filtered by Vendor or customer, Status");
    assert!(json["widgets"][3].get("not_filtered").is_none());
    let svg = stage.ada.get(&file("svg")).await.text;
    assert!(svg.contains("Vendor or customer: Contoso") && svg.contains("Not filtered by Vendor"));
    // Pictures and documents are made of the drawing.
    assert_eq!(stage.ada.get(&file("xlsx")).await.status, 200);
    let whole = stage.ada.get_json(&format!("/api/v1/dashboards/{}", stage.dashboard)).await.json();
    let one = whole["widgets"][0]["id"].as_str().unwrap();
    let csv = stage.ada.get(&format!("/dashboards/{}/widgets/{one}.csv{search}", stage.dashboard)).await.text;
    assert!(csv.contains("Nothing here can be filtered by Status."), "{csv}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_sums_leave_out_for_its_currency_is_said_wherever_they_are_shown() {
    let mut stage = Stage::new().await;
    sqlx::query(
        "insert into payments (organization_id, id, party, issued_on, due_date, status, amount, currency)
         values ($1, gen_random_uuid(), 'Litware', '2026-03-01', '2026-04-01', 'pending', 5, 'EUR')",
    )
    .bind(stage.organization)
    .execute(stage.app.db.pool_for_tests())
    .await
    .unwrap();
    let (year, said) =
        ("from=2026-01-01&to=2027-01-01&compare=none", "in other currencies than USD are not in the sums.");
    for (search, payments, condition) in [
        (year, " and 1 payment", "true"),
        ("from=2026-01-01&to=2026-02-20&compare=none", " and 1 payment", "date < '2026-02-20'"),
        (format!("{year}&f.department=Sales").as_str(), " and 1 payment", "department = 'Sales'"),
        (format!("{year}&f.party=Contoso").as_str(), "", "true"),
    ] {
        // The dashboard is of expenses.
        let text = format!(
            "select count(*) from transactions
             where organization_id = $1 and type = 'expense' and currency = 'EUR' and {condition}"
        );
        let expected = format!("{} transactions{payments} {said}", stage.sql(&text).await);
        let page = stage.ada.get(&stage.page(&format!("?{search}"))).await.text;
        assert!(page.contains(&expected), "{search}: {expected}: {page}");
    }
    for search in ["f.currency=USD", "f.currency=EUR"] {
        let page = stage.ada.get(&stage.page(&format!("?{year}&{search}"))).await.text;
        assert!(!page.contains("not in the sums"), "{search}: {page}");
    }
    // Files and links say what the page says.
    let expected = format!("15 transactions and 1 payment {said}");
    for ending in ["csv", "json", "svg"] {
        let file = stage.ada.get(&format!("/dashboards/{}.{ending}?{year}", stage.dashboard)).await.text;
        assert!(file.contains(&expected), "{ending}: {file}");
    }
    let query = json!({"from": "2026-01-01", "to": "2027-01-01", "compare": "none"});
    let path = format!("/api/v1/dashboards/{}/share", stage.dashboard);
    let link = stage.ada.post_json(&path, &json!({ "query": query })).await.json();
    let shared = stage.app.visitor().get(link["share_url"].as_str().unwrap()).await.text;
    assert!(shared.contains(&expected), "{shared}");
    // What comes later is counted too.
    let later = json!({"date": "2026-05-05", "type": "expense", "amount": "5", "currency": "EUR"});
    assert_eq!(stage.ada.post_json("/api/v1/transactions", &later).await.status, 201);
    let page = stage.ada.get(&stage.page(&format!("?{year}"))).await.text;
    assert!(page.contains(&format!("16 transactions and 1 payment {said}")), "{page}");
    // A record that several ranges hold is one; records and notes are no sums.
    let figure = json!({"kind": "kpi", "settings": {"metric": "total_expenses"}});
    let of_year = json!({"metric": "total_expenses", "range": {"from": "2026-01-01", "to": "2027-01-01"}});
    let records = json!([{"kind": "data_table", "settings": {"source": "transactions"}}, {"kind": "notes"}]);
    for (widgets, expected) in [
        (json!([figure, {"kind": "kpi", "settings": of_year}]), Some(format!("16 transactions {said}"))),
        (records, None),
    ] {
        let made =
            stage.ada.post_json("/api/v1/dashboards", &json!({"name": "Other", "widgets": widgets})).await.json();
        let address = format!("/dashboards/{}?from=2026-01-01&to=2026-02-01", made["id"].as_str().unwrap());
        let page = stage.ada.get(&address).await.text;
        match expected {
            Some(expected) => assert!(page.contains(&expected), "{expected}: {page}"),
            None => assert!(!page.contains("not in the sums"), "{page}"),
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_link_keeps_its_filters_and_lets_nobody_beyond_them() {
    let mut stage = Stage::new().await;
    let kept = json!({"from": "2026-01-01", "to": "2027-01-01", "compare": "none", "filters": {"party": ["Contoso", "Litware"]}});
    let path = format!("/api/v1/dashboards/{}/share", stage.dashboard);
    let mut make = async |unlocked: bool| {
        let made = stage.ada.post_json(&path, &json!({"query": kept, "unlocked": unlocked})).await;
        assert_eq!(made.status, 201, "{made:?}");
        made.json()["share_url"].as_str().unwrap().to_owned()
    };
    let (locked, unlocked) = (make(false).await, make(true).await);
    // What somebody looked at does not show to others.
    assert_eq!(stage.ada.get(&stage.page("?f.status=rejected")).await.status, 200);
    let mut guest = stage.app.visitor();
    let plain = guest.get(&locked).await.text;
    assert!(plain.contains("Vendor or customer: Contoso, Litware") && !plain.contains("~ Ltd"), "{plain}");
    assert!(plain.contains("Not filtered by Vendor or customer"));
    for asked in ["?f.party=Contoso", "?f.status=paid", "?from=2020-01-01", "?view=standard"] {
        assert_eq!(guest.get(&format!("{locked}{asked}")).await.text, plain, "{asked}");
    }
    let open = guest.get(&unlocked).await.text;
    assert!(open.contains("name=\"f.party\"") && open.contains("name=\"f.status\""), "{open}");
    assert!(!open.contains("name=\"f.category\""), "which categories there are is nobody's business");
    assert!(!open.contains("~ Ltd"));
    let narrower = guest.get(&format!("{unlocked}?f.party=Contoso&f.status=pending")).await.text;
    assert!(narrower.contains("Vendor or customer: Contoso<") && narrower.contains("Status: Pending"), "{narrower}");
    for beyond in ["?f.party=~~%20Ltd", "?f.party=", "?view=standard", "?f.category=Freight", "?f.department=Sales"] {
        let page = guest.get(&format!("{unlocked}{beyond}")).await.text;
        assert!(page.contains("Vendor or customer: Contoso, Litware") && !page.contains("~ Ltd"), "{beyond}: {page}");
        assert!(!page.contains("Category:") && !page.contains("Department:"), "{beyond}");
    }
    let token = unlocked.trim_start_matches("/shared/");
    let api = |search: &str| format!("/api/v1/dashboards/shared/{token}{search}");
    let value = |answer: Answer| number(&answer.json()["widgets"][1]["data"]["value"]);
    let owed = "select sum(amount) from payments where organization_id = $1 and status = 'pending' and party ";
    let both = stage.sql(&format!("{owed} in ('Contoso', 'Litware')")).await.normalize();
    assert_eq!(value(guest.get_json(&api("")).await), both);
    assert_eq!(value(guest.get_json(&api("?f.party=~~%20Ltd")).await), both);
    let one = stage.sql(&format!("{owed} = 'Contoso'")).await.normalize();
    assert_eq!(value(guest.get_json(&api("?f.party=Contoso")).await), one);
    let refused = stage.ada.post_json(&path, &json!({"query": {"filters": {"colour": ["red"]}}})).await;
    assert_eq!(refused.status, 422);
}
