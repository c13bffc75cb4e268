//! Every number is what a plain sum over the sample data says, for whoever asks and however it is cut; and no
//! tenant's number has anything of another's in it.

use crate::support;
use belvedere::{
    accounts::{Member, OrganizationSummary},
    ids::{BudgetId, CategoryId, MaterialId, PaymentId, TransactionId},
    metrics::{Comparison, Filters, Grain, MetricAnswer, MetricQuery, Status, TimeRange, engine},
    server::{Database, TenantTx},
};
use chrono::{DateTime, Datelike, Months, NaiveDate, TimeZone, Utc};
use rust_decimal::Decimal;
use std::collections::{BTreeMap, HashMap};

/// The sample data as plain records, for sums that no SQL had a hand in.
struct Books {
    transactions: Vec<Transaction>,
    payments: Vec<Payment>,
    budgets: Vec<Budget>,
    materials: Vec<Material>,
}

#[derive(Clone)]
struct Transaction {
    date: NaiveDate,
    kind: String,
    category: String,
    department: String,
    amount: Decimal,
}

struct Payment {
    party: String,
    issued_on: NaiveDate,
    due_date: NaiveDate,
    status: String,
    paid_on: Option<NaiveDate>,
    amount: Decimal,
}

struct Budget {
    month: NaiveDate,
    kind: String,
    category: String,
    amount: Decimal,
}

struct Material {
    sku: String,
    name: String,
    category: String,
    quantity: Decimal,
    min_stock: Decimal,
    unit_cost: Decimal,
}

fn records(file: &str) -> Vec<HashMap<String, String>> {
    let path = format!("{}/samples/{file}", env!("CARGO_MANIFEST_DIR"));
    csv::Reader::from_path(path).unwrap().deserialize().map(Result::unwrap).collect()
}

fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

fn amount(text: &str) -> Decimal {
    text.parse().unwrap()
}

impl Books {
    fn read() -> Self {
        let get = |r: &HashMap<String, String>, key: &str| r[key].clone();
        Self {
            transactions: records("transactions.csv")
                .iter()
                .map(|r| Transaction {
                    date: day(&r["date"]),
                    kind: get(r, "type"),
                    category: get(r, "category"),
                    department: get(r, "department"),
                    amount: amount(&r["amount"]),
                })
                .collect(),
            payments: records("payments.csv")
                .iter()
                .map(|r| Payment {
                    party: get(r, "vendor"),
                    issued_on: day(&r["issued_on"]),
                    due_date: day(&r["due_date"]),
                    status: get(r, "status"),
                    paid_on: Some(&r["paid_on"]).filter(|text| !text.is_empty()).map(|text| day(text)),
                    amount: amount(&r["amount"]),
                })
                .collect(),
            budgets: records("budgets.csv")
                .iter()
                .map(|r| Budget {
                    month: day(&format!("{}-01", r["month"])),
                    kind: get(r, "type"),
                    category: get(r, "category"),
                    amount: amount(&r["amount"]),
                })
                .collect(),
            materials: records("materials.csv")
                .iter()
                .map(|r| Material {
                    sku: get(r, "sku"),
                    name: get(r, "name"),
                    category: get(r, "category"),
                    quantity: amount(&r["quantity"]),
                    min_stock: amount(&r["min_stock"]),
                    unit_cost: amount(&r["unit_cost"]),
                })
                .collect(),
        }
    }

    fn ledger(&self, kind: &str, from: &str, to: &str) -> Decimal {
        let (from, to) = (day(from), day(to));
        self.transactions.iter().filter(|t| t.kind == kind && t.date >= from && t.date < to).map(|t| t.amount).sum()
    }

    /// Of the expense budgets of the months that begin in the range, how much the expenses of the same months and
    /// categories have used, in percent.
    fn budget_used(&self, from: &str, to: &str) -> Option<Decimal> {
        let (from, to) = (day(from), day(to));
        let budgets: BTreeMap<(NaiveDate, String), Decimal> = self
            .budgets
            .iter()
            .filter(|b| b.kind == "expense" && b.month >= from && b.month < to)
            .map(|b| ((b.month, b.category.to_lowercase()), b.amount))
            .collect();
        let month = |date: NaiveDate| date.with_day(1).unwrap();
        let used: Decimal = self
            .transactions
            .iter()
            .filter(|t| t.kind == "expense" && budgets.contains_key(&(month(t.date), t.category.to_lowercase())))
            .map(|t| t.amount)
            .sum();
        used.checked_div(budgets.values().sum()).map(|share| share * Decimal::ONE_HUNDRED)
    }

