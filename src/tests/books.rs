//! The books and the stock: two organisations with the same references, and neither ever meets the other's rows.

use crate::support;
use belvedere::{
    accounts::{Editor, Member},
    error::AppError,
    ids::*,
    ledger::{
        budgets::{BudgetForm, BudgetQuery, store::Budgets},
        categories::{self, CategoryForm, CategoryQuery, store::Categories},
        model::EntryType,
        payments::{self, Direction, PaymentForm, PaymentQuery, PaymentStatus, store::Payments},
        transactions::{self, TransactionForm, TransactionQuery, TransactionRow, store::Transactions},
    },
    records::kind::{self, Totals},
    server::Database,
    stock::{MaterialForm, MaterialQuery, store::Materials},
};
use rust_decimal::Decimal;
use serde_json::json;

fn transaction(reference: &str, date: &str, kind: &str, category: &str, amount: &str) -> TransactionForm {
    TransactionForm {
        reference: reference.into(),
        date: date.into(),
        kind: kind.into(),
        category: category.into(),
        department: "Sales".into(),
        amount: amount.into(),
        currency: "USD".into(),
        note: String::new(),
    }
}

fn payment(reference: &str, due: &str) -> PaymentForm {
    PaymentForm {
        reference: reference.into(),
        party: "Litware, Inc.".into(),
        issued_on: "2020-01-01".into(),
        due_date: due.into(),
        amount: "100.50".into(),
        currency: "USD".into(),
        ..Default::default()
    }
}

fn material(sku: &str, quantity: &str, minimum: &str, cost: &str) -> MaterialForm {
    MaterialForm {
        sku: sku.into(),
        name: format!("Part {sku}"),
        category: "Parts".into(),
        quantity: quantity.into(),
        min_stock: minimum.into(),
        unit_cost: cost.into(),
        currency: "USD".into(),
    }
}

async fn add(db: &Database, member: &Member, form: &TransactionForm) -> TransactionRow {
    kind::create::<Transactions>(db, member, form).await.unwrap()
}

/// All pages of a list, one after the other.
async fn all_pages(db: &Database, member: &Member, query: &TransactionQuery) -> Vec<TransactionRow> {
    let mut query = query.clone();
    let mut rows = Vec::new();
    for _ in 0..100 {
        let answer = kind::list::<Transactions>(db, member, &query, Totals::FirstPage).await.unwrap();
        rows.extend(answer.page.items);
        match answer.page.next_cursor {
            Some(cursor) => query.cursor = cursor,
            None => return rows,
        }
    }
    panic!("the pages never end");
}

fn d(text: &str) -> Decimal {
    text.parse().unwrap()
}

/// Whatever a list is sorted by, its pages together hold every row once, in order, though values repeat.
#[tokio::test]
async fn pages_neither_repeat_nor_hide_rows() {
    let db = support::database().await;
    let (ada, bob) = (support::tenant(&db, "Ada").await, support::tenant(&db, "Bob").await);
    for i in 0..23 {
        let kind = if i % 2 == 0 { "income" } else { "expense" };
        let category = ["Salaries", "travel", "Travel costs", ""][i % 4];
        let reference = if i % 3 == 0 { String::new() } else { format!("{}-{i}", if i % 2 == 0 { "a" } else { "B" }) };
        add(
            &db,
            &ada,
            &transaction(&reference, &format!("2026-01-{:02}", i % 5 + 1), kind, category, &format!("{}", i % 4)),
        )
        .await;
        add(&db, &bob, &transaction(&format!("B-{i}"), "2026-01-01", kind, category, "7")).await;
    }
    for column in transactions::SORTS {
        for sort in [(*column).to_owned(), format!("-{column}")] {
            let query = TransactionQuery { sort: sort.clone(), limit: "4".into(), ..Default::default() };
            let rows = all_pages(&db, &ada, &query).await;
            let mut ids: Vec<TransactionId> = rows.iter().map(|r| r.id).collect();
            let whole = TransactionQuery { sort: sort.clone(), limit: "500".into(), ..Default::default() };
            let at_once: Vec<TransactionId> = all_pages(&db, &ada, &whole).await.iter().map(|r| r.id).collect();
            assert_eq!(ids, at_once, "{sort}");
            ids.sort();
            ids.dedup();
            assert_eq!(ids.len(), 23, "{sort}");
            if *column == "amount" {
                let amounts: Vec<Decimal> = rows.iter().map(|r| r.amount).collect();
                assert!(amounts.is_sorted_by(|a, b| if sort.starts_with('-') { a >= b } else { a <= b }));
            }
        }
    }
    let other_sort = TransactionQuery { sort: "amount".into(), limit: "4".into(), ..Default::default() };
    let first = kind::list::<Transactions>(&db, &ada, &other_sort, Totals::Always).await.unwrap();
    let stray = TransactionQuery { sort: "date".into(), cursor: first.page.next_cursor.unwrap(), ..Default::default() };
    let refused = kind::list::<Transactions>(&db, &ada, &stray, Totals::Always).await.unwrap_err();
    assert!(refused.for_field("cursor").is_some());
}

