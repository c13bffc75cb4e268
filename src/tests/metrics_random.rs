//! What holds for every formula and every history of writes, tried on random ones.

use crate::{
    metrics::{Row, insert, noon},
    support,
};
use belvedere::{
    accounts::Member,
    error::AppError,
    metrics::{
        AlertKind, Comparison, Filters, Grain, MetricQuery, NewDefinition, RowsQuery, Status, TimeRange, alerts,
        definitions, engine,
    },
    server::Database,
};
use chrono::{NaiveDate, TimeDelta};
use proptest::{
    prelude::*,
    strategy::ValueTree,
    test_runner::{Config, TestRng, TestRunner},
};
use rust_decimal::Decimal;
use serde_json::{Value, json};

#[path = "../metrics/arbitrary.rs"]
mod arbitrary;

fn runner() -> TestRunner {
    // The same cases each time: a failure can be looked at again.
    TestRunner::new_with_rng(Config::default(), TestRng::deterministic_rng(prop::test_runner::RngAlgorithm::ChaCha))
}

fn sample<T>(runner: &mut TestRunner, strategy: &impl Strategy<Value = T>) -> T
where
    T: std::fmt::Debug,
{
    strategy.new_tree(runner).unwrap().current()
}

fn day() -> impl Strategy<Value = NaiveDate> {
    (0i64..900).prop_map(|n| NaiveDate::from_ymd_opt(2023, 11, 7).unwrap() + TimeDelta::days(n))
}

fn range() -> impl Strategy<Value = TimeRange> {
    prop_oneof![
        (day(), 0i64..700).prop_map(|(from, days)| TimeRange {
            from: Some(from.to_string()),
            to: Some((from + TimeDelta::days(days)).to_string()),
        }),
        day().prop_map(|from| TimeRange { from: Some(from.to_string()), to: None }),
        day().prop_map(|to| TimeRange { from: None, to: Some(to.to_string()) }),
        prop::sample::select(&belvedere::metrics::QUICK_RANGES[..]).prop_map(|quick| quick.range()),
    ]
}

fn row(categories: Vec<uuid::Uuid>) -> impl Strategy<Value = Row> {
    (
        day(),
        prop::sample::select(&["income", "expense"][..]),
        prop::option::of(prop::sample::select(categories)),
        prop::sample::select(&["", "Sales", "Research"][..]),
        -10_000_000_000i64..10_000_000_000,
        prop::sample::select(&["USD", "USD", "USD", "EUR"][..]),
    )
        .prop_map(|(date, kind, category, department, amount, currency)| Row {
            date,
            kind: kind.into(),
            category,
            department: department.into(),
            amount: Decimal::new(amount, 4),
            currency: currency.into(),
        })
}

async fn categories(db: &Database, member: &Member) -> Vec<uuid::Uuid> {
    let ids: Vec<_> = (0..3).map(|_| uuid::Uuid::new_v4()).collect();
    let mut tx = db.tenant(member).await.unwrap();
    let organization_id = tx.organization_id();
    sqlx::query("insert into categories (organization_id, id, name) select $1, id, 'Category ' || n from unnest($2::uuid[]) with ordinality u(id, n)")
        .bind(organization_id)
        .bind(&ids)
        .execute(tx.conn())
        .await
        .unwrap();
    // The first two have budgets, of every third month.
    sqlx::query(
        "insert into budgets (organization_id, id, month, type, category_id, amount, currency)
         select $1, gen_random_uuid(), month, 'expense', id, 1000, 'USD'
         from unnest($2::uuid[]) id, generate_series('2020-01-01'::date, '2027-01-01', '3 months') month",
    )
    .bind(organization_id)
    .bind(&ids[..2])
    .execute(tx.conn())
    .await
    .unwrap();
    tx.commit().await.unwrap();
    ids
}

async fn define(db: &Database, member: &Member, code: &str, formula: Value) -> Result<(), AppError> {
    let admin = member.admin().unwrap();
    let mut tx = db.tenant(&admin).await?;
    let new: NewDefinition =
        serde_json::from_value(json!({"code": code, "name": "Tried", "formula": formula})).unwrap();
    definitions::create(&mut tx, &admin, definitions::Base::Any, &new).await?;
    tx.commit().await
}