    async fn load(&self, db: &Database, member: &Member) {
        let mut tx = db.tenant(member).await.unwrap();
        let mut categories: BTreeMap<String, CategoryId> = BTreeMap::new();
        for name in self.transactions.iter().map(|t| &t.category).chain(self.budgets.iter().map(|b| &b.category)) {
            if !categories.keys().any(|known| known.eq_ignore_ascii_case(name)) {
                categories.insert(name.clone(), CategoryId::new());
            }
        }
        let organization_id = tx.organization_id();
        sqlx::query(
            "insert into categories (organization_id, id, name) select $1, * from unnest($2::uuid[], $3::text[])",
        )
        .bind(organization_id)
        .bind(categories.values().map(|id| id.0).collect::<Vec<_>>())
        .bind(categories.keys().cloned().collect::<Vec<_>>())
        .execute(tx.conn())
        .await
        .unwrap();
        let category = |name: &str| categories.iter().find(|(known, _)| known.eq_ignore_ascii_case(name)).unwrap().1.0;
        let rows: Vec<Row> = self
            .transactions
            .iter()
            .map(|t| Row {
                date: t.date,
                kind: t.kind.clone(),
                category: Some(category(&t.category)),
                department: t.department.clone(),
                amount: t.amount,
                currency: "USD".into(),
            })
            .collect();
        insert(&mut tx, &rows).await;
        sqlx::query(
            "insert into payments (organization_id, id, party, issued_on, due_date, status, paid_on, amount, currency)
             select $1, *, 'USD' from unnest($2::uuid[], $3::text[], $4::date[], $5::date[], $6::text[], $7::date[], $8::numeric[])",
        )
        .bind(organization_id)
        .bind(self.payments.iter().map(|_| PaymentId::new().0).collect::<Vec<_>>())
        .bind(self.payments.iter().map(|p| p.party.clone()).collect::<Vec<_>>())
        .bind(self.payments.iter().map(|p| p.issued_on).collect::<Vec<_>>())
        .bind(self.payments.iter().map(|p| p.due_date).collect::<Vec<_>>())
        .bind(self.payments.iter().map(|p| p.status.clone()).collect::<Vec<_>>())
        .bind(self.payments.iter().map(|p| p.paid_on).collect::<Vec<_>>())
        .bind(self.payments.iter().map(|p| p.amount).collect::<Vec<_>>())
        .execute(tx.conn())
        .await
        .unwrap();
        sqlx::query(
            "insert into budgets (organization_id, id, month, type, category_id, amount, currency)
             select $1, *, 'USD' from unnest($2::uuid[], $3::date[], $4::text[], $5::uuid[], $6::numeric[])",
        )
        .bind(organization_id)
        .bind(self.budgets.iter().map(|_| BudgetId::new().0).collect::<Vec<_>>())
        .bind(self.budgets.iter().map(|b| b.month).collect::<Vec<_>>())
        .bind(self.budgets.iter().map(|b| b.kind.clone()).collect::<Vec<_>>())
        .bind(self.budgets.iter().map(|b| category(&b.category)).collect::<Vec<_>>())
        .bind(self.budgets.iter().map(|b| b.amount).collect::<Vec<_>>())
        .execute(tx.conn())
        .await
        .unwrap();
        sqlx::query(
            "insert into materials (organization_id, id, sku, name, category, quantity, min_stock, unit_cost, currency)
             select $1, *, 'USD' from unnest($2::uuid[], $3::text[], $4::text[], $5::text[], $6::numeric[], $7::numeric[], $8::numeric[])",
        )
        .bind(organization_id)
        .bind(self.materials.iter().map(|_| MaterialId::new().0).collect::<Vec<_>>())
        .bind(self.materials.iter().map(|m| m.sku.clone()).collect::<Vec<_>>())
        .bind(self.materials.iter().map(|m| m.name.clone()).collect::<Vec<_>>())
        .bind(self.materials.iter().map(|m| m.category.clone()).collect::<Vec<_>>())
        .bind(self.materials.iter().map(|m| m.quantity).collect::<Vec<_>>())
        .bind(self.materials.iter().map(|m| m.min_stock).collect::<Vec<_>>())
        .bind(self.materials.iter().map(|m| m.unit_cost).collect::<Vec<_>>())
        .execute(tx.conn())
        .await
        .unwrap();
        tx.commit().await.unwrap();
    }
}

