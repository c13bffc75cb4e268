//! Whose a dashboard is: what each role sees and may do, by store, page, server function and REST.

use crate::support::{self, Answer, PASSWORD, TestApp, Visitor, email};
use belvedere::{
    accounts::{Member, NewAccount, Role, store::operator},
    dashboards::{
        editing,
        model::{DashboardPatch, DashboardRow, NewDashboard, Place},
        personal::{
            self,
            model::{Direction, Step},
        },
        store,
        templates::Template,
    },
    error::AppError,
    ids::DashboardId,
    server::Database,
};
use http::{Method, Request};
use serde_json::{Value, json};

const ORGANIZATION: &str = "Ada & Co";

/// Somebody of Ada's organisation, in `role`.
async fn person(db: &Database, name: &str, role: Role) -> Member {
    let new = NewAccount {
        name: name.into(),
        email: email(name),
        password: PASSWORD.into(),
        organization_name: ORGANIZATION.into(),
        base_currency: "USD".into(),
        time_zone: belvedere::zone::Zone::UTC,
    };
    operator::create(db, new, role).await.unwrap();
    operator::act_as(db, &email(name), Some(ORGANIZATION)).await.unwrap()
}

async fn make(db: &Database, member: &Member, name: &str, personal: Option<bool>) -> Result<DashboardRow, AppError> {
    let editor = member.editor()?;
    let mut tx = db.tenant(&editor).await.unwrap();
    let template = Some(Template::CashFlow.code().to_owned());
    let new = NewDashboard { name: name.into(), template, personal, ..NewDashboard::default() };
    let made = store::create(&mut tx, &editor, new).await?;
    tx.commit().await.unwrap();
    Ok(made.row)
}

async fn rename(db: &Database, member: &Member, id: DashboardId, name: &str) -> Result<(), AppError> {
    let editor = member.editor()?;
    let mut tx = db.tenant(&editor).await.unwrap();
    let patch = DashboardPatch { name: Some(name.into()), ..DashboardPatch::default() };
    store::update(&mut tx, &editor, id, patch).await?;
    tx.commit().await
}

async fn give(db: &Database, member: &Member, id: DashboardId, to: Option<&Member>) -> Result<(), AppError> {
    let editor = member.editor()?;
    let mut tx = db.tenant(&editor).await.unwrap();
    store::give(&mut tx, &editor, id, to.map(|to| to.viewer().user_id)).await?;
    tx.commit().await
}

async fn names(db: &Database, member: &Member) -> Vec<String> {
    let colleague = member.colleague().unwrap();
    let mut tx = db.tenant(&colleague).await.unwrap();
    personal::store::list(&mut tx, &colleague).await.unwrap().0.into_iter().map(|row| row.name).collect()
}

fn forbidden<T: std::fmt::Debug>(result: Result<T, AppError>) {
    assert!(matches!(result, Err(AppError::Forbidden { .. })), "{result:?}");
}

fn not_found<T: std::fmt::Debug>(result: Result<T, AppError>) {
    assert!(matches!(result, Err(AppError::NotFound { .. })), "{result:?}");
}

