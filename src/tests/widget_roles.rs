//! A widget that somebody's role may not see is neither drawn nor sent nor answered, whichever way they ask.

use crate::support::{PASSWORD, TestApp, Visitor, email};
use belvedere::accounts::{NewAccount, Role, store::operator};
use http::Method;
use serde_json::{Value, json};

/// Signs somebody in who belongs to Ada's organisation in this role.
async fn colleague(app: &TestApp, name: &str, role: Role) -> Visitor {
    let account = NewAccount {
        name: name.into(),
        email: email(name),
        password: PASSWORD.into(),
        organization_name: "Ada & Co".into(),
        base_currency: "USD".into(),
        time_zone: belvedere::zone::Zone::UTC,
    };
    operator::create(&app.db, account, role).await.unwrap();
    app.signed_in(&email(name), PASSWORD).await
}

/// A dashboard with a note for everybody, one for viewers, and one for owners and admins.
async fn dashboard(ada: &mut Visitor) -> (String, Vec<String>) {
    let note = |title: &str, roles: Value| json!({"kind": "notes", "settings": {"title": title, "text": format!("text of {title}"), "roles": roles}});
    let new = json!({"name": "Shared", "is_default": true, "widgets": [
        note("Everybody", Value::Null), note("Viewers", json!(["VIEWER"])), note("Nobody else", json!([])),
    ]});
    let made = ada.post_json("/api/v1/dashboards", &new).await;
    assert_eq!(made.status, 201, "{made:?}");
    let made = made.json();
    let ids = made["widgets"].as_array().unwrap().iter().map(|w| w["id"].as_str().unwrap().to_owned()).collect();
    (made["id"].as_str().unwrap().to_owned(), ids)
}

#[tokio::test]
async fn each_role_sees_and_gets_what_is_for_it() {
    let app = TestApp::new().await;
    let mut ada = app.signed_up("Ada").await;
    let (id, widgets) = dashboard(&mut ada).await;
    let titles = ["Everybody", "Viewers", "Nobody else"];
    let api = format!("/api/v1/dashboards/{id}");
    let mut people = vec![
        (ada, [true, true, true]),
        (colleague(&app, "Anna", Role::Admin).await, [true, true, true]),
        (colleague(&app, "Max", Role::Member).await, [true, false, false]),
        (colleague(&app, "Vera", Role::Viewer).await, [true, true, false]),
    ];
    // Twice: the second time bodies come from the cache that all of them share.
    for (person, sees) in &mut people {
        for _ in 0..2 {
            let page = person.get(&format!("/dashboards/{id}")).await;
            let whole = person.get_json(&api).await;
            let query = json!({"query": {"dashboard": id}});
            let rpc = person.post_json("/rpc/dashboards/page", &query).await;
            assert_eq!((page.status.as_u16(), whole.status.as_u16(), rpc.status.as_u16()), (200, 200, 200));
            let version = rpc.json()["head"]["shown"]["row"]["version"].clone();
            let known: Vec<_> = widgets.iter().map(|id| json!({"id": id, "hash": ""})).collect();
            let refresh = json!({"query": {"dashboard": id}, "version": version, "known": known});
            let refreshed = person.post_json("/rpc/dashboards/refresh", &refresh).await;
            for ((title, widget), sees) in titles.iter().zip(&widgets).zip(&*sees) {
                let text = format!("text of {title}");
                for answer in [&page, &whole, &rpc, &refreshed] {
                    assert_eq!(answer.text.contains(&text), *sees, "{title}: {}", answer.text);
                    assert_eq!(answer.text.contains(widget.as_str()), *sees, "the id of {title}: {}", answer.text);
                }
                let data = person.get_json(&format!("{api}/widgets/{widget}/data")).await;
                assert_eq!(data.status, if *sees { 200 } else { 404 }, "{title}");
            }
        }
    }
}

#[tokio::test]
async fn who_sees_nothing_on_a_dashboard_reads_why() {
    let app = TestApp::new().await;
    let mut ada = app.signed_up("Ada").await;
    let mut make = async |widgets: Value| {
        let made = ada.post_json("/api/v1/dashboards", &json!({"name": "Shared", "widgets": widgets})).await;
        assert_eq!(made.status, 201, "{made:?}");
        format!("/dashboards/{}", made.json()["id"].as_str().unwrap())
    };
    let blank = make(json!([])).await;
    let closed = make(json!([{"kind": "notes", "settings": {"title": "Pay", "text": "x", "roles": []}}])).await;
    let mut vera = colleague(&app, "Vera", Role::Viewer).await;
    assert!(vera.get(&closed).await.text.contains("Nothing on this dashboard is for your role"));
    let blank = vera.get(&blank).await.text;
    assert!(blank.contains("Nothing on this dashboard yet") && !blank.contains("It was made blank"), "{blank}");
}