/// A transaction as the tests write it.
#[derive(Clone, Debug)]
pub struct Row {
    pub date: NaiveDate,
    pub kind: String,
    pub category: Option<uuid::Uuid>,
    pub department: String,
    pub amount: Decimal,
    pub currency: String,
}

pub async fn insert(tx: &mut TenantTx, rows: &[Row]) -> Vec<uuid::Uuid> {
    let ids: Vec<_> = rows.iter().map(|_| TransactionId::new().0).collect();
    let organization_id = tx.organization_id();
    sqlx::query(
        "insert into transactions (organization_id, id, date, type, category_id, department, amount, currency)
         select $1, * from unnest($2::uuid[], $3::date[], $4::text[], $5::uuid[], $6::text[], $7::numeric[], $8::text[])",
    )
    .bind(organization_id)
    .bind(&ids)
    .bind(rows.iter().map(|r| r.date).collect::<Vec<_>>())
    .bind(rows.iter().map(|r| r.kind.clone()).collect::<Vec<_>>())
    .bind(rows.iter().map(|r| r.category).collect::<Vec<_>>())
    .bind(rows.iter().map(|r| r.department.clone()).collect::<Vec<_>>())
    .bind(rows.iter().map(|r| r.amount).collect::<Vec<_>>())
    .bind(rows.iter().map(|r| r.currency.clone()).collect::<Vec<_>>())
    .execute(tx.conn())
    .await
    .unwrap();
    ids
}

/// Noon of a day soon after the sample's last month.
pub fn noon() -> DateTime<Utc> {
    Utc.with_ymd_and_hms(2026, 1, 15, 12, 0, 0).unwrap()
}

fn between(from: &str, to: &str) -> TimeRange {
    TimeRange { from: Some(from.into()), to: Some(to.into()) }
}

fn about(metric: &str) -> MetricQuery {
    MetricQuery { metric: metric.into(), ..Default::default() }
}

struct Asker<'a> {
    db: &'a Database,
    member: &'a Member,
}

impl Asker<'_> {
    fn organization(&self) -> &OrganizationSummary {
        self.member.organization()
    }

    async fn ask(&self, query: MetricQuery) -> MetricAnswer {
        let mut tx = self.db.tenant(self.member).await.unwrap();
        let answer = engine::answer(&mut tx, self.organization(), &query, noon()).await.unwrap();
        let plain = engine::answer_from_rows(&mut tx, self.organization(), &query, noon()).await.unwrap();
        assert_eq!(answer, plain, "the rollup and the rows agree on {query:?}");
        answer
    }

    async fn value(&self, metric: &str, range: TimeRange) -> Option<Decimal> {
        self.ask(MetricQuery { range, ..about(metric) }).await.value
    }
}

fn same(value: Option<Decimal>, expected: Decimal) {
    assert_eq!(value, Some(expected.normalize()));
}