/// Inserts, changes, deletions and rolled-back work, by one tenant beside another; after each, the months' sums give
/// what the rows give, for questions of every shape.
#[tokio::test]
async fn the_rollup_is_exact_after_any_history_of_writes() {
    let db = support::database().await;
    let ada = support::tenant(&db, "Ada").await;
    let bob = support::tenant(&db, "Bob").await;
    let mut runner = runner();
    let income = json!({"field": "type", "operator": "=", "value": "income"});
    define(&db, &ada, "mean", json!({"source": "transactions", "measure": "average", "field": "amount"}))
        .await
        .unwrap();
    define(
        &db,
        &ada,
        "share",
        json!({"divide": [
        {"source": "transactions", "measure": "count", "where": income},
        {"source": "transactions", "measure": "count"}]}),
    )
    .await
    .unwrap();
    let metrics =
        ["total_revenue", "net_profit", "cash_flow_trend", "expenses_by_category", "budget_used", "mean", "share"];
    let mut ids: Vec<uuid::Uuid> = Vec::new();
    for member in [&ada, &bob] {
        let strategy = prop::collection::vec(row(categories(&db, member).await), 1..60);
        for step in 0..25 {
            let mut tx = db.tenant(member).await.unwrap();
            let rows = sample(&mut runner, &strategy);
            let fresh = insert(&mut tx, &rows).await;
            match step % 4 {
                1 => drop(tx), // rolled back
                _ => {
                    ids.extend(fresh);
                    if step % 4 == 2 {
                        sqlx::query(
                            "update transactions set amount = amount + 1, date = date + 20, department = 'Sales'
                             where id = any($1) and right(id::text, 1) < '8'",
                        )
                        .bind(&ids)
                        .execute(tx.conn())
                        .await
                        .unwrap();
                    }
                    if step % 4 == 3 {
                        let (gone, kept) = ids.split_at(ids.len() / 3);
                        sqlx::query("delete from transactions where id = any($1)")
                            .bind(gone)
                            .execute(tx.conn())
                            .await
                            .unwrap();
                        ids = kept.to_vec();
                    }
                    if step % 8 == 4 {
                        let organization_id = tx.organization_id();
                        sqlx::query("select fold_transaction_months($1)")
                            .bind(organization_id)
                            .execute(tx.conn())
                            .await
                            .unwrap();
                    }
                    tx.commit().await.unwrap();
                }
            }
            if member.organization().id != ada.organization().id {
                continue;
            }
            for metric in metrics {
                let query = MetricQuery {
                    narrowed: Filters::default(),
                    metric: metric.into(),
                    range: sample(&mut runner, &range()),
                    grain: sample(
                        &mut runner,
                        &prop::option::of(prop::sample::select(&[Grain::Month, Grain::Quarter, Grain::Year][..])),
                    ),
                    group_by: sample(
                        &mut runner,
                        &prop::option::of(prop::sample::select(&["category", "department", "type"][..])),
                    )
                    .filter(|_| metric != "cash_flow_trend")
                    .map(str::to_owned),
                    comparison: sample(&mut runner, &prop::option::of(Just(Comparison::YearBefore))),
                    filters: sample(
                        &mut runner,
                        &prop::option::of(Just(json!({"field": "department", "operator": "!=", "value": "Sales"}))),
                    )
                    .into_iter()
                    .collect(),
                    limit: sample(&mut runner, &prop::option::of(1u32..4)),
                };
                let mut tx = db.tenant(&ada).await.unwrap();
                let answer = engine::answer(&mut tx, ada.organization(), &query, noon()).await;
                let plain = engine::answer_from_rows(&mut tx, ada.organization(), &query, noon()).await;
                assert_eq!(answer, plain, "{query:?}");
            }
        }
    }
    // And from nothing, the same keys and sums come out again.
    let mut tx = db.tenant(&ada).await.unwrap();
    let organization_id = tx.organization_id();
    let sums = "select month, type, category_id, department, currency, sum(amount), sum(row_count)::int8 from transaction_months
                group by 1, 2, 3, 4, 5 having sum(row_count) <> 0 order by 1, 2, 3, 4, 5";
    let by_category = "select month, type, category_id, '', currency, sum(amount), sum(row_count)::int8
                from transaction_category_months
                group by 1, 2, 3, 4, 5 having sum(row_count) <> 0 order by 1, 2, 3, 4, 5";
    type Sums = Vec<(NaiveDate, String, Option<uuid::Uuid>, String, String, Decimal, i64)>;
    let mut kept: [Sums; 2] = Default::default();
    for (kept, sums) in kept.iter_mut().zip([sums, by_category]) {
        *kept = sqlx::query_as(sums).fetch_all(tx.conn()).await.unwrap();
    }
    sqlx::query("select rebuild_transaction_months($1)").bind(organization_id).execute(tx.conn()).await.unwrap();
    for (kept, sums) in kept.into_iter().zip([sums, by_category]) {
        let rebuilt: Sums = sqlx::query_as(sums).fetch_all(tx.conn()).await.unwrap();
        assert_eq!(kept, rebuilt);
    }
}

