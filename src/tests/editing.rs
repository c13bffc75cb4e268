//! Editing loses nothing: drafts, saving against somebody else, versions.

use crate::support::{self, TestApp, Visitor};
use belvedere::{
    accounts::{Member, NewAccount, Role, store::operator},
    dashboards::{
        editing::{
            self, merge,
            model::{Content, DraftKey, DraftWidget, Saved},
        },
        model::{Dashboard, DashboardPatch, NewDashboard},
        store,
        templates::Template,
    },
    error::AppError,
    ids::{DashboardId, DraftId, WidgetId},
    server::{Database, TenantTx},
    widgets::WidgetKind,
};
use serde_json::{Value, json};

async fn make(db: &Database, member: &Member) -> Dashboard {
    let editor = member.editor().unwrap();
    let mut tx = db.tenant(&editor).await.unwrap();
    let template = Some(Template::CashFlow.code().to_owned());
    let new = NewDashboard { name: "Cash".into(), template, ..NewDashboard::default() };
    let made = store::create(&mut tx, &editor, new).await.unwrap();
    tx.commit().await.unwrap();
    made
}

async fn open(db: &Database, member: &Member, id: DashboardId) -> editing::model::Editing {
    open_at(db, member, id, None).await
}

/// By an address that names a draft.
async fn open_at(db: &Database, member: &Member, id: DashboardId, draft: Option<DraftId>) -> editing::model::Editing {
    let editor = member.editor().unwrap();
    let mut tx = db.tenant(&editor).await.unwrap();
    editing::store::open(&mut tx, &editor, id, draft).await.unwrap()
}

/// What a window that opens now writes to.
async fn window(db: &Database, member: &Member, id: DashboardId) -> DraftKey {
    let continued = open(db, member, id).await.draft.map(|draft| (draft.id, draft.saved_at));
    DraftKey { id: DraftId::new(), continued }
}

async fn save(
    db: &Database,
    member: &Member,
    id: DashboardId,
    base: i64,
    content: &Content,
) -> Result<Saved, AppError> {
    let draft = window(db, member, id).await;
    save_in(db, member, id, draft, base, content).await
}

async fn save_in(
    db: &Database,
    member: &Member,
    id: DashboardId,
    draft: DraftKey,
    base: i64,
    content: &Content,
) -> Result<Saved, AppError> {
    let editor = member.editor().unwrap();
    let mut tx = db.tenant(&editor).await.unwrap();
    let saved = editing::store::save(&mut tx, &editor, id, draft, base, content).await?;
    tx.commit().await.unwrap();
    Ok(saved)
}

async fn keep(db: &Database, member: &Member, id: DashboardId, base: i64, content: &Content) {
    let draft = window(db, member, id).await;
    keep_in(db, member, id, draft, base, content).await;
}

async fn keep_in(db: &Database, member: &Member, id: DashboardId, draft: DraftKey, base: i64, content: &Content) {
    let editor = member.editor().unwrap();
    let mut tx = db.tenant(&editor).await.unwrap();
    editing::store::keep_draft(&mut tx, &editor, id, draft, base, content).await.unwrap();
    tx.commit().await.unwrap();
}

fn done(saved: Result<Saved, AppError>) -> i64 {
    match saved {
        Ok(Saved::Done { version }) => version,
        other => panic!("{other:?}"),
    }
}

fn note(x: u16, y: u16, title: &str) -> DraftWidget {
    let settings = json!({"title": title, "text": "Words"});
    DraftWidget { id: WidgetId::new(), kind: WidgetKind::Notes, x, y, w: 3, h: 2, pinned: false, settings }
}

async fn words(tx: &mut TenantTx, id: DashboardId) -> Vec<Vec<String>> {
    sqlx::query_scalar("select changes from dashboard_versions where dashboard_id = $1 order by version")
        .bind(id)
        .fetch_all(tx.conn())
        .await
        .unwrap()
}