#[tokio::test]
async fn every_system_metric_equals_a_plain_sum_over_the_sample() {
    let db = support::database().await;
    let ada = support::tenant(&db, "Ada").await;
    let bob = support::tenant(&db, "Bob").await;
    let books = Books::read();
    books.load(&db, &ada).await;
    let ada = Asker { db: &db, member: &ada };
    let all = TimeRange::default;

    let (income, expenses) =
        (books.ledger("income", "1900-01-01", "2200-01-01"), books.ledger("expense", "1900-01-01", "2200-01-01"));
    for (metric, expected) in [
        ("total_revenue", income),
        ("cash_in", income),
        ("revenue_trend", income),
        ("total_expenses", expenses),
        ("cash_out", expenses),
        ("expenses_by_category", expenses),
        ("net_profit", income - expenses),
        ("cash_flow_trend", income - expenses),
    ] {
        same(ada.value(metric, all()).await, expected);
    }

    // A month, and a range whose ends lie in the middle of months.
    for (from, to) in [("2025-03-01", "2025-04-01"), ("2024-05-17", "2025-02-09")] {
        same(ada.value("total_revenue", between(from, to)).await, books.ledger("income", from, to));
        same(ada.value("total_expenses", between(from, to)).await, books.ledger("expense", from, to));
    }

    // The last twelve months beside the twelve before.
    let answer = ada
        .ask(MetricQuery {
            range: between("now-12M/M", "now/M"),
            comparison: Some(Comparison::PreviousPeriod),
            ..about("total_revenue")
        })
        .await;
    let (now, before) =
        (books.ledger("income", "2025-01-01", "2026-01-01"), books.ledger("income", "2024-01-01", "2025-01-01"));
    same(answer.value, now);
    same(answer.comparison_value, before);
    same(answer.change_percent, ((now - before) / before * Decimal::ONE_HUNDRED).round_dp(4));
    assert_eq!(answer.unit.as_deref(), Some("USD"));

    // Payments: as of now, or by the day of issue.
    let sum = |wanted: &dyn Fn(&&Payment) -> bool| -> (Decimal, i64) {
        let found: Vec<_> = books.payments.iter().filter(wanted).collect();
        (found.iter().map(|p| p.amount).sum(), found.len() as i64)
    };
    let (pending, pending_count) = sum(&|p| p.status == "pending");
    let answer = ada.ask(MetricQuery { range: between("2025-01-01", "2025-02-01"), ..about("pending_payments") }).await;
    same(answer.value, pending);
    assert_eq!(answer.count, pending_count);
    let today = noon().date_naive();
    let (overdue, overdue_count) = sum(&|p| (p.status == "pending" || p.status == "approved") && p.due_date < today);
    let answer = ada.ask(about("overdue_payments")).await;
    same(answer.value, overdue);
    assert_eq!((answer.count, answer.status), (overdue_count, Status::Warning));
    let (_, paid) = sum(&|p| p.status == "paid");
    let rate = (Decimal::from(paid) / Decimal::from(books.payments.len()) * Decimal::ONE_HUNDRED).round_dp(8);
    same(ada.value("collection_rate", all()).await, rate);

    // Stock.
    same(ada.value("total_items", all()).await, books.materials.len().into());
    let low = books.materials.iter().filter(|m| m.quantity <= m.min_stock).count();
    same(ada.value("low_stock_count", all()).await, low.into());
    same(ada.value("inventory_value", all()).await, books.materials.iter().map(|m| m.quantity * m.unit_cost).sum());

    // Budgets.
    let range = || between("2023-01-01", "2023-02-01");
    let budget: Decimal =
        books.budgets.iter().filter(|b| b.kind == "expense" && b.month == day("2023-01-01")).map(|b| b.amount).sum();
    let used = |from: &str, to: &str| books.budget_used(from, to).unwrap().round_dp(8);
    assert!(budget > Decimal::ZERO);
    same(ada.value("budget_used", range()).await, used("2023-01-01", "2023-02-01"));
    // Over long ranges, most months and some categories have no budget; what was spent there is not compared with those
    // that have one. Months count as a whole, on both sides.
    same(ada.value("budget_used", all()).await, used("1900-01-01", "2200-01-01"));
    same(ada.value("budget_used", between("2022-12-17", "2023-01-10")).await, used("2023-01-01", "2023-02-01"));
    assert_eq!(ada.value("budget_used", between("2023-01-02", "2023-01-31")).await, None);
    // No budget is no value, not 0 and not infinite.
    assert_eq!(ada.value("budget_used", between("2025-01-01", "2025-02-01")).await, None);

    // The other tenant has none of it.
    let bob = Asker { db: &db, member: &bob };
    for metric in ["total_revenue", "pending_payments", "inventory_value", "total_items"] {
        let answer = bob.ask(about(metric)).await;
        assert_eq!((answer.value, answer.count), (Some(Decimal::ZERO), 0));
    }
    assert_eq!(bob.value("collection_rate", all()).await, None);
}