/// Sixteen writers book into the same months at once: nobody waits for a deadlock, and no amount is lost.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn many_writers_of_one_tenant_neither_deadlock_nor_lose_anything() {
    let db = support::database().await;
    let ada = support::tenant(&db, "Ada").await;
    let writers = (0..16).map(|writer| {
        let (db, ada) = (db.clone(), ada.clone());
        tokio::spawn(async move {
            for i in 0..12 {
                let mut tx = db.tenant(&ada).await?;
                // Two months in one transaction, in either order.
                for month in if writer % 2 == 0 { [1, 2] } else { [2, 1] } {
                    let row = Row {
                        date: NaiveDate::from_ymd_opt(2025, month, 1 + i).unwrap(),
                        kind: "income".into(),
                        category: None,
                        department: String::new(),
                        amount: Decimal::ONE,
                        currency: "USD".into(),
                    };
                    insert(&mut tx, &[row]).await;
                }
                if i == 5 {
                    let organization_id = tx.organization_id();
                    sqlx::query("select fold_transaction_months($1)").bind(organization_id).execute(tx.conn()).await?;
                }
                tx.commit().await?;
            }
            Ok::<_, AppError>(())
        })
    });
    for writer in writers.collect::<Vec<_>>() {
        writer.await.unwrap().unwrap();
    }
    let mut tx = db.tenant(&ada).await.unwrap();
    let query = MetricQuery { metric: "total_revenue".into(), ..Default::default() };
    let answer = engine::answer(&mut tx, ada.organization(), &query, noon()).await.unwrap();
    assert_eq!((answer.value, answer.count), (Some(Decimal::from(16 * 12 * 2)), 16 * 12 * 2));
}

/// PostgreSQL runs what the compiler makes of any formula, and hostile texts do no harm.
#[tokio::test]
async fn every_formula_that_is_accepted_runs() {
    let db = support::database().await;
    let ada = support::tenant(&db, "Ada").await;
    let mut runner = runner();
    let rows = prop::collection::vec(row(categories(&db, &ada).await), 40);
    let mut tx = db.tenant(&ada).await.unwrap();
    insert(&mut tx, &sample(&mut runner, &rows)).await;
    tx.commit().await.unwrap();
    for i in 0..150 {
        let formula = sample(&mut runner, &arbitrary::formula());
        match define(&db, &ada, "tried", formula.clone()).await {
            Ok(()) => {}
            // Made of numbers only.
            Err(AppError::Invalid { message, .. }) if message.contains("measures nothing") => continue,
            Err(other) => panic!("{other:?} for {formula}"),
        }
        let query = MetricQuery {
            narrowed: Filters::default(),
            metric: "tried".into(),
            range: sample(&mut runner, &range()),
            grain: sample(&mut runner, &prop::option::of(prop::sample::select(&Grain::ALL[1..]))),
            group_by: sample(
                &mut runner,
                &prop::option::of(prop::sample::select(&["currency", "category", "status"][..])),
            )
            .map(str::to_owned),
            comparison: sample(&mut runner, &prop::option::of(Just(Comparison::PreviousPeriod))),
            filters: Vec::new(),
            limit: None,
        };
        let mut tx = db.tenant(&ada).await.unwrap();
        match engine::answer(&mut tx, ada.organization(), &query, noon()).await {
            Ok(answer) => {
                let plain = engine::answer_from_rows(&mut tx, ada.organization(), &query, noon()).await.unwrap();
                assert_eq!(answer, plain, "{i}: {formula}");
            }
            // A source without that dimension, too many points.
            Err(AppError::Invalid { .. }) => {}
            Err(other) => panic!("{other:?} for {formula}"),
        }
        let source = ["transactions", "payments", "budgets", "materials"][i % 4];
        let rows = RowsQuery {
            source: source.into(),
            filters: vec![sample(&mut runner, &arbitrary::filter_on(source))],
            ..Default::default()
        };
        engine::rows(&mut tx, ada.organization(), &rows, noon()).await.unwrap();
    }
    let mut tx = db.tenant(&ada).await.unwrap();
    let left: i64 = sqlx::query_scalar("select count(*) from transactions").fetch_one(tx.conn()).await.unwrap();
    assert_eq!(left, 40);
}