/// A reference that another row has is told with whatever else is wrong with a form; one's own is no wrong.
#[tokio::test]
async fn a_taken_reference_is_told_with_all_other_errors() {
    let db = support::database().await;
    let (ada, bob) = (support::tenant(&db, "Ada").await, support::tenant(&db, "Bob").await);
    let row = add(&db, &ada, &transaction("R-1", "2026-01-01", "income", "Sales", "10")).await;
    kind::create::<Materials>(&db, &ada, &material("A-1", "1", "0", "1")).await.unwrap();
    let wrong = transaction(" R-1 ", "2026-01-01", "income", "Sales", "much");
    let refused = kind::create::<Transactions>(&db, &ada, &wrong).await.unwrap_err();
    assert!(refused.for_field("amount").is_some(), "{refused:?}");
    assert_eq!(refused.for_field("reference"), Some("Another transaction has this reference already."));
    let refused = kind::create::<Materials>(&db, &ada, &material("A-1", "some", "0", "1")).await.unwrap_err();
    assert!(refused.for_field("quantity").is_some() && refused.for_field("sku").is_some(), "{refused:?}");
    for refused in [
        kind::update::<Transactions>(&db, &ada, row.id, "", &wrong).await.unwrap_err(),
        kind::create::<Transactions>(&db, &bob, &wrong).await.unwrap_err(),
    ] {
        assert!(refused.for_field("amount").is_some() && refused.for_field("reference").is_none(), "{refused:?}");
    }
}

/// The totals are those of everything that is filtered, not of the page, and never mix currencies.
#[tokio::test]
async fn totals_are_of_all_that_is_filtered() {
    let db = support::database().await;
    let (ada, bob) = (support::tenant(&db, "Ada").await, support::tenant(&db, "Bob").await);
    add(&db, &ada, &transaction("1", "2026-01-01", "income", "Orders", "10.0001")).await;
    add(&db, &ada, &transaction("2", "2026-01-02", "income", "orders", "-2")).await;
    add(&db, &ada, &transaction("3", "2026-02-01", "expense", "100% Wool_", "5")).await;
    add(&db, &ada, &TransactionForm { currency: "EUR".into(), ..transaction("4", "2026-01-03", "income", "", "9") })
        .await;
    add(&db, &bob, &transaction("1", "2026-01-01", "income", "Orders", "1000")).await;

    let ask = async |query: TransactionQuery| {
        let query = TransactionQuery { limit: "1".into(), ..query };
        kind::list::<Transactions>(&db, &ada, &query, Totals::Always).await.unwrap().totals.unwrap()
    };
    let all = ask(TransactionQuery::default()).await;
    let income: Vec<(&str, Decimal)> = all.income.iter().map(|s| (s.currency.as_str(), s.amount)).collect();
    assert_eq!((all.count, income), (4, vec![("EUR", d("9")), ("USD", d("8.0001"))]));
    assert_eq!(all.expense[0].amount, d("5"));

    let january = TransactionQuery { from: "2026-01-01".into(), to: "2026-01-31".into(), ..Default::default() };
    assert_eq!(ask(january).await.count, 3);
    let category = TransactionQuery { category: "ORDERS".into(), ..Default::default() };
    assert_eq!(ask(category).await.income[0].amount, d("8.0001"));
    for (words, count) in
        [("orders", 2), ("100%", 1), ("wool_", 1), ("0%_", 0), ("sales orders", 2), ("-2", 1), ("zebra", 0)]
    {
        let search = TransactionQuery { search: words.into(), ..Default::default() };
        assert_eq!(ask(search).await.count, count, "{words}");
    }
}