#[tokio::test]
async fn members_have_their_own_and_admins_the_organisation_s() {
    let db = support::database().await;
    let owner = support::tenant(&db, "Ada").await;
    let admin = person(&db, "Adam", Role::Admin).await;
    let max = person(&db, "Max", Role::Member).await;
    let mia = person(&db, "Mia", Role::Member).await;
    let vera = person(&db, "Vera", Role::Viewer).await;

    let shared = make(&db, &owner, "Shared", None).await.unwrap();
    assert!(shared.owner_id.is_none() && shared.is_default);
    let own = make(&db, &max, "Max’s own", None).await.unwrap();
    assert_eq!(own.owner_id, Some(max.viewer().user_id));
    assert!(!own.is_default);
    forbidden(make(&db, &max, "For all", Some(false)).await);
    forbidden(make(&db, &vera, "Vera’s", None).await);
    make(&db, &admin, "Adam’s own", Some(true)).await.unwrap();

    assert_eq!(names(&db, &max).await, ["Shared", "Max’s own"]);
    assert_eq!(names(&db, &admin).await, ["Shared", "Adam’s own"]);
    for other in [&owner, &mia, &vera] {
        assert_eq!(names(&db, other).await, ["Shared"]);
    }

    // The organisation's: admins change it, members and viewers may not.
    rename(&db, &owner, shared.id, "Shared by all").await.unwrap();
    rename(&db, &admin, shared.id, "Shared").await.unwrap();
    forbidden(rename(&db, &max, shared.id, "Mine").await);
    forbidden(rename(&db, &vera, shared.id, "Mine").await);
    // A personal one: its owner alone, and nobody else knows that it is there.
    rename(&db, &max, own.id, "Max’s very own").await.unwrap();
    for other in [&owner, &admin, &mia] {
        not_found(rename(&db, other, own.id, "Taken").await);
        not_found(give(&db, other, own.id, Some(other)).await);
        let editor = other.editor().unwrap();
        let mut tx = db.tenant(&editor).await.unwrap();
        not_found(store::find(&mut tx, own.id).await);
        not_found(store::delete(&mut tx, &editor, own.id).await);
        not_found(store::duplicate(&mut tx, &editor, own.id).await);
        not_found(store::set_default(&mut tx, &editor, own.id).await);
        not_found(editing::store::open(&mut tx, &editor, own.id, None).await);
        let draft = editing::model::DraftKey { id: belvedere::ids::DraftId::new(), continued: None };
        not_found(editing::store::discard_draft(&mut tx, &editor, own.id, draft).await);
        not_found(store::versions::history(&mut tx, &other.colleague().unwrap(), own.id, None).await);
        not_found(personal::store::set_favourite(&mut tx, &other.colleague().unwrap(), own.id, true).await);
    }
    // It can be nobody's default.
    let editor = max.editor().unwrap();
    let mut tx = db.tenant(&editor).await.unwrap();
    assert!(matches!(store::set_default(&mut tx, &editor, own.id).await, Err(AppError::Invalid { .. })));
    // Partners see none of it.
    let partner = person(&db, "Paul", Role::Partner).await;
    forbidden(partner.colleague());
}

#[tokio::test]
async fn what_is_personal_is_not_told_in_the_feed() {
    let db = support::database().await;
    let owner = support::tenant(&db, "Ada").await;
    let max = person(&db, "Max", Role::Member).await;
    let own = make(&db, &max, "Secret plans", None).await.unwrap();
    rename(&db, &max, own.id, "More secret plans").await.unwrap();
    let editor = max.editor().unwrap();
    let mut tx = db.tenant(&editor).await.unwrap();
    store::duplicate(&mut tx, &editor, own.id).await.unwrap();
    store::delete(&mut tx, &editor, own.id).await.unwrap();
    store::purge(&mut tx, &editor, own.id).await.unwrap();
    tx.commit().await.unwrap();
    let mut tx = db.tenant(&owner).await.unwrap();
    let told: Vec<(String, Option<uuid::Uuid>)> =
        sqlx::query_as("select title, entity_id from activities where entity_type = 'dashboard' order by id")
            .fetch_all(tx.conn())
            .await
            .unwrap();
    assert_eq!(told.len(), 5, "that something happened is on the record: {told:?}");
    assert!(told.iter().all(|(title, id)| title.starts_with("A personal dashboard was ") && id.is_none()), "{told:?}");
}