#[tokio::test]
async fn what_is_saved_is_whole_and_comes_back_as_it_was_made() {
    let db = support::database().await;
    let ada = support::tenant(&db, "Ada").await;
    let id = make(&db, &ada).await.row.id;
    let opened = open(&db, &ada, id).await;
    assert!(opened.draft.is_none() && opened.theirs.is_none());
    assert_eq!(opened.content.widgets.len(), 4);

    let mut mine = opened.content.clone();
    mine.name = "Money".into();
    mine.widgets.retain(|w| w.title() != "Cash Out");
    mine.widgets.push(DraftWidget { pinned: true, ..note(4, 0, "Why") });
    let version = done(save(&db, &ada, id, opened.row.version, &mine).await);
    assert_eq!(version, opened.row.version + 1);
    let again = open(&db, &ada, id).await;
    assert!(again.content.same_as(&mine), "{:#?}", again.content);
    assert_eq!((again.row.version, again.row.name.as_str()), (version, "Money"));

    // Saving the same once more is no new version.
    assert_eq!(done(save(&db, &ada, id, version, &mine).await), version);
    let mut tx = db.tenant(&ada).await.unwrap();
    assert_eq!(
        words(&mut tx, id).await,
        [
            vec!["The dashboard was created"],
            vec!["The dashboard was renamed from “Cash” to “Money”", "“Why” was added", "“Cash Out” was removed"],
        ]
    );
}

#[tokio::test]
async fn what_is_wrong_is_named_and_nothing_of_it_is_saved() {
    let db = support::database().await;
    let ada = support::tenant(&db, "Ada").await;
    let id = make(&db, &ada).await.row.id;
    let opened = open(&db, &ada, id).await;
    let mut mine = opened.content.clone();
    mine.name = String::new();
    mine.widgets[0].settings = json!({"metric": "cash_in", "decimals": "many"});
    mine.widgets[1].w = 12;
    let error = save(&db, &ada, id, opened.row.version, &mine).await.unwrap_err();
    for field in ["name", "widgets[0].decimals", "widgets[1].w"] {
        assert!(error.for_field(field).is_some(), "{field}: {error:?}");
    }
    mine = opened.content.clone();
    mine.widgets.push(note(0, 0, "On top"));
    let error = save(&db, &ada, id, opened.row.version, &mine).await.unwrap_err();
    assert!(error.for_field("layout").unwrap().contains("On top"), "{error:?}");
    assert_eq!(open(&db, &ada, id).await, opened);
}

#[tokio::test]
async fn of_two_who_save_the_second_sees_both_and_merging_loses_nothing() {
    let db = support::database().await;
    let ada = support::tenant(&db, "Ada").await;
    let id = make(&db, &ada).await.row.id;
    let opened = open(&db, &ada, id).await;
    let base = opened.row.version;
    let (mut mine, mut theirs) = (opened.content.clone(), opened.content.clone());
    theirs.widgets[0].settings = json!({"metric": "cash_in", "title": "Inflow"});
    theirs.widgets.push(note(0, 10, "Theirs"));
    mine.widgets[1].settings = json!({"metric": "cash_out", "title": "Outflow"});
    mine.widgets.push(note(0, 10, "Mine"));
    let version = done(save(&db, &ada, id, base, &theirs).await);

    let Ok(Saved::Conflict(conflict)) = save(&db, &ada, id, base, &mine).await else { panic!("a conflict") };
    assert_eq!((conflict.version, conflict.by.as_deref(), conflict.own), (version, Some("Ada"), true));
    assert!(conflict.base.same_as(&opened.content) && conflict.content.widgets.len() == 5);
    let merged = merge(&conflict.base, &mine, &conflict.content);
    assert!(merged.clashes.is_empty(), "{:?}", merged.clashes);
    let version = done(save(&db, &ada, id, conflict.version, &merged.content).await);
    let now = open(&db, &ada, id).await;
    assert_eq!(now.row.version, version);
    let titles: Vec<String> = now.content.widgets.iter().map(DraftWidget::title).collect();
    for title in ["Inflow", "Outflow", "Theirs", "Mine"] {
        assert!(titles.iter().any(|t| t == title), "{title} is missing: {titles:?}");
    }

    // Two who made the same of it have nothing to settle; nor does somebody whose base was put back.
    let mut tx = db.tenant(&ada).await.unwrap();
    let before = words(&mut tx, id).await.len();
    drop(tx);
    assert_eq!(done(save(&db, &ada, id, base, &merged.content).await), version);
    let mut tx = db.tenant(&ada).await.unwrap();
    assert_eq!(words(&mut tx, id).await.len(), before);
    drop(tx);

    // To a colleague it is not their own.
    let new = NewAccount {
        name: "Bob".into(),
        email: support::email("Bob"),
        password: support::PASSWORD.into(),
        organization_name: "Ada & Co".into(),
        base_currency: "USD".into(),
        time_zone: belvedere::zone::Zone::UTC,
    };
    operator::create(&db, new, Role::Admin).await.unwrap();
    let bob = operator::act_as(&db, &support::email("Bob"), Some("Ada & Co")).await.unwrap();
    let Ok(Saved::Conflict(conflict)) = save(&db, &bob, id, base, &mine).await else { panic!("a conflict") };
    assert!(!conflict.own, "{:?}", conflict.by);
}