/// A row of another organisation is not there: not to see, change, delete or restore.
#[tokio::test]
async fn another_organisations_rows_are_not_there() {
    let db = support::database().await;
    let (ada, bob) = (support::tenant(&db, "Ada").await, support::tenant(&db, "Bob").await);
    let form = transaction("1", "2026-01-01", "income", "Orders", "10");
    let row = add(&db, &ada, &form).await;
    let gone = add(&db, &ada, &transaction("2", "2026-01-01", "income", "Orders", "10")).await;
    kind::delete::<Transactions>(&db, &ada, gone.id).await.unwrap();
    let category = kind::create::<Categories>(&db, &ada, &CategoryForm { name: "Rent".into() }).await.unwrap();

    let missing = |result: Result<(), AppError>| assert!(matches!(result, Err(AppError::NotFound { .. })));
    missing(kind::find::<Transactions>(&db, &bob, row.id).await.map(drop));
    missing(kind::update::<Transactions>(&db, &bob, row.id, "", &form).await.map(drop));
    missing(kind::delete::<Transactions>(&db, &bob, row.id).await.map(drop));
    missing(kind::restore::<Transactions>(&db, &bob, gone.id).await.map(drop));
    missing(kind::delete::<Categories>(&db, &bob, category.id).await.map(drop));
    let own = kind::create::<Categories>(&db, &bob, &CategoryForm { name: "Rent".into() }).await.unwrap();
    let editor = bob.editor().unwrap();
    let mut tx = db.tenant(&editor).await.unwrap();
    missing(categories::store::merge(&mut tx, &editor, own.id, category.id).await.map(drop));
    drop(tx);
    assert_eq!(kind::find::<Transactions>(&db, &ada, row.id).await.unwrap(), row);
}

/// Two people edit the same row: the second one is told, and nothing is lost.
#[tokio::test]
async fn a_change_on_an_outdated_copy_is_a_conflict() {
    let db = support::database().await;
    let ada = support::tenant(&db, "Ada").await;
    let row = add(&db, &ada, &transaction("1", "2026-01-01", "income", "Orders", "10")).await;
    let version = row.updated_at.to_rfc3339();
    let first = TransactionForm { amount: "11".into(), ..TransactionForm::from(&row) };
    kind::update::<Transactions>(&db, &ada, row.id, &version, &first).await.unwrap();
    let second = TransactionForm { amount: "12".into(), ..TransactionForm::from(&row) };
    let refused = kind::update::<Transactions>(&db, &ada, row.id, &version, &second).await.unwrap_err();
    assert!(matches!(refused, AppError::Conflict { .. }), "{refused}");
    assert_eq!(kind::find::<Transactions>(&db, &ada, row.id).await.unwrap().amount, d("11"));

    let patch = json!({ "note": "checked", "department": null });
    let patched = kind::patch::<Transactions>(&db, &ada, row.id, patch.as_object().unwrap().clone()).await.unwrap();
    assert_eq!((patched.amount, patched.note.as_str(), patched.department.as_str()), (d("11"), "checked", ""));
}

/// A deleted row comes back whole; not when its reference has been given away meanwhile.
#[tokio::test]
async fn what_is_deleted_can_come_back() {
    let db = support::database().await;
    let ada = support::tenant(&db, "Ada").await;
    let row = add(&db, &ada, &transaction("1", "2026-01-01", "income", "Orders", "10.1234")).await;
    kind::delete::<Transactions>(&db, &ada, row.id).await.unwrap();
    assert!(kind::find::<Transactions>(&db, &ada, row.id).await.is_err());
    assert_eq!(kind::restore::<Transactions>(&db, &ada, row.id).await.unwrap(), row);
    assert!(kind::restore::<Transactions>(&db, &ada, row.id).await.is_err(), "only once");

    kind::delete::<Transactions>(&db, &ada, row.id).await.unwrap();
    let usurper = add(&db, &ada, &transaction("1", "2026-01-02", "income", "Orders", "1")).await;
    let refused = kind::restore::<Transactions>(&db, &ada, row.id).await.unwrap_err();
    assert!(matches!(refused, AppError::Conflict { .. }), "{refused}");
    kind::delete::<Transactions>(&db, &ada, usurper.id).await.unwrap();
    assert_eq!(kind::restore::<Transactions>(&db, &ada, row.id).await.unwrap(), row);
}