#[tokio::test]
async fn dashboards_change_hands() {
    let db = support::database().await;
    let owner = support::tenant(&db, "Ada").await;
    let max = person(&db, "Max", Role::Member).await;
    let mia = person(&db, "Mia", Role::Member).await;
    let vera = person(&db, "Vera", Role::Viewer).await;
    let stranger = support::tenant(&db, "Bob").await;
    let shared = make(&db, &owner, "Shared", None).await.unwrap();
    let own = make(&db, &max, "Plans", None).await.unwrap();

    forbidden(give(&db, &max, own.id, None).await);
    forbidden(give(&db, &max, shared.id, Some(&max)).await);
    for wrong in [&vera, &stranger] {
        assert!(matches!(give(&db, &max, own.id, Some(wrong)).await, Err(AppError::Invalid { .. })));
    }
    give(&db, &max, own.id, Some(&mia)).await.unwrap();
    assert_eq!(names(&db, &max).await, ["Shared"]);
    assert_eq!(names(&db, &mia).await, ["Shared", "Plans"]);
    give(&db, &mia, own.id, Some(&owner)).await.unwrap();
    give(&db, &owner, own.id, None).await.unwrap();
    assert_eq!(names(&db, &vera).await, ["Shared", "Plans"]);

    // The default goes to the next one when it is given away.
    give(&db, &owner, shared.id, Some(&mia)).await.unwrap();
    let mut tx = db.tenant(&owner).await.unwrap();
    let rows = store::list(&mut tx).await.unwrap();
    assert_eq!(rows.iter().map(|row| (row.name.as_str(), row.is_default)).collect::<Vec<_>>(), [("Plans", true)]);
    drop(tx);

    // Mia leaves; what she had is nobody's to see, and an admin's to place.
    sqlx::query("delete from memberships where user_id = $1")
        .bind(mia.viewer().user_id)
        .execute(db.pool_for_tests())
        .await
        .unwrap();
    let admin = owner.admin().unwrap();
    let mut tx = db.tenant(&admin).await.unwrap();
    let left = store::list_left_behind(&mut tx, &admin).await.unwrap();
    assert_eq!(left.iter().map(|left| left.name.as_str()).collect::<Vec<_>>(), ["Shared"]);
    not_found(store::find(&mut tx, shared.id).await);
    drop(tx);
    not_found(give(&db, &max, shared.id, Some(&max)).await);
    give(&db, &owner, shared.id, Some(&max)).await.unwrap();
    assert_eq!(names(&db, &max).await, ["Plans", "Shared"]);
}

#[tokio::test]
async fn everybody_has_their_own_order_favourites_and_first_one() {
    let db = support::database().await;
    let owner = support::tenant(&db, "Ada").await;
    let vera = person(&db, "Vera", Role::Viewer).await;
    let mut made = Vec::new();
    for name in ["One", "Two", "Three"] {
        made.push(make(&db, &owner, name, None).await.unwrap().id);
    }
    let colleague = vera.colleague().unwrap();
    let mut tx = db.tenant(&colleague).await.unwrap();
    personal::store::move_tab(&mut tx, &colleague, made[2], Direction::Left).await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(names(&db, &vera).await, ["One", "Three", "Two"]);
    assert_eq!(names(&db, &owner).await, ["One", "Two", "Three"]);
    make(&db, &owner, "Four", None).await.unwrap();
    assert_eq!(names(&db, &vera).await, ["One", "Three", "Two", "Four"], "what is new comes last");

    let mut tx = db.tenant(&colleague).await.unwrap();
    personal::store::set_favourite(&mut tx, &colleague, made[1], true).await.unwrap();
    personal::store::set_first(&mut tx, &colleague, Some(made[0])).await.unwrap();
    personal::store::set_first(&mut tx, &colleague, Some(made[2])).await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(names(&db, &vera).await, ["Two", "One", "Three", "Four"]);
    let mut tx = db.tenant(&colleague).await.unwrap();
    let preferences = personal::store::preferences(&mut tx).await.unwrap();
    assert_eq!(preferences.iter().filter(|(_, p)| p.is_first).map(|(id, _)| *id).collect::<Vec<_>>(), [made[2]]);
    personal::store::set_order(&mut tx, &colleague, &[made[2], made[0]]).await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(names(&db, &vera).await, ["Two", "Three", "One", "Four"]);
}