#[tokio::test]
async fn two_who_save_at_the_same_moment_follow_each_other() {
    let db = support::database().await;
    let ada = support::tenant(&db, "Ada").await;
    let id = make(&db, &ada).await.row.id;
    let opened = open(&db, &ada, id).await;
    let saving = (0..6).map(|n| {
        let (db, ada) = (db.clone(), ada.clone());
        let mut content = opened.content.clone();
        content.name = format!("Name {n}");
        let base = opened.row.version;
        tokio::spawn(async move { save(&db, &ada, id, base, &content).await.unwrap() })
    });
    let mut won = 0;
    for task in saving.collect::<Vec<_>>() {
        if let Saved::Done { .. } = task.await.unwrap() {
            won += 1;
        }
    }
    assert_eq!(won, 1, "one is saved, the others are told");
    assert_eq!(open(&db, &ada, id).await.row.version, opened.row.version + 1);
}

#[tokio::test]
async fn a_draft_is_there_until_it_is_saved_or_thrown_away() {
    let db = support::database().await;
    let ada = support::tenant(&db, "Ada").await;
    let id = make(&db, &ada).await.row.id;
    let opened = open(&db, &ada, id).await;
    let base = opened.row.version;
    let mut mine = opened.content.clone();
    mine.widgets[0].settings = json!({"metric": ""});
    keep(&db, &ada, id, base, &mine).await;
    let draft = open(&db, &ada, id).await.draft.unwrap();
    assert_eq!((draft.base_version, &draft.content), (base, &mine), "also what is wrong");
    assert!(open(&db, &ada, id).await.theirs.is_none());

    // Somebody else renames it meanwhile.
    let editor = ada.editor().unwrap();
    let mut tx = db.tenant(&editor).await.unwrap();
    let patch = DashboardPatch { name: Some("Renamed".into()), ..DashboardPatch::default() };
    store::update(&mut tx, &editor, id, patch).await.unwrap();
    tx.commit().await.unwrap();
    let again = open(&db, &ada, id).await;
    let theirs = again.theirs.unwrap();
    assert_eq!((theirs.base.name.as_str(), theirs.content.name.as_str()), ("Cash", "Renamed"));
    assert_eq!(again.draft.unwrap().base_version, base);

    // Back to what it was: the draft fits again.
    let mut tx = db.tenant(&editor).await.unwrap();
    let patch = DashboardPatch { name: Some("Cash".into()), ..DashboardPatch::default() };
    store::update(&mut tx, &editor, id, patch).await.unwrap();
    tx.commit().await.unwrap();
    let again = open(&db, &ada, id).await;
    assert!(again.theirs.is_none());
    assert_eq!(again.draft.unwrap().base_version, again.row.version);

    mine = opened.content.clone();
    mine.description = "About".into();
    keep(&db, &ada, id, again.row.version, &mine).await;
    done(save(&db, &ada, id, again.row.version, &mine).await);
    assert!(open(&db, &ada, id).await.draft.is_none(), "saving clears it");
    keep(&db, &ada, id, again.row.version, &mine).await;
    let draft = window(&db, &ada, id).await;
    let mut tx = db.tenant(&editor).await.unwrap();
    editing::store::discard_draft(&mut tx, &editor, id, draft).await.unwrap();
    tx.commit().await.unwrap();
    assert!(open(&db, &ada, id).await.draft.is_none());
}

#[tokio::test]
async fn two_windows_of_one_person_do_not_write_over_each_other() {
    let db = support::database().await;
    let ada = support::tenant(&db, "Ada").await;
    let id = make(&db, &ada).await.row.id;
    let opened = open(&db, &ada, id).await;
    let base = opened.row.version;
    let named = |name: &str| Content { name: name.into(), ..opened.content.clone() };
    let drafted = async || open(&db, &ada, id).await.draft.map(|draft| draft.content.name);

    let (first, second) = (window(&db, &ada, id).await, window(&db, &ada, id).await);
    keep_in(&db, &ada, id, first, base, &named("First")).await;
    keep_in(&db, &ada, id, second, base, &named("Second")).await;
    let version = done(save_in(&db, &ada, id, second, base, &named("Second")).await);
    let found = open(&db, &ada, id).await;
    assert_eq!(found.theirs.unwrap().content.name, "Second", "the first window hears of it");
    assert_eq!(found.draft.unwrap().content.name, "First");

    // A window that goes on with a draft takes its place, but not what was written after it looked.
    let (third, fourth) = (window(&db, &ada, id).await, window(&db, &ada, id).await);
    keep_in(&db, &ada, id, third, version, &named("Third")).await;
    let editor = ada.editor().unwrap();
    let mut tx = db.tenant(&editor).await.unwrap();
    editing::store::discard_draft(&mut tx, &editor, id, third).await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(drafted().await, None);
    keep_in(&db, &ada, id, first, base, &named("First again")).await;
    done(save_in(&db, &ada, id, fourth, version, &named("Fourth")).await);
    assert_eq!(drafted().await.as_deref(), Some("First again"));
}