/// A reference is unique in its organisation, and said to be taken at its field.
#[tokio::test]
async fn a_reference_is_taken_only_in_its_own_organisation() {
    let db = support::database().await;
    let (ada, bob) = (support::tenant(&db, "Ada").await, support::tenant(&db, "Bob").await);
    let form = transaction("1", "2026-01-01", "income", "Orders", "10");
    add(&db, &ada, &form).await;
    add(&db, &bob, &form).await;
    let refused = kind::create::<Transactions>(&db, &ada, &form).await.unwrap_err();
    assert!(refused.for_field("reference").is_some());
}

/// A category in use cannot be deleted, but merged: its transactions move and budgets for one month add up.
#[tokio::test]
async fn categories_are_merged_with_all_that_is_in_them() {
    let db = support::database().await;
    let (ada, bob) = (support::tenant(&db, "Ada").await, support::tenant(&db, "Bob").await);
    let budget = |category: &str, month: &str, currency: &str| BudgetForm {
        month: month.into(),
        category: category.into(),
        amount: "100".into(),
        currency: currency.into(),
        ..Default::default()
    };
    add(&db, &ada, &transaction("1", "2026-01-05", "expense", "Travel", "30")).await;
    add(&db, &ada, &transaction("2", "2026-01-06", "expense", "Trips", "12")).await;
    add(&db, &bob, &transaction("2", "2026-01-06", "expense", "Trips", "12")).await;
    for form in
        [budget("Travel", "2026-01", "USD"), budget("Trips", "2026-01", "USD"), budget("Trips", "2026-02", "USD")]
    {
        kind::create::<Budgets>(&db, &ada, &form).await.unwrap();
    }
    let odd = kind::create::<Budgets>(&db, &ada, &budget("Trips", "2026-03", "EUR")).await.unwrap();
    let plain = kind::create::<Budgets>(&db, &ada, &budget("Travel", "2026-03", "USD")).await.unwrap();
    let page = kind::list::<Categories>(&db, &ada, &CategoryQuery::default(), Totals::Always).await.unwrap().page;
    let names: Vec<(&str, i64, i64)> =
        page.items.iter().map(|c| (c.name.as_str(), c.transactions, c.budgets)).collect();
    assert_eq!(names, [("Travel", 1, 2), ("Trips", 1, 3)]);
    let (travel, trips) = (page.items[0].id, page.items[1].id);

    let refused = kind::delete::<Categories>(&db, &ada, trips).await.unwrap_err();
    assert!(refused.to_string().contains("1 transaction and 3 budgets"), "{refused}");
    let taken = kind::update::<Categories>(&db, &ada, trips, "", &CategoryForm { name: "TRAVEL".into() }).await;
    assert!(taken.unwrap_err().for_field("name").is_some());

    let editor = ada.editor().unwrap();
    let merge = async || {
        let mut tx = db.tenant(&editor).await?;
        let row = categories::store::merge(&mut tx, &editor, trips, travel).await?;
        tx.commit().await?;
        Ok::<_, AppError>(row)
    };
    assert!(merge().await.unwrap_err().to_string().contains("Mar 2026"));
    kind::delete::<Budgets>(&db, &ada, odd.id).await.unwrap();
    let merged = merge().await.unwrap();
    assert_eq!((merged.transactions, merged.budgets), (2, 3));
    let budgets = kind::list::<Budgets>(&db, &ada, &BudgetQuery::default(), Totals::Always).await.unwrap();
    let amounts: Vec<(Decimal, Decimal)> = budgets.page.items.iter().map(|b| (b.amount, b.used)).collect();
    assert_eq!(amounts, [(d("100"), d("0")), (d("100"), d("0")), (d("200"), d("42"))]);
    assert_eq!(budgets.totals.unwrap().expense[0].amount, d("400"));
    let refused = kind::restore::<Budgets>(&db, &ada, odd.id).await.unwrap_err();
    assert!(matches!(refused, AppError::Conflict { .. }), "its category is gone: {refused}");
    assert_eq!(plain.kind, EntryType::Expense);
}