#[tokio::test]
async fn an_arrangement_is_one_person_s_and_leaves_the_original_alone() {
    let db = support::database().await;
    let owner = support::tenant(&db, "Ada").await;
    let max = person(&db, "Max", Role::Member).await;
    let id = make(&db, &owner, "Shared", None).await.unwrap().id;
    let editor = max.editor().unwrap();
    let colleague = max.colleague().unwrap();
    let mut tx = db.tenant(&editor).await.unwrap();
    let original = store::find(&mut tx, id).await.unwrap();
    let mut places: Vec<Place> =
        original.widgets.iter().map(|w| Place { id: w.id, x: w.x, y: w.y, w: w.w, h: w.h }).collect();
    for place in &mut places {
        place.y += 4;
    }
    personal::store::step(&mut tx, &editor, id, original.widgets[0].id, Step::Up).await.unwrap();
    let preferences = personal::store::preferences(&mut tx).await.unwrap();
    assert_eq!(preferences.get(&id), None, "a step that changes nothing is none");
    personal::store::arrange(&mut tx, &editor, id, &places).await.unwrap();
    let mut overlapping = places.clone();
    (overlapping[0].x, overlapping[0].y) = (overlapping[1].x, overlapping[1].y);
    for wrong in [&overlapping, &places[1..].to_vec()] {
        let result = personal::store::arrange(&mut tx, &editor, id, wrong).await;
        assert!(matches!(result, Err(AppError::Invalid { .. })), "{result:?}");
    }
    tx.commit().await.unwrap();

    let mut tx = db.tenant(&colleague).await.unwrap();
    let (_, seen) = personal::store::seen(&mut tx, &colleague, id).await.unwrap();
    assert!(seen.iter().all(|w| w.y >= 4), "{seen:?}");
    assert_eq!(store::find(&mut tx, id).await.unwrap(), original, "the original is untouched");
    let copy = store::duplicate(&mut tx, &editor, id).await.unwrap();
    assert!(store::find(&mut tx, copy.id).await.unwrap().widgets.iter().all(|w| w.y >= 4), "as it is seen");
    personal::store::step(&mut tx, &editor, id, seen[0].id, Step::Down).await.unwrap();
    tx.commit().await.unwrap();

    // The original changes: the arrangement still fits, and says that it is of an older one.
    let admin = owner.editor().unwrap();
    let mut tx = db.tenant(&admin).await.unwrap();
    store::delete_widget(&mut tx, &admin, id, original.widgets[0].id).await.unwrap();
    tx.commit().await.unwrap();
    let mut tx = db.tenant(&colleague).await.unwrap();
    let (row, seen) = personal::store::seen(&mut tx, &colleague, id).await.unwrap();
    assert_eq!(seen.len(), 3);
    let version = |preferences: personal::model::Preferences| preferences[&id].arrangement.as_ref().map(|a| a.version);
    assert_ne!(version(personal::store::preferences(&mut tx).await.unwrap()), Some(row.version));
    personal::store::keep_arrangement(&mut tx, &editor, id).await.unwrap();
    assert_eq!(version(personal::store::preferences(&mut tx).await.unwrap()), Some(row.version));
    personal::store::reset_arrangement(&mut tx, &editor, id).await.unwrap();
    assert_eq!(version(personal::store::preferences(&mut tx).await.unwrap()), None);
    // Of one's own there is none: it is edited.
    let result = personal::store::arrange(&mut tx, &editor, copy.id, &[]).await;
    assert!(matches!(result, Err(AppError::Invalid { .. })), "{result:?}");
}

#[tokio::test]
async fn the_bin_is_emptied_after_thirty_days_and_not_before() {
    let db = support::database().await;
    let owner = support::tenant(&db, "Ada").await;
    let max = person(&db, "Max", Role::Member).await;
    let old = make(&db, &owner, "Old", None).await.unwrap().id;
    let young = make(&db, &owner, "Young", None).await.unwrap().id;
    let own = make(&db, &max, "Own", None).await.unwrap().id;
    for (member, id) in [(&owner, old), (&owner, young), (&max, own)] {
        let editor = member.editor().unwrap();
        let mut tx = db.tenant(&editor).await.unwrap();
        store::delete(&mut tx, &editor, id).await.unwrap();
        tx.commit().await.unwrap();
    }
    let trash = async |member: &Member| {
        let editor = member.editor().unwrap();
        let mut tx = db.tenant(&editor).await.unwrap();
        let mut names: Vec<_> =
            store::list_trash(&mut tx, &editor).await.unwrap().into_iter().map(|deleted| deleted.name).collect();
        names.sort();
        names
    };
    assert_eq!(trash(&owner).await, ["Old", "Young"]);
    assert_eq!(trash(&max).await, ["Own"]);
    let editor = max.editor().unwrap();
    let mut tx = db.tenant(&editor).await.unwrap();
    not_found(store::restore(&mut tx, &editor, young).await);
    not_found(store::purge(&mut tx, &editor, young).await);
    drop(tx);

    for (id, days) in [(old, 31), (young, 29)] {
        sqlx::query("update dashboards set deleted_at = now() - make_interval(days => $2) where id = $1")
            .bind(id)
            .bind(days)
            .execute(db.pool_for_tests())
            .await
            .unwrap();
    }
    let chore = belvedere::jobs::registry::schedules()
        .into_iter()
        .find(|chore| chore.name.contains("bin of dashboards"))
        .unwrap();
    assert_eq!((chore.run)(&db).await.unwrap(), 1);
    assert_eq!(trash(&owner).await, ["Young"]);
    let left: i64 = sqlx::query_scalar("select count(*) from dashboard_versions where dashboard_id = $1")
        .bind(old)
        .fetch_one(db.pool_for_tests())
        .await
        .unwrap();
    assert_eq!(left, 0);
    let editor = owner.editor().unwrap();
    let mut tx = db.tenant(&editor).await.unwrap();
    assert!(store::restore(&mut tx, &editor, young).await.unwrap().is_default, "the only one there is");
}