#[tokio::test]
async fn series_and_groups_add_up() {
    let db = support::database().await;
    let ada = support::tenant(&db, "Ada").await;
    let books = Books::read();
    books.load(&db, &ada).await;
    let ada = Asker { db: &db, member: &ada };

    // By month, months without rows included.
    let answer = ada.ask(MetricQuery { range: between("2024-01-01", "2026-01-01"), ..about("cash_flow_trend") }).await;
    assert_eq!(answer.grain, Some(Grain::Month));
    let labels: Vec<_> = answer.series.iter().map(|s| s.label.as_str()).collect();
    assert_eq!(labels, ["Income", "Expenses"]);
    for (series, kind) in answer.series.iter().zip(["income", "expense"]) {
        assert_eq!(series.points.len(), 24);
        for point in &series.points {
            let from = day(&point.key);
            let to = from.checked_add_months(Months::new(1)).unwrap();
            same(point.value, books.ledger(kind, &from.to_string(), &to.to_string()));
        }
    }
    assert_eq!(answer.series[0].points[0].label, "Jan 2024");

    // Compared, point by point.
    let answer = ada
        .ask(MetricQuery {
            range: between("2025-01-01", "2025-07-01"),
            grain: Some(Grain::Quarter),
            comparison: Some(Comparison::YearBefore),
            ..about("total_revenue")
        })
        .await;
    let series = &answer.series[0];
    assert_eq!(series.points.iter().map(|p| p.label.as_str()).collect::<Vec<_>>(), ["Q1 2025", "Q2 2025"]);
    same(series.comparison[1].value, books.ledger("income", "2024-04-01", "2024-07-01"));

    // By category: every group is the plain sum, the largest first, and the rest is not lost.
    let mut expected: BTreeMap<&str, Decimal> = BTreeMap::new();
    for t in books.transactions.iter().filter(|t| t.kind == "expense") {
        *expected.entry(&t.category).or_default() += t.amount;
    }
    let answer = ada.ask(about("expenses_by_category")).await;
    let points = &answer.series[0].points;
    assert_eq!(points.len(), expected.len());
    for point in points {
        same(point.value, expected[point.label.as_str()]);
    }
    assert!(points.windows(2).all(|pair| pair[0].value >= pair[1].value));
    let short = ada.ask(MetricQuery { limit: Some(5), ..about("expenses_by_category") }).await;
    let points = &short.series[0].points;
    assert_eq!((points.len(), points[5].label.as_str()), (6, "Other"));
    same(Some(points.iter().filter_map(|p| p.value).sum::<Decimal>().normalize()), short.value.unwrap());

    // Groups over time add up to the groups.
    let both = ada
        .ask(MetricQuery { grain: Some(Grain::Year), group_by: Some("department".into()), ..about("total_expenses") })
        .await;
    let departments: std::collections::BTreeSet<_> = books.transactions.iter().map(|t| &t.department).collect();
    assert_eq!(both.series.len(), departments.len());
    let sum: Decimal = both.series.iter().flat_map(|s| &s.points).filter_map(|p| p.value).sum();
    same(both.value, sum);

    let mut expected: BTreeMap<&str, Decimal> = BTreeMap::new();
    for material in &books.materials {
        let label = if material.category.is_empty() { "No category" } else { &material.category };
        *expected.entry(label).or_default() += material.quantity;
    }
    assert!(expected.len() > 2, "{expected:?}");
    let answer = ada.ask(MetricQuery { limit: Some(200), ..about("stock_by_category") }).await;
    let points = &answer.series[0].points;
    let got: BTreeMap<&str, Decimal> = points.iter().map(|p| (p.label.as_str(), p.value.unwrap())).collect();
    assert_eq!((points.len(), got), (expected.len(), expected.clone()));
    same(answer.value, expected.values().sum());
}

#[tokio::test]
async fn amounts_in_another_currency_are_never_added_up() {
    let db = support::database().await;
    let ada = support::tenant(&db, "Ada").await;
    let row = |currency: &str, amount: i64| Row {
        date: day("2026-01-10"),
        kind: "income".into(),
        category: None,
        department: String::new(),
        amount: amount.into(),
        currency: currency.into(),
    };
    let mut tx = db.tenant(&ada).await.unwrap();
    insert(&mut tx, &[row("USD", 100), row("EUR", 1_000), row("USD", 1)]).await;
    tx.commit().await.unwrap();
    let ada = Asker { db: &db, member: &ada };
    let answer = ada.ask(about("total_revenue")).await;
    assert_eq!((answer.value, answer.count), (Some(101.into()), 2));
    let grouped = ada.ask(MetricQuery { group_by: Some("category".into()), ..about("total_revenue") }).await;
    assert_eq!(grouped.series[0].points[0].label, "No category");
    // Narrowed to another one there is no sum, which is not 0.
    let narrowed =
        |currency| MetricQuery { narrowed: Filters::read([("f.currency", currency)]), ..about("total_revenue") };
    assert_eq!(ada.ask(narrowed("USD")).await.value, Some(101.into()));
    let mut tx = db.tenant(ada.member).await.unwrap();
    let refused = engine::answer(&mut tx, ada.organization(), &narrowed("EUR"), noon()).await.unwrap_err();
    assert!(refused.to_string().contains("in USD only"), "{refused}");
}