#[tokio::test]
async fn who_may_not_add_records_is_not_sent_to_add_the_first() {
    let app = TestApp::new().await;
    let mut ada = app.signed_up("Ada").await;
    let widgets = json!([{"kind": "data_table", "settings": {"source": "payments"}}]);
    let made = ada.post_json("/api/v1/dashboards", &json!({"name": "Bills", "widgets": widgets})).await.json();
    let path = format!("/dashboards/{}?view=standard", made["id"].as_str().unwrap());
    let mut vera = colleague(&app, "Vera", Role::Viewer).await;
    // Twice: the second time bodies come from the cache that both of them share.
    for _ in 0..2 {
        for (person, may_add) in [(&mut ada, true), (&mut vera, false)] {
            let page = person.get(&path).await.text;
            assert!(page.contains("No payments yet</p>") && page.contains("There are no payments yet."), "{page}");
            assert_eq!(page.contains("/imports/new?target=payments"), may_add, "{page}");
        }
    }
}

#[tokio::test]
async fn who_may_not_see_a_widget_cannot_change_it_or_learn_of_it() {
    let app = TestApp::new().await;
    let mut ada = app.signed_up("Ada").await;
    let (id, widgets) = dashboard(&mut ada).await;
    let api = format!("/api/v1/dashboards/{id}");
    let mut max = colleague(&app, "Max", Role::Member).await;
    let hidden = format!("{api}/widgets/{}", widgets[2]);
    for (method, body) in [(Method::PUT, json!({"settings": {"text": "mine"}})), (Method::DELETE, json!({}))] {
        let answer = max.json(method, &hidden, &body).await;
        assert!([403, 404].contains(&answer.status.as_u16()), "{answer:?}");
    }
    let feed = max.get_json("/api/v1/activities").await;
    assert!(!feed.text.contains("Nobody else"), "{feed:?}");
    let whole = ada.get_json(&api).await;
    assert_eq!(whole.json()["widgets"].as_array().unwrap().len(), 3, "all of it is still there");
    assert!(whole.text.contains("text of Nobody else"));
}

/// What was for everybody once, and is not any more, is nowhere to be found: not as it was then, and not by its name.
#[tokio::test]
async fn the_past_tells_nobody_what_the_present_keeps_from_them() {
    let app = TestApp::new().await;
    let mut ada = app.signed_up("Ada").await;
    let (id, widgets) = dashboard(&mut ada).await;
    let api = format!("/api/v1/dashboards/{id}");
    let limit = json!({"settings": {"title": "Everybody", "text": "text of Everybody", "roles": ["VIEWER"]}});
    assert_eq!(ada.json(Method::PUT, &format!("{api}/widgets/{}", widgets[0]), &json!({"h": 4})).await.status, 200);
    assert_eq!(ada.json(Method::PUT, &format!("{api}/widgets/{}", widgets[0]), &limit).await.status, 200);
    let gone = json!({"settings": {"title": "Gone", "text": "text of Gone"}, "kind": "notes"});
    let gone = ada.post_json(&format!("{api}/widgets"), &gone).await.json()["id"].as_str().unwrap().to_owned();
    let closed = json!({"settings": {"title": "Gone", "text": "text of Gone", "roles": []}});
    assert_eq!(ada.json(Method::PUT, &format!("{api}/widgets/{gone}"), &closed).await.status, 200);
    assert_eq!(ada.json(Method::DELETE, &format!("{api}/widgets/{gone}"), &json!({})).await.status, 204);

    let mut people = vec![
        (colleague(&app, "Anna", Role::Admin).await, [true, true, true]),
        (colleague(&app, "Max", Role::Member).await, [false, false, false]),
        (colleague(&app, "Vera", Role::Viewer).await, [true, false, false]),
    ];
    for (person, sees) in &mut people {
        let mut answers = vec![
            person.get_json(&format!("{api}/versions")).await,
            person.get(&format!("/dashboards/{id}/history")).await,
            person.post_json("/rpc/dashboards/history/list", &json!({"id": id, "before": null})).await,
            person.get_json(&format!("{api}/code")).await,
        ];
        for version in 1..=6 {
            answers.push(person.get_json(&format!("{api}/versions/{version}")).await);
            answers.push(person.get(&format!("/dashboards/{id}/history?version={version}")).await);
            let ask = json!({"id": id, "version": version});
            answers.push(person.post_json("/rpc/dashboards/history/preview", &ask).await);
        }
        for (title, sees) in ["Everybody", "Gone", "Nobody else"].iter().zip(&*sees) {
            let named = answers.iter().any(|answer| answer.text.contains(title));
            assert_eq!(named, *sees, "{title}: {answers:#?}");
        }
        assert!(answers.iter().all(|answer| answer.status == 200), "{answers:#?}");
        let words = &answers[0].text;
        assert_eq!(words.contains("A widget that you cannot see was resized"), !sees[0], "{words}");
        assert_eq!(words.contains("A widget that you cannot see was added"), !sees[1], "{words}");
    }
}

