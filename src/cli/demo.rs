//! `belvedere demo`: an organisation with the sample books, people to sign in as, and the three templates.

use super::{CommandError, database};
use crate::{
    accounts::{
        Editor, NewAccount, OrganizationPatch, Role, Tier,
        store::{operator, organizations},
    },
    dashboards::{self, model::NewDashboard, templates::Template},
    error::AppError,
    imports,
    ledger::transactions::{self, TransactionQuery},
    server::{Database, Settings},
};
use chrono::{Datelike, Months, NaiveDate, Utc};
use tokio_util::sync::CancellationToken;

pub const ORGANIZATION: &str = "Adventure Works Cycles";
const TIME_ZONE: &str = "America/Los_Angeles";

/// Public, as README says; `accounts` refuses it to everybody else.
const PASSWORD: &str = "adventure-demo";

const PEOPLE: [(&str, &str, Role); 3] = [
    ("Olivia Owner", "owner@adventure-works.example", Role::Owner),
    ("Max Member", "member@adventure-works.example", Role::Member),
    ("Vera Viewer", "viewer@adventure-works.example", Role::Viewer),
];

/// Fills the demo in. Repeating it adds what is missing and changes nothing else.
pub(super) async fn run(settings: Settings) -> Result<(), CommandError> {
    let database = database::open(&settings, &CancellationToken::new()).await?;
    let outcome = fill(&database.db).await;
    database.close().await;
    outcome?;
    println!("\n{ORGANIZATION} is ready. Sign in at {} as", settings.accounts.public_url);
    for (_, email, role) in PEOPLE {
        println!("  {email}   password {PASSWORD}   ({})", role.label().to_lowercase());
    }
    Ok(())
}

/// Everything that the demo consists of.
pub async fn fill(db: &Database) -> Result<(), AppError> {
    create_people(db).await?;
    let owner = operator::act_as(db, PEOPLE[0].1, Some(ORGANIZATION)).await?;
    let admin = owner.admin()?;
    let mut tx = db.tenant(&admin).await?;
    let patch = OrganizationPatch {
        base_currency: Some("USD".into()),
        time_zone: Some(TIME_ZONE.into()),
        ..OrganizationPatch::default()
    };
    organizations::update(&mut tx, &admin, patch).await?;
    tx.commit().await?;
    operator::set_tier(db, owner.organization().id, Tier::Growth).await?;

    // Looked up again, with the time zone that was just set.
    let editor = operator::act_as(db, PEOPLE[0].1, Some(ORGANIZATION)).await?.editor()?;
    let today = editor.organization().time_zone.day(Utc::now());
    if books_reach_last_month(db, &editor, today).await? {
        println!("The sample books are there already.");
    } else {
        imports::sample::load(db, &editor, today, &|import| {
            println!("{}: {} rows", import.file_name, import.counts.read);
        })
        .await?;
    }
    create_dashboards(db, &editor).await
}

async fn create_people(db: &Database) -> Result<(), AppError> {
    let known = operator::list(db).await?;
    let is_demo = |email: &str| PEOPLE.iter().any(|(_, demo, _)| *demo == email);
    if !known.is_empty() && !known.iter().any(|user| is_demo(&user.email)) {
        // Accounts with a public password have no place among those of real people.
        return Err(AppError::invalid(
            "This database is in use: the demo's accounts have a public password. Give the demo a database of its own.",
        ));
    }
    for (name, email, role) in PEOPLE {
        if known.iter().any(|user| user.email == email) {
            continue;
        }
        let new = NewAccount {
            name: name.into(),
            email: email.into(),
            password: PASSWORD.into(),
            organization_name: ORGANIZATION.into(),
            base_currency: "USD".into(),
            time_zone: crate::zone::Zone::UTC,
        };
        operator::create(db, new, role).await?;
    }
    Ok(())
}

/// Whether the newest transaction is of the month before `today`, or newer.
async fn books_reach_last_month(db: &Database, editor: &Editor, today: NaiveDate) -> Result<bool, AppError> {
    let newest_first = TransactionQuery { limit: "1".into(), ..TransactionQuery::default() }.parse()?;
    let mut tx = db.tenant(editor).await?;
    let newest = transactions::store::list(&mut tx, &newest_first).await?.items.into_iter().next();
    let last_month = today.with_day(1).and_then(|first| first.checked_sub_months(Months::new(1)));
    Ok(newest.is_some_and(|row| Some(row.date) >= last_month))
}

/// The three templates, by their names, unless the organisation has dashboards of these names.
async fn create_dashboards(db: &Database, editor: &Editor) -> Result<(), AppError> {
    let mut tx = db.tenant(editor).await?;
    let present = dashboards::store::list(&mut tx).await?;
    for template in Template::FIRST {
        if present.iter().any(|dashboard| dashboard.name == template.name()) {
            continue;
        }
        let new = NewDashboard {
            name: template.name().into(),
            personal: Some(false),
            template: Some(template.code().into()),
            ..NewDashboard::default()
        };
        dashboards::store::create(&mut tx, editor, new).await?;
    }
    tx.commit().await
}