#[tokio::test]
async fn a_tenant_s_metrics_are_its_own_and_the_system_s_are_nobody_s_to_change() {
    let db = support::database().await;
    let ada = support::tenant(&db, "Ada").await;
    let bob = support::tenant(&db, "Bob").await;
    define(&db, &ada, "orders", json!({"source": "transactions"})).await.unwrap();
    define(&db, &ada, "orders", json!({"source": "payments"})).await.unwrap();
    let mut tx = db.tenant(&ada).await.unwrap();
    let own = definitions::find(&mut tx, "orders").await.unwrap();
    assert_eq!((own.version, own.system), (2, false));
    let count = definitions::list(&mut tx).await.unwrap().len();
    drop(tx);
    let mut tx = db.tenant(&bob).await.unwrap();
    assert!(matches!(definitions::find(&mut tx, "orders").await, Err(AppError::NotFound { .. })));
    assert_eq!(definitions::list(&mut tx).await.unwrap().len(), count - 1);
    drop(tx);

    // A circle through a metric of one's own, and a code of the system's.
    define(&db, &ada, "first_one", json!({"metric": "orders"})).await.unwrap();
    let circle = define(&db, &ada, "orders", json!({"add": [{"metric": "first_one"}, 1]})).await.unwrap_err();
    assert!(circle.to_string().contains("orders → first_one → orders"), "{circle}");
    let taken = define(&db, &ada, "total_revenue", json!({"source": "payments"})).await.unwrap_err();
    assert!(taken.for_field("code").is_some());

    for attempt in [
        "update metric_definitions set deprecated_at = now() where organization_id is null",
        "insert into metric_definitions (id, organization_id, code, name, formula, category)
         values (gen_random_uuid(), null, 'sneaked', 'Sneaked', '{}', 'SALES')",
        "update metric_definitions set formula = '{}'",
        "delete from metric_definitions",
    ] {
        let mut tx = db.tenant(&ada).await.unwrap();
        let changed = sqlx::query(attempt).execute(tx.conn()).await.map(|done| done.rows_affected());
        assert!(matches!(changed, Err(_) | Ok(0)), "{attempt}");
    }
}

#[tokio::test]
async fn alerts_come_worst_first_and_can_be_chosen_by_kind() {
    let db = support::database().await;
    let ada = support::tenant(&db, "Ada").await;
    let bob = support::tenant(&db, "Bob").await;
    let mut tx = db.tenant(&ada).await.unwrap();
    let organization_id = tx.organization_id();
    sqlx::query(
        "insert into materials (organization_id, id, sku, name, quantity, min_stock, currency) values
           ($1, gen_random_uuid(), 'A', 'Frame', 375, 500, 'USD'), ($1, gen_random_uuid(), 'B', 'Wheel', 0, 10, 'USD'),
           ($1, gen_random_uuid(), 'C', 'Chain', 11, 10, 'USD')",
    )
    .bind(organization_id)
    .execute(tx.conn())
    .await
    .unwrap();
    sqlx::query(
        "insert into payments (organization_id, id, reference, party, issued_on, due_date, status, paid_on, amount, currency) values
           ($1, gen_random_uuid(), 'PO-1', 'Litware', '2026-01-01', '2026-01-03', 'approved', null, 48210, 'USD'),
           ($1, gen_random_uuid(), 'PO-2', 'Contoso', '2026-01-01', '2026-01-15', 'pending', null, 5, 'USD'),
           ($1, gen_random_uuid(), 'PO-3', 'Fabrikam', '2026-01-01', '2026-01-03', 'paid', '2026-01-03', 5, 'USD')",
    )
    .bind(organization_id)
    .execute(tx.conn())
    .await
    .unwrap();
    let titles =
        |alerts: Vec<belvedere::metrics::Alert>| alerts.into_iter().map(|a| (a.title, a.severity)).collect::<Vec<_>>();
    let all = titles(alerts::list(&mut tx, ada.organization(), None, &Filters::default(), 10, noon()).await.unwrap());
    assert_eq!(
        all,
        [
            ("PO-1 is 12 days overdue, $48,210.00".to_owned(), Status::Critical),
            ("Low stock: Wheel".to_owned(), Status::Critical),
            ("Low stock: Frame".to_owned(), Status::Warning),
        ]
    );
    let stock = alerts::list(&mut tx, ada.organization(), Some(AlertKind::Inventory), &Filters::default(), 1, noon())
        .await
        .unwrap();
    assert_eq!(stock[0].detail, "0 left, minimum 10");
    tx.commit().await.unwrap();
    let mut tx = db.tenant(&bob).await.unwrap();
    assert!(alerts::list(&mut tx, bob.organization(), None, &Filters::default(), 10, noon()).await.unwrap().is_empty());
}