#[tokio::test]
async fn a_restored_version_is_a_new_one() {
    let db = support::database().await;
    let owner = support::tenant(&db, "Ada").await;
    let vera = person(&db, "Vera", Role::Viewer).await;
    let id = make(&db, &owner, "Cash", None).await.unwrap().id;
    let editor = owner.editor().unwrap();
    let mut tx = db.tenant(&editor).await.unwrap();
    let first = store::find(&mut tx, id).await.unwrap();
    store::delete_widget(&mut tx, &editor, id, first.widgets[0].id).await.unwrap();
    let version = store::versions::restore(&mut tx, &editor, id, 1).await.unwrap();
    assert_eq!(version, 3);
    assert_eq!(store::find(&mut tx, id).await.unwrap().widgets, first.widgets);
    tx.commit().await.unwrap();
    let colleague = vera.colleague().unwrap();
    let mut tx = db.tenant(&colleague).await.unwrap();
    let history = store::versions::history(&mut tx, &colleague, id, None).await.unwrap();
    assert!(!history.may_edit);
    let told: Vec<String> = history.versions.iter().map(|version| version.changes.join(", ")).collect();
    assert_eq!(
        told,
        ["Version 1 was restored, “Cash In” was added", "“Cash In” was removed", "The dashboard was created"]
    );
    assert!(history.versions.iter().all(|version| version.by.as_deref() == Some("Ada")));
    not_found(store::versions::find(&mut tx, id, 99, Role::Owner).await);
}

struct Stage {
    app: TestApp,
    ada: Visitor,
    max: Visitor,
    vera: Visitor,
    paul: Visitor,
}

async fn stage() -> Stage {
    let app = TestApp::new().await;
    let ada = app.signed_up("Ada").await;
    for (name, role) in [("Max", Role::Member), ("Vera", Role::Viewer), ("Paul", Role::Partner)] {
        person(&app.db, name, role).await;
    }
    let (max, vera, paul) = (
        app.signed_in(&email("Max"), PASSWORD).await,
        app.signed_in(&email("Vera"), PASSWORD).await,
        app.signed_in(&email("Paul"), PASSWORD).await,
    );
    Stage { app, ada, max, vera, paul }
}

