//! The demo, and what the operator does at the command line.

use crate::support::TestApp;
use belvedere::{
    accounts::{NewAccount, Role, store::operator},
    cli::demo,
};
use http::StatusCode;
use rust_decimal::Decimal;

async fn sum(app: &TestApp, text: &'static str) -> Decimal {
    sqlx::query_scalar(text).fetch_one(app.db.pool_for_tests()).await.unwrap()
}

/// Every row of the sample books arrives, to the cent; a second time changes nothing; everybody can sign in.
#[tokio::test]
async fn the_demo_holds_the_sample_books_and_can_be_repeated() {
    let app = TestApp::new().await;
    demo::fill(&app.db).await.unwrap();
    let (mut income, mut expense, mut rows) = (Decimal::ZERO, Decimal::ZERO, 0_i64);
    for line in include_str!("../../samples/transactions.csv").lines().skip(1) {
        let cells: Vec<&str> = line.rsplitn(3, ',').collect();
        let amount: Decimal = cells[1].parse().unwrap();
        if line.split(',').nth(2) == Some("income") {
            income += amount
        } else {
            expense += amount
        }
        rows += 1;
    }
    for _ in 0..2 {
        assert_eq!(sum(&app, "select coalesce(sum(amount), 0) from transactions where type = 'income'").await, income);
        assert_eq!(
            sum(&app, "select coalesce(sum(amount), 0) from transactions where type = 'expense'").await,
            expense
        );
        assert_eq!(sum(&app, "select count(*)::numeric from transactions").await, Decimal::from(rows));
        assert_eq!(
            sum(&app, "select count(*)::numeric from dashboards where deleted_at is null").await,
            Decimal::from(3)
        );
        assert_eq!(sum(&app, "select count(*)::numeric from users").await, Decimal::from(3));
        demo::fill(&app.db).await.unwrap();
    }
    for who in ["owner", "member", "viewer"] {
        let mut person = app.signed_in(&format!("{who}@adventure-works.example"), "adventure-demo").await;
        let viewer = person.post_json("/rpc/accounts/viewer", &serde_json::json!({})).await.json();
        assert_eq!(viewer["organization"]["name"], demo::ORGANIZATION);
        assert_eq!(viewer["organization"]["tier"], "GROWTH");
        assert_eq!(viewer["role"], who.to_uppercase());
    }
    // Nobody else may take the password that everybody knows.
    let form = [("name", "Eve"), ("email", "eve@example.com"), ("organization", "Eve"), ("password", "adventure-demo")];
    let refused = app.visitor().post_form("/rpc/accounts/sign_up", &form).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY, "{refused:?}");
}

#[tokio::test]
async fn the_demo_keeps_out_of_a_database_in_use() {
    let app = TestApp::new().await;
    app.signed_up("Ada").await;
    let refused = demo::fill(&app.db).await.unwrap_err().to_string();
    assert!(refused.contains("in use"), "{refused}");
}

/// An operator makes people, and may act for those who exist, in an organisation that is theirs.
#[tokio::test]
async fn operators_create_people_and_act_for_them() {
    let app = TestApp::new().await;
    let new = |name: &str, organization: &str| NewAccount {
        name: name.into(),
        email: format!("{}@example.com", name.to_lowercase()),
        password: "correct horse battery".into(),
        organization_name: organization.into(),
        base_currency: "USD".into(),
        time_zone: belvedere::zone::Zone::UTC,
    };
    operator::create(&app.db, new("Ada", "Works"), Role::Owner).await.unwrap();
    operator::create(&app.db, new("Bob", "works"), Role::Viewer).await.unwrap();
    let lost = operator::create(&app.db, new("Cy", "Nowhere"), Role::Member).await.unwrap_err().to_string();
    assert!(lost.contains("There is no organisation “Nowhere”"), "{lost}");
    let bob = operator::act_as(&app.db, "bob@example.com", None).await.unwrap();
    assert_eq!(bob.organization().name, "Works");
    assert!(bob.editor().is_err());
    assert!(operator::act_as(&app.db, "ada@example.com", Some("Elsewhere")).await.is_err());
    operator::set_staff(&app.db, "ada@example.com", true).await.unwrap();
    let people = operator::list(&app.db).await.unwrap();
    assert_eq!(
        people.iter().map(|p| (p.name.as_str(), p.is_staff)).collect::<Vec<_>>(),
        [("Ada", true), ("Bob", false)]
    );
    assert_eq!(people[1].organizations, "Works (VIEWER)");
}