#[tokio::test]
async fn an_address_leads_to_the_draft_that_it_names_and_no_two_windows_write_to_it() {
    let db = support::database().await;
    let ada = support::tenant(&db, "Ada").await;
    let id = make(&db, &ada).await.row.id;
    let opened = open(&db, &ada, id).await;
    let base = opened.row.version;
    let named = |name: &str| Content { name: name.into(), ..opened.content.clone() };
    let drafted = async |at: DraftKey| open_at(&db, &ada, id, Some(at.id)).await.draft.map(|draft| draft.content.name);

    let (first, second) = (window(&db, &ada, id).await, window(&db, &ada, id).await);
    keep_in(&db, &ada, id, first, base, &named("First")).await;
    keep_in(&db, &ada, id, second, base, &named("Second")).await;
    assert_eq!(drafted(first).await.as_deref(), Some("First"), "not the latest");

    // Copied, the address shows the draft to a window that writes to its own.
    let copied = open_at(&db, &ada, id, Some(first.id)).await.draft.unwrap();
    let third = DraftKey { id: DraftId::new(), continued: Some((copied.id, copied.saved_at)) };
    keep_in(&db, &ada, id, first, base, &named("First again")).await;
    keep_in(&db, &ada, id, third, base, &named("Third")).await;
    assert_eq!(drafted(first).await.as_deref(), Some("First again"));
    assert_eq!(drafted(third).await.as_deref(), Some("Third"));

    // What was saved or is somebody else's: their own latest, as without it.
    done(save_in(&db, &ada, id, third, base, &named("Third")).await);
    assert_eq!(drafted(third).await.as_deref(), Some("First again"));
    let zoe = support::tenant(&db, "Zoe").await;
    let theirs = make(&db, &zoe).await.row.id;
    assert!(open_at(&db, &zoe, theirs, Some(first.id)).await.draft.is_none());
}

#[tokio::test]
async fn a_widget_that_this_release_cannot_read_outlives_other_changes() {
    let db = support::database().await;
    let ada = support::tenant(&db, "Ada").await;
    let id = make(&db, &ada).await.row.id;
    sqlx::query("update dashboard_widgets set settings = '{\"from\": \"the future\"}' where kind = 'gauge'")
        .execute(db.pool_for_tests())
        .await
        .unwrap();
    let opened = open(&db, &ada, id).await;
    assert_eq!(opened.content.widgets.len(), 4);
    let mut mine = opened.content.clone();
    mine.name = "Other".into();
    done(save(&db, &ada, id, opened.row.version, &mine).await);
    let editor = ada.editor().unwrap();
    let mut tx = db.tenant(&editor).await.unwrap();
    let patch = DashboardPatch { name: Some("Again".into()), ..DashboardPatch::default() };
    store::update(&mut tx, &editor, id, patch).await.unwrap();
    assert_eq!(store::find(&mut tx, id).await.unwrap().widgets.len(), 3);
    tx.commit().await.unwrap();
    assert_eq!(open(&db, &ada, id).await.content.widgets.len(), 4);
}

#[tokio::test]
async fn what_was_deleted_meanwhile_is_saved_once_it_is_restored() {
    let db = support::database().await;
    let ada = support::tenant(&db, "Ada").await;
    let editor = ada.editor().unwrap();
    let id = make(&db, &ada).await.row.id;
    let opened = open(&db, &ada, id).await;
    let (draft, base) = (window(&db, &ada, id).await, opened.row.version);
    let mine = Content { name: "Money".into(), ..opened.content };
    let mut tx = db.tenant(&editor).await.unwrap();
    store::delete(&mut tx, &editor, id).await.unwrap();
    tx.commit().await.unwrap();
    let refused = save_in(&db, &ada, id, draft, base, &mine).await;
    assert!(matches!(refused, Err(AppError::NotFound { .. })), "{refused:?}");
    let mut tx = db.tenant(&editor).await.unwrap();
    store::restore(&mut tx, &editor, id).await.unwrap();
    tx.commit().await.unwrap();
    done(save_in(&db, &ada, id, draft, base, &mine).await);
    assert_eq!(open(&db, &ada, id).await.row.name, "Money");
}