async fn make_over_http(visitor: &mut Visitor, name: &str) -> String {
    let made = visitor.post_json("/api/v1/dashboards", &json!({"name": name, "from_template": "Cash Flow"})).await;
    assert_eq!(made.status, 201, "{made:?}");
    made.json()["id"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn each_role_gets_what_is_theirs_by_page_function_and_rest() {
    let Stage { mut ada, mut max, mut vera, mut paul, .. } = stage().await;
    let shared = make_over_http(&mut ada, "Shared board").await;
    let own = make_over_http(&mut max, "Maxs own board").await;

    for (visitor, sees_own) in [(&mut ada, false), (&mut max, true), (&mut vera, false)] {
        // Twice: the second page comes from the cache.
        for _ in 0..2 {
            let page = visitor.get(&format!("/dashboards/{shared}")).await;
            assert!(page.status == 200 && page.text.contains("Shared board"), "{page:?}");
            assert_eq!(page.text.contains("Maxs own board"), sees_own);
            let page = visitor.get(&format!("/dashboards/{own}")).await;
            assert_eq!(page.status, if sees_own { 200 } else { 404 });
        }
        let list = visitor.get_json("/api/v1/dashboards").await;
        assert_eq!(list.text.contains("Maxs own board"), sees_own);
        let status = if sees_own { 200 } else { 404 };
        let widgets = format!("/api/v1/dashboards/{own}");
        assert_eq!(visitor.get_json(&widgets).await.status, status);
        assert_eq!(visitor.get_json(&format!("{widgets}/versions")).await.status, status);
        for page in ["history", "arrange"] {
            assert_eq!(visitor.get(&format!("/dashboards/{own}/{page}")).await.status, status, "{page}");
            assert_eq!(visitor.get(&format!("/dashboards/{shared}/{page}")).await.status, 200, "{page}");
        }
    }
    let status = |answer: Answer| answer.status.as_u16();
    let patch = json!({"name": "Changed"});
    let address = format!("/api/v1/dashboards/{shared}");
    assert_eq!(status(max.json(Method::PATCH, &address, &patch).await), 403);
    assert_eq!(status(vera.json(Method::PATCH, &address, &patch).await), 403);
    assert_eq!(status(ada.json(Method::PATCH, &address, &patch).await), 200);
    assert_eq!(status(vera.json(Method::POST, &format!("{address}/duplicate"), &json!({})).await), 403);
    assert_eq!(status(max.json(Method::POST, &format!("{address}/duplicate"), &json!({})).await), 201);
    assert_eq!(status(vera.json(Method::PUT, &format!("{address}/favourite"), &json!({})).await), 204);
    assert_eq!(status(vera.json(Method::DELETE, &format!("{address}/arrangement"), &json!({})).await), 403);
    assert_eq!(status(max.get_json("/api/v1/dashboards/left-behind").await), 403);
    let open = json!({ "id": shared });
    assert_eq!(status(max.post_json("/rpc/dashboards/edit/open", &open).await), 403);
    assert_eq!(status(vera.post_json("/rpc/dashboards/edit/open", &open).await), 403);
    assert_eq!(status(ada.post_json("/rpc/dashboards/edit/open", &json!({ "id": own })).await), 404);
    assert_eq!(status(max.get(&format!("/dashboards/{shared}/settings")).await), 403);
    let page = max.get(&format!("/dashboards/{shared}/edit")).await;
    assert!(page.status == 403 && page.text.contains(&format!("/dashboards/{shared}/arrange")), "{}", page.text);
    assert_eq!(status(max.get(&format!("/dashboards/{own}/settings")).await), 200);

    // A partner sees none of it.
    for path in
        ["/dashboards", "/dashboards/all", &format!("/dashboards/{shared}"), &format!("/dashboards/{shared}/history")]
    {
        let page = paul.get(path).await;
        assert_eq!(page.status, 403, "{path}");
        assert!(!page.text.contains("Changed"), "{path}");
    }
    for path in ["", "/templates", "/widget-types", "/trash", &format!("/{shared}"), &format!("/{shared}/versions")] {
        assert_eq!(status(paul.get_json(&format!("/api/v1/dashboards{path}")).await), 403, "{path}");
    }
    assert_eq!(status(paul.post_json("/rpc/dashboards/page", &json!({"query": {"dashboard": shared}})).await), 403);
    assert_eq!(status(paul.post_json("/rpc/dashboards/list_tabs", &json!({})).await), 403);
}

/// What the page's first heading says.
fn heading(page: &Answer) -> Option<&str> {
    let (_, rest) = page.text.split_once("<h1")?;
    rest.split_once('>')?.1.split('<').next()
}

#[tokio::test]
async fn the_forms_of_the_pages_work_without_javascript() {
    let Stage { mut ada, mut max, app, .. } = stage().await;
    let first = make_over_http(&mut ada, "First board").await;
    let second = make_over_http(&mut ada, "Second board").await;
    let act = async |visitor: &mut Visitor, id: &str, act: &str| {
        let answer = visitor.post_form("/rpc/dashboards/personal/act", &[("id", id), ("act", act)]).await;
        assert!(answer.status.is_success() || answer.status.is_redirection(), "{act}: {answer:?}");
        answer
    };
    act(&mut max, &second, "favour").await;
    act(&mut max, &second, "first").await;
    let page = max.get("/dashboards").await;
    assert!(heading(&page) == Some("Second board"), "{}", page.text);
    act(&mut max, &second, "not_first").await;
    assert_eq!(heading(&max.get("/dashboards").await), Some("First board"));

    // An arrangement, step by step; then the original changes.
    let whole = max.get_json(&format!("/api/v1/dashboards/{first}")).await.json();
    let widget = whole["widgets"][0]["id"].as_str().unwrap();
    let step = [("id", first.as_str()), ("widget", widget), ("step", "down")];
    let answer = max.post_form("/rpc/dashboards/personal/step", &step).await;
    assert!(answer.status.is_success() || answer.status.is_redirection(), "{answer:?}");
    let page = max.get(&format!("/dashboards/{first}")).await;
    assert!(page.text.contains("Arranged by you"), "{}", page.text);
    assert!(!ada.get(&format!("/dashboards/{first}")).await.text.contains("Arranged by you"));
    assert_eq!(max.get_json(&format!("/api/v1/dashboards/{first}")).await.json(), whole, "the original is untouched");
    let widget = whole["widgets"][1]["id"].as_str().unwrap();
    let deleted = ada.json(Method::DELETE, &format!("/api/v1/dashboards/{first}/widgets/{widget}"), &Value::Null).await;
    assert_eq!(deleted.status, 204, "{deleted:?}");
    let page = max.get(&format!("/dashboards/{first}")).await;
    assert!(page.text.contains("The original has changed since"), "{}", page.text);
    act(&mut max, &first, "reset").await;
    assert!(!max.get(&format!("/dashboards/{first}")).await.text.contains("Arranged by you"));

    // History: what it was, and back.
    let page = ada.get(&format!("/dashboards/{first}/history?version=1")).await;
    assert!(page.status == 200 && page.text.contains("Cash Out"), "{}", page.text);
    assert!(page.text.contains("Restore this version") && page.text.contains("“Cash Out” was removed"));
    assert!(!max.get(&format!("/dashboards/{first}/history?version=1")).await.text.contains("Restore this version"));
    let back = ada.post_form("/rpc/dashboards/history/restore", &[("id", &first), ("version", "1")]).await;
    assert!(back.status.is_success() || back.status.is_redirection(), "{back:?}");
    assert_eq!(ada.get_json(&format!("/api/v1/dashboards/{first}")).await.json()["widgets"], whole["widgets"]);

    // The bin.
    ada.post_form("/rpc/dashboards/delete", &[("id", &second)]).await;
    let page = ada.get("/dashboards/trash").await;
    assert!(page.text.contains("Second board") && page.text.contains("Delete now"), "{}", page.text);
    assert!(!max.get("/dashboards/trash").await.text.contains("Second board"));
    ada.post_form("/rpc/dashboards/manage/purge", &[("id", &second)]).await;
    assert!(ada.get("/dashboards/trash").await.text.contains("The bin is empty"));

    // Handing over, by the settings' form.
    let copied = act(&mut max, &first, "duplicate").await;
    let copy = copied.header("location").rsplit('/').next().unwrap().to_owned();
    let ada_id: uuid::Uuid = sqlx::query_scalar("select id from users where email = $1")
        .bind(email("Ada"))
        .fetch_one(app.db.pool_for_tests())
        .await
        .unwrap();
    let page = max.get(&format!("/dashboards/{copy}/settings")).await;
    assert!(page.text.contains("Copy of First board") && page.text.contains(&ada_id.to_string()), "{}", page.text);
    let given = max.post_form("/rpc/dashboards/manage/give", &[("id", &copy), ("owner", &ada_id.to_string())]).await;
    assert_eq!(given.header("location"), "/dashboards/all?done=given", "{given:?}");
    assert!(ada.get("/dashboards/all").await.text.contains("Copy of First board"));
    assert!(!max.get("/dashboards/all").await.text.contains("Copy of First board"));
}

async fn with_tag(visitor: &mut Visitor, method: Method, path: &str, tag: (&str, &str), body: &Value) -> Answer {
    let request = Request::builder()
        .method(method)
        .uri(path)
        .header("accept", "application/json")
        .header("content-type", "application/json")
        .header(tag.0, tag.1);
    visitor.send(request.body(axum::body::Body::from(body.to_string())).unwrap()).await
}

#[tokio::test]
async fn a_change_on_an_older_state_is_refused_and_changes_nothing() {
    let Stage { mut ada, .. } = stage().await;
    let id = make_over_http(&mut ada, "Tagged").await;
    let path = format!("/api/v1/dashboards/{id}");
    let seen = ada.get_json(&path).await;
    let old = seen.header("etag").to_owned();
    assert!(old.starts_with('"') && old.len() > 20, "{seen:?}");
    let known = with_tag(&mut ada, Method::GET, &path, ("if-none-match", &old), &Value::Null).await;
    assert_eq!((known.status.as_u16(), known.text.as_str()), (304, ""));

    let patch = json!({"name": "Renamed"});
    let changed = with_tag(&mut ada, Method::PATCH, &path, ("if-match", &old), &patch).await;
    assert_eq!(changed.status, 200, "{changed:?}");
    let new = changed.header("etag").to_owned();
    assert_eq!(ada.get_json(&path).await.header("etag"), new);
    assert_ne!(new, old);
    let before = ada.get_json(&path).await.json();
    let widget = before["widgets"][0]["id"].as_str().unwrap().to_owned();
    let place = |w: &Value| json!({"id": w["id"], "x": w["x"], "y": w["y"], "w": w["w"], "h": w["h"]});
    let layout: Vec<Value> = before["widgets"].as_array().unwrap().iter().map(place).collect();
    for (method, end, body) in [
        (Method::PATCH, String::new(), patch),
        (Method::PUT, "/default".into(), Value::Null),
        (Method::PUT, "/layout".into(), json!({ "layout": layout })),
        (Method::PUT, "/owner".into(), json!({ "owner_id": null })),
        (Method::POST, "/widgets".into(), json!({"kind": "notes"})),
        (Method::PUT, format!("/widgets/{widget}"), json!({"w": 3})),
        (Method::DELETE, format!("/widgets/{widget}"), Value::Null),
        (Method::POST, "/versions/1/restore".into(), Value::Null),
        (Method::DELETE, String::new(), Value::Null),
    ] {
        let what = format!("{method} {end}");
        let stale = with_tag(&mut ada, method.clone(), &format!("{path}{end}"), ("if-match", &old), &body).await;
        assert_eq!(stale.status, 412, "{what}: {stale:?}");
        assert_eq!(stale.header("content-type"), "application/problem+json", "{what}");
        assert_eq!(ada.get_json(&path).await.json(), before, "{what}");
    }
    // On the present state each goes through, and hands the next tag on.
    let mut tag = new;
    for (method, end, body) in [
        (Method::PUT, "/layout".to_owned(), json!({ "layout": layout })),
        (Method::POST, "/widgets".into(), json!({"kind": "notes"})),
        (Method::PUT, format!("/widgets/{widget}"), json!({"w": 3})),
        (Method::DELETE, format!("/widgets/{widget}"), Value::Null),
        (Method::POST, "/versions/1/restore".into(), Value::Null),
    ] {
        let done = with_tag(&mut ada, method.clone(), &format!("{path}{end}"), ("if-match", &tag), &body).await;
        assert!(done.status.is_success(), "{method} {end}: {done:?}");
        tag = done.header("etag").to_owned();
        assert_eq!(ada.get_json(&path).await.header("etag"), tag, "{method} {end}");
    }
    let version = ada.get_json(&format!("{path}/versions/1")).await.json();
    assert_eq!(version["content"]["name"], "Tagged", "{version}");
    let deleted = with_tag(&mut ada, Method::DELETE, &path, ("if-match", &tag), &Value::Null).await;
    assert_eq!(deleted.status, 204, "{deleted:?}");
    assert_eq!(ada.get_json("/api/v1/dashboards/trash").await.json()["items"][0]["id"], id);
}

/// What a dashboard is to a person is part of the answer, and not of what others change.
#[tokio::test]
async fn a_new_favourite_makes_no_change_stale() {
    let Stage { mut ada, .. } = stage().await;
    let path = format!("/api/v1/dashboards/{}", make_over_http(&mut ada, "Tagged").await);
    let old = ada.get_json(&path).await.header("etag").to_owned();
    assert_eq!(ada.json(Method::PUT, &format!("{path}/favourite"), &Value::Null).await.status, 204);
    let known = with_tag(&mut ada, Method::GET, &path, ("if-none-match", &old), &Value::Null).await;
    assert_eq!((known.status.as_u16(), &known.json()["favourite"]), (200, &json!(true)), "a copy that is kept is old");
    let patch = json!({"name": "Renamed"});
    let changed = with_tag(&mut ada, Method::PATCH, &path, ("if-match", &old), &patch).await;
    assert_eq!(changed.status, 200, "{changed:?}");
    assert_eq!(with_tag(&mut ada, Method::PATCH, &path, ("if-match", &old), &patch).await.status, 412);
}
