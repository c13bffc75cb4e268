//! A personal dashboard is its owner's alone wherever it could leave the page: files, code, data and public links.

use crate::support::{PASSWORD, TestApp, Visitor, email};
use belvedere::{
    accounts::{NewAccount, Role, store::operator},
    dashboards::{code::provision, templates::Template},
    zone::Zone,
};
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
        time_zone: Zone::UTC,
    };
    operator::create(&app.db, account, role).await.unwrap();
    app.signed_in(&email(name), PASSWORD).await
}

async fn user_id(app: &TestApp, name: &str) -> String {
    let id: uuid::Uuid = sqlx::query_scalar("select id from users where email = $1")
        .bind(email(name))
        .fetch_one(app.db.pool_for_tests())
        .await
        .unwrap();
    id.to_string()
}

/// A personal dashboard: its id, and that of its only widget.
async fn personal(visitor: &mut Visitor) -> (String, String) {
    let note = json!({"kind": "notes", "settings": {"text": "Only mine"}});
    let new = json!({"name": "Secret plans", "personal": true, "widgets": [note]});
    let made = visitor.post_json("/api/v1/dashboards", &new).await;
    assert_eq!(made.status, 201, "{made:?}");
    let made = made.json();
    (made["id"].as_str().unwrap().to_owned(), made["widgets"][0]["id"].as_str().unwrap().to_owned())
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_else_gets_it_as_a_file_as_code_or_as_data() {
    let app = TestApp::new().await;
    let mut ada = app.signed_up("Ada").await;
    let mut max = colleague(&app, "Max", Role::Member).await;
    let (id, widget) = personal(&mut max).await;
    for path in [
        format!("/dashboards/{id}.csv"),
        format!("/dashboards/{id}/widgets/{widget}.json"),
        format!("/api/v1/dashboards/{id}.json"),
        format!("/api/v1/dashboards/{id}/code"),
        format!("/dashboards/{id}/code.json"),
        format!("/api/v1/dashboards/{id}/widgets/{widget}/data"),
    ] {
        assert_eq!(max.get_json(&path).await.status, 200, "{path}");
        assert_eq!(ada.get_json(&path).await.status, 404, "{path}");
    }
    let code = max.get_json(&format!("/api/v1/dashboards/{id}/code")).await.json();
    let into = format!("/api/v1/dashboards/import?into={id}");
    assert_eq!(ada.post_json(&into, &code).await.status, 404);
    // By its name alone it means nothing to her either: hers is a new one, and the organisation's.
    let made = ada.post_json("/api/v1/dashboards/import", &code).await;
    assert_eq!(made.status, 201, "{made:?}");
    let made = ada.get_json(&format!("/api/v1/dashboards/{}", made.json()["id"].as_str().unwrap())).await.json();
    assert_eq!(made["owner_id"], Value::Null);
    // A member's import by name goes to their own, not to the organisation's of that name, which they may not change.
    let again = max.post_json("/api/v1/dashboards/import", &code).await;
    assert_eq!((again.status.as_u16(), again.json()["id"].clone()), (200, json!(id)));
    let copy = max.post_json("/api/v1/dashboards/import?into=new", &code).await.json();
    let copy = max.get_json(&format!("/api/v1/dashboards/{}", copy["id"].as_str().unwrap())).await.json();
    assert_eq!(copy["owner_id"], json!(user_id(&app, "Max").await), "a member's import is personal");
}

#[tokio::test(flavor = "multi_thread")]
async fn its_public_links_are_its_owner_s_who_must_be_an_admin() {
    let app = TestApp::new().await;
    let mut ada = app.signed_up("Ada").await;
    let mut adam = colleague(&app, "Adam", Role::Admin).await;
    let mut max = colleague(&app, "Max", Role::Member).await;
    let (maxs, _) = personal(&mut max).await;
    assert_eq!(max.post_json(&format!("/api/v1/dashboards/{maxs}/share"), &json!({})).await.status, 403);
    assert_eq!(adam.post_json(&format!("/api/v1/dashboards/{maxs}/share"), &json!({})).await.status, 404);

    let (id, _) = personal(&mut adam).await;
    let share = format!("/api/v1/dashboards/{id}/share");
    let made = adam.post_json(&share, &json!({"name": "For the bank"})).await;
    assert_eq!(made.status, 201, "{made:?}");
    let link = made.json();
    let (page, link_id) = (link["share_url"].as_str().unwrap(), link["id"].as_str().unwrap());
    let api = format!("/api/v1/dashboards/shared/{}", link["share_token"].as_str().unwrap());
    let opened = app.visitor().get(page).await;
    assert!(opened.status == 200 && opened.text.contains("Only mine"), "{opened:?}");
    assert_eq!(app.visitor().get_json(&api).await.status, 200);
    assert!(adam.get(&format!("/dashboards/{id}")).await.text.contains("Public"));

    // Another admin neither sees nor ends it, and the feed does not name it.
    assert!(!ada.get_json("/api/v1/dashboard-shares").await.text.contains("Secret plans"));
    assert!(adam.get_json("/api/v1/dashboard-shares").await.text.contains("Secret plans"));
    for (method, path) in [
        (Method::GET, share.clone()),
        (Method::POST, share.clone()),
        (Method::DELETE, share.clone()),
        (Method::DELETE, format!("/api/v1/dashboard-shares/{link_id}")),
        (Method::POST, format!("/api/v1/dashboard-shares/{link_id}/rotate")),
    ] {
        assert_eq!(ada.json(method.clone(), &path, &json!({})).await.status, 404, "{method} {path}");
    }
    let feed = ada.get_json("/api/v1/activities").await.text;
    assert!(!feed.contains("Secret plans") && !feed.contains("For the bank") && !feed.contains(&id), "{feed}");

    // Its owner is no admin any more: so they may not share, and the link opens nothing.
    let role = async |role: &str| {
        sqlx::query("update memberships m set role = $2 from users u where u.id = m.user_id and u.email = $1")
            .bind(email("Adam"))
            .bind(role)
            .execute(app.db.pool_for_tests())
            .await
            .unwrap();
    };
    role("MEMBER").await;
    assert_eq!(app.visitor().get(page).await.status, 404);
    role("ADMIN").await;
    assert_eq!(app.visitor().get(page).await.status, 200);

    // Whoever is given it is the only one who sees it.
    let to = json!({"owner_id": user_id(&app, "Max").await});
    let given = adam.json(Method::PUT, &format!("/api/v1/dashboards/{id}/owner"), &to).await;
    assert_eq!(given.status, 204, "{given:?}");
    assert_eq!(app.visitor().get(page).await.status, 404);
    assert_eq!(app.visitor().get_json(&api).await.status, 404);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_comes_from_a_file_stays_the_organisation_s() {
    let app = TestApp::new().await;
    let mut ada = app.signed_up("Ada").await;
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("cash.json"), Template::CashFlow.text()).unwrap();
    provision::run(&app.db, folder.path(), "Ada & Co").await.unwrap();
    let listed = ada.get_json("/api/v1/dashboards").await.json();
    assert_eq!(listed["items"][0]["owner_id"], Value::Null);
    let id = listed["items"][0]["id"].as_str().unwrap();
    let to = json!({"owner_id": user_id(&app, "Ada").await});
    let refused = ada.json(Method::PUT, &format!("/api/v1/dashboards/{id}/owner"), &to).await;
    assert!(refused.status == 409 && refused.text.contains("cash.json"), "{refused:?}");
    let page = ada.get(&format!("/dashboards/{id}")).await.text;
    assert!(!page.contains(&format!("/dashboards/{id}/edit")) && !page.contains(&format!("/dashboards/{id}/settings")));
    assert!(page.contains(&format!("/dashboards/{id}/arrange")) && page.contains("Duplicate for myself"), "{page}");
}

/// A person's own arrangement, copy and history hold what is for their role, and nothing else.
#[tokio::test(flavor = "multi_thread")]
async fn what_is_not_for_a_role_is_in_no_arrangement_copy_or_version() {
    let app = TestApp::new().await;
    let mut ada = app.signed_up("Ada").await;
    let note = |text: &str, roles: Value| json!({"kind": "notes", "settings": {"text": text, "roles": roles}});
    let new = json!({"name": "Shared", "widgets": [note("For all", Value::Null), note("For admins", json!([]))]});
    let made = ada.post_json("/api/v1/dashboards", &new).await.json();
    let id = made["id"].as_str().unwrap();
    let (shown, hidden) = (&made["widgets"][0], made["widgets"][1]["id"].as_str().unwrap());
    let api = format!("/api/v1/dashboards/{id}");
    let mut max = colleague(&app, "Max", Role::Member).await;

    let place = json!({"id": shown["id"], "x": 4, "y": 0, "w": shown["w"], "h": shown["h"]});
    let arranged = max.json(Method::PUT, &format!("{api}/arrangement"), &json!({"places": [place]})).await;
    assert_eq!(arranged.status, 204, "what they do not see they need not name: {arranged:?}");
    let copy = max.json(Method::POST, &format!("{api}/duplicate"), &json!({})).await.json();
    let copy = max.get_json(&format!("/api/v1/dashboards/{}", copy["id"].as_str().unwrap())).await;
    assert_eq!(copy.json()["widgets"].as_array().unwrap().len(), 1);
    assert_eq!(copy.json()["widgets"][0]["x"], 4, "as they see it");
    for path in [
        format!("/dashboards/{id}"),
        format!("/dashboards/{id}/arrange"),
        format!("/dashboards/{id}/history?version=1"),
        format!("{api}/versions/1"),
        format!("{api}/arrangement"),
    ] {
        let answer = max.get(&path).await;
        assert_eq!(answer.status, 200, "{path}");
        assert!(!answer.text.contains("For admins") && !answer.text.contains(hidden), "{path}: {}", answer.text);
    }
    assert!(ada.get_json(&format!("{api}/versions/1")).await.text.contains("For admins"));
}