/// A personal dashboard may hold widgets that its owner is not to see any more, since their role has changed.
#[tokio::test]
async fn an_owner_whose_role_has_changed_learns_nothing_from_their_draft_or_from_errors() {
    let app = TestApp::new().await;
    let _ada = app.signed_up("Ada").await;
    let mut anna = colleague(&app, "Anna", Role::Admin).await;
    let note = |title: &str, x: u16, roles: Value| {
        json!({"kind": "notes", "x": x, "y": 0, "w": 3, "h": 3,
        "settings": {"title": title, "text": "x", "roles": roles}})
    };
    let new = json!({"name": "Own", "personal": true, "widgets": [note("Open", 0, Value::Null), note("Hidden", 3, json!([]))]});
    let made = anna.post_json("/api/v1/dashboards", &new).await.json();
    let id = made["id"].as_str().unwrap().to_owned();
    let opened = anna.post_json("/rpc/dashboards/edit/open", &json!({"id": id})).await.json();
    let draft = json!({"id": uuid::Uuid::now_v7(), "continued": null});
    let keep = json!({"id": id, "draft": draft, "base_version": 1, "content": opened["content"]});
    assert_eq!(anna.post_json("/rpc/dashboards/edit/keep", &keep).await.status, 200);
    sqlx::query("update memberships set role = 'MEMBER' where role = 'ADMIN'")
        .execute(app.db.pool_for_tests())
        .await
        .unwrap();

    let opened = anna.post_json("/rpc/dashboards/edit/open", &json!({"id": id})).await;
    assert!(opened.status == 200 && opened.text.contains("Open") && !opened.text.contains("Hidden"), "{opened:?}");
    assert!(opened.json()["draft"].is_object(), "{opened:?}");
    let widget = json!({"kind": "notes", "x": 4, "y": 0, "w": 3, "h": 3, "settings": {"title": "Mine", "text": "x"}});
    let refused = anna.post_json(&format!("/api/v1/dashboards/{id}/widgets"), &widget).await;
    assert_eq!(refused.status, 422, "{refused:?}");
    assert!(refused.text.contains("“Mine” and a widget that you cannot see lie on each other."), "{refused:?}");
}

#[tokio::test]
async fn nobody_hides_a_widget_from_themselves() {
    let app = TestApp::new().await;
    let _ada = app.signed_up("Ada").await;
    let mut max = colleague(&app, "Max", Role::Member).await;
    let note = |roles: Value| json!({"name": "Mine", "widgets": [{"kind": "notes", "settings": {"text": "x", "roles": roles}}]});
    let refused = max.post_json("/api/v1/dashboards", &note(json!(["VIEWER"]))).await;
    assert!(refused.status == 422 && refused.text.contains("You would not see it yourself"), "{refused:?}");
    let made = max.post_json("/api/v1/dashboards", &note(json!(["MEMBER"]))).await;
    assert_eq!(made.status, 201, "{made:?}");
}

#[tokio::test]
async fn the_api_tells_what_can_be_set() {
    let app = TestApp::new().await;
    let mut ada = app.signed_up("Ada").await;
    let types = ada.get_json("/api/v1/dashboards/widget-types").await.json();
    let kpi = types["items"].as_array().unwrap().iter().find(|t| t["kind"] == "kpi").unwrap();
    let field = |name: &str| kpi["settings"].as_array().unwrap().iter().find(|f| f["name"] == name).unwrap().clone();
    assert_eq!(field("refresh")["min"], 60);
    assert_eq!(field("comparison")["options"][0]["value"], "dashboard");
    assert_eq!(field("metric")["control"], "metric");
}

#[tokio::test]
async fn what_may_be_named_is_the_organisation_s_own() {
    let app = TestApp::new().await;
    let (mut ada, mut bob) = (app.signed_up("Ada").await, app.signed_up("Bob").await);
    let booking =
        json!({"date": "2026-01-15", "type": "income", "amount": "1", "currency": "USD", "category": "Secret sales"});
    assert_eq!(ada.post_json("/api/v1/transactions", &booking).await.status, 201);
    let metric = json!({"code": "ada_s_own", "name": "Ada’s own", "formula": {"source": "payments"}});
    assert_eq!(ada.post_json("/api/v1/metrics", &metric).await.status, 201);
    let ask = json!({"source": "transactions", "field": "category"});
    let own = ada.post_json("/rpc/widgets/values", &ask).await;
    assert!(own.text.contains("Secret sales"), "{own:?}");
    let foreign = bob.post_json("/rpc/widgets/values", &ask).await;
    assert!(foreign.status == 200 && !foreign.text.contains("Secret"), "{foreign:?}");
    let choices = ada.post_json("/rpc/widgets/choices", &json!({})).await;
    let own = choices.json()["metrics"].as_array().unwrap().iter().find(|m| m["code"] == "ada_s_own").unwrap().clone();
    assert_eq!(own["sources"], json!(["payments"]));
    assert!(!bob.post_json("/rpc/widgets/choices", &json!({})).await.text.contains("ada_s_own"));
    for (source, field) in [("users", "name"), ("transactions", "shoe_size")] {
        let answer = ada.post_json("/rpc/widgets/values", &json!({"source": source, "field": field})).await;
        assert_eq!(answer.status, 404, "{answer:?}");
    }
    let mut vera = colleague(&app, "Vera", Role::Viewer).await;
    assert_eq!(vera.post_json("/rpc/widgets/values", &ask).await.status, 403);
}