/// Overdue depends on the day; the status only takes steps that make sense, and keeps the day of payment in step.
#[tokio::test]
async fn payments_move_from_pending_to_paid() {
    let db = support::database().await;
    let ada = support::tenant(&db, "Ada").await;
    let today = payments::store::today(&ada);
    let late = kind::create::<Payments>(&db, &ada, &payment("late", "2020-02-01")).await.unwrap();
    let due = kind::create::<Payments>(&db, &ada, &payment("today", &today.to_string())).await.unwrap();
    let incoming = PaymentForm { direction: "incoming".into(), ..payment("in", "2020-02-01") };
    kind::create::<Payments>(&db, &ada, &incoming).await.unwrap();
    assert!(late.overdue && !due.overdue);

    let ask = async |status: &str| {
        let query = PaymentQuery { status: status.into(), ..Default::default() };
        kind::list::<Payments>(&db, &ada, &query, Totals::Always).await.unwrap().totals.unwrap()
    };
    let all = ask("").await;
    assert_eq!((all.count, all.overdue_count, all.overdue[0].amount), (3, 2, d("201.00")));
    assert_eq!((all.outgoing[0].amount, all.incoming[0].amount), (d("201.00"), d("100.50")));
    assert_eq!(ask("overdue").await.count, 2);

    let editor: Editor = ada.editor().unwrap();
    let step = async |status: PaymentStatus| {
        let mut tx = db.tenant(&editor).await?;
        let row = payments::store::set_status(&mut tx, &editor, late.id, None, status, None).await?;
        tx.commit().await?;
        Ok::<_, AppError>(row)
    };
    assert!(step(PaymentStatus::Paid).await.unwrap_err().for_field("status").is_some(), "not approved yet");
    step(PaymentStatus::Approved).await.unwrap();
    let paid = step(PaymentStatus::Paid).await.unwrap();
    assert_eq!((paid.paid_on, paid.overdue, paid.direction), (Some(today), false, Direction::Outgoing));
    assert_eq!(ask("open").await.count, 2);
    let back = step(PaymentStatus::Approved).await.unwrap();
    assert_eq!((back.paid_on, back.overdue), (None, true));
}

/// What is on the shelves is worth quantity times cost, and low at or below the minimum.
#[tokio::test]
async fn stock_knows_its_value_and_what_runs_low() {
    let db = support::database().await;
    let (ada, bob) = (support::tenant(&db, "Ada").await, support::tenant(&db, "Bob").await);
    for (sku, quantity, minimum, cost) in [("A", "10", "10", "1.25"), ("B", "11", "10", "2"), ("C", "0", "0", "5")] {
        kind::create::<Materials>(&db, &ada, &material(sku, quantity, minimum, cost)).await.unwrap();
    }
    kind::create::<Materials>(&db, &bob, &material("A", "1", "0", "1000")).await.unwrap();
    let ask = async |query: MaterialQuery| kind::list::<Materials>(&db, &ada, &query, Totals::Always).await.unwrap();
    let all = ask(MaterialQuery { sort: "-value".into(), ..Default::default() }).await;
    let totals = all.totals.unwrap();
    assert_eq!((totals.count, totals.low, totals.quantity, totals.value[0].amount), (3, 2, d("21"), d("34.5")));
    let skus: Vec<&str> = all.page.items.iter().map(|m| m.sku.as_str()).collect();
    assert_eq!(skus, ["B", "A", "C"]);
    let level = |level: &str| MaterialQuery { level: level.into(), ..Default::default() };
    assert_eq!(ask(level("low")).await.page.items.len(), 2);
    assert_eq!(ask(level("out")).await.page.items[0].sku, "C");
    assert_eq!(ask(level("enough")).await.page.items[0].sku, "B");
}