#[tokio::test]
async fn versions_are_bounded_and_what_a_draft_began_with_is_kept() {
    let db = support::database().await;
    let ada = support::tenant(&db, "Ada").await;
    let id = make(&db, &ada).await.row.id;
    let opened = open(&db, &ada, id).await;
    keep(&db, &ada, id, opened.row.version, &opened.content).await;
    let editor = ada.editor().unwrap();
    let mut tx = db.tenant(&editor).await.unwrap();
    for n in 0..205 {
        let patch = DashboardPatch { name: Some(format!("Name {n}")), ..DashboardPatch::default() };
        store::update(&mut tx, &editor, id, patch).await.unwrap();
    }
    assert_eq!(words(&mut tx, id).await.len(), 201);
    tx.commit().await.unwrap();
    assert_eq!(open(&db, &ada, id).await.theirs.unwrap().base, opened.content);
}

async fn call(visitor: &mut Visitor, endpoint: &str, body: &Value) -> support::Answer {
    visitor.post_json(&format!("/rpc/dashboards/edit/{endpoint}"), body).await
}

#[tokio::test]
async fn the_editor_s_server_functions_work_over_http() {
    let app = TestApp::new().await;
    let mut ada = app.signed_up("Ada").await;
    let body = json!({"name": "Cash", "from_template": "Cash Flow"});
    let id = ada.post_json("/api/v1/dashboards", &body).await.json()["id"].clone();
    let opened = call(&mut ada, "open", &json!({ "id": id })).await.json();
    assert_eq!(opened["row"]["version"], 1);
    let mut content = opened["content"].clone();
    content["description"] = json!("About");
    let draft = DraftKey { id: DraftId::new(), continued: None };
    let kept = call(&mut ada, "keep", &json!({"id": id, "draft": draft, "base_version": 1, "content": content})).await;
    assert_eq!(kept.status, 200, "{kept:?}");

    content["widgets"][0]["settings"] = json!({"metric": "cash_in", "decimals": 99});
    let widgets = json!([content["widgets"][0], content["widgets"][1], {
        "id": WidgetId::new(), "kind": "notes", "x": 0, "y": 0, "w": 3, "h": 3, "settings": {"text": "*Hello*"}
    }]);
    let drawn = call(&mut ada, "draw", &json!({"id": id, "query": {}, "widgets": widgets})).await.json();
    assert_eq!(drawn[0]["error"]["fields"][0]["field"], "decimals", "{drawn}");
    assert_eq!(drawn[1]["title"], "Cash Out");
    assert!(drawn[1]["error"].is_null() && drawn[1]["body"].as_str().unwrap().contains("wb-"), "{drawn}");
    assert!(drawn[2]["body"].as_str().unwrap().contains("<em>Hello</em>"), "{drawn}");

    let refused =
        call(&mut ada, "save", &json!({"id": id, "draft": draft, "base_version": 1, "content": content})).await;
    assert_eq!(refused.status, 422, "{refused:?}");
    content["widgets"][0]["settings"] = json!({"metric": "cash_in"});
    let saved =
        call(&mut ada, "save", &json!({"id": id, "draft": draft, "base_version": 1, "content": content})).await.json();
    assert_eq!(saved["Done"]["version"], 2, "{saved}");
    let stale =
        call(&mut ada, "save", &json!({"id": id, "draft": draft, "base_version": 1, "content": opened["content"]}))
            .await
            .json();
    assert_eq!(stale["Conflict"]["version"], 2, "{stale}");
    let discarded = call(&mut ada, "discard", &json!({"id": id, "draft": draft})).await;
    assert_eq!(discarded.status, 200, "{discarded:?}");

    let mut bob = app.signed_up("Bob").await;
    for (endpoint, body) in [
        ("open", json!({ "id": id })),
        ("keep", json!({"id": id, "draft": draft, "base_version": 1, "content": content})),
        ("save", json!({"id": id, "draft": draft, "base_version": 1, "content": content})),
        ("draw", json!({"id": id, "query": {}, "widgets": []})),
        ("discard", json!({"id": id, "draft": draft})),
    ] {
        assert_eq!(call(&mut bob, endpoint, &body).await.status, 404, "{endpoint}");
    }
}
