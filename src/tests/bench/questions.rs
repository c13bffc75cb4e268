//! Metrics, one at a time: every system metric, which rollups and small tables answer, and questions that only the
//! tenant's 200,000 rows can answer.

use super::{
    Bench, data,
    figures::{percentiles, repeat},
    http::Client,
};
use serde_json::{Value, json};
use sqlx::PgConnection;
use uuid::Uuid;

pub async fn measure(bench: &mut Bench) {
    let mut client = Client::new(bench.server.port);
    let tenants: i64 = sqlx::query_scalar("select count(*) from organizations").fetch_one(&mut bench.db).await.unwrap();
    let rows: i64 = sqlx::query_scalar("select count(*) from transactions").fetch_one(&mut bench.db).await.unwrap();
    let own = sqlx::query_scalar("select count(*) from transactions where organization_id = $1");
    let own: i64 = own.bind(bench.organization).fetch_one(&mut bench.db).await.unwrap();
    println!("\n{rows} transactions of {tenants} tenants, {own} of them the measured tenant's");
    println!("{:<44} {:>19} {:>19} {:>9}", "", "asked first", "asked again", "plain SQL");
    println!(
        "{:<44} {:>9} {:>9} {:>9} {:>9} {:>9}",
        "metric, all time, over REST", "p50 ms", "p99 ms", "p50 ms", "p99 ms", "p50 ms"
    );
    for metric in client.metrics(&bench.token).await {
        let plain = data::plain_sql(&metric);
        one(bench, &mut client, &metric, json!({ "metric": metric, "range": {} }), plain, 200).await;
    }
    println!("from the rows");
    for (name, question, sql) in from_rows() {
        one(bench, &mut client, name, question, Some(sql), 100).await;
    }
}

/// Asks `times` questions that nobody has asked before, and one of them again as often.
async fn one(bench: &mut Bench, client: &mut Client, name: &str, question: Value, sql: Option<&str>, times: usize) {
    let mut asked = 0;
    let mut figures = [(0.0, 0.0); 2];
    for (figures, anew) in figures.iter_mut().zip([true, false]) {
        let latencies = repeat(times, async || {
            let mut question = question.clone();
            // No metric here has so many groups: another limit is another question with the same answer.
            asked += u32::from(anew);
            question["limit"] = (100 + asked).into();
            let response = client.post("/api/v1/metrics/query", &bench.token, &question).await;
            assert_eq!(response.status, 200, "{name}: {}", response.text());
        });
        *figures = percentiles(&mut latencies.await);
    }
    let plain = match sql {
        Some(sql) => format!("{:.2}", plain(&mut bench.db, bench.organization, sql).await),
        None => "–".into(),
    };
    let [(first50, first99), (again50, again99)] = figures;
    println!("{name:<44} {first50:>9.2} {first99:>9.2} {again50:>9.2} {again99:>9.2} {plain:>9}");
}

async fn plain(db: &mut PgConnection, organization: Uuid, sql: &str) -> f64 {
    let mut latencies = repeat(20, async || {
        sqlx::query(sqlx::AssertSqlSafe(sql)).bind(organization).fetch_all(&mut *db).await.unwrap();
    })
    .await;
    percentiles(&mut latencies).0
}

/// Questions that no rollup answers: by week, by amount, a median, and by department and day.
fn from_rows() -> [(&'static str, Value, &'static str); 4] {
    [
        (
            "revenue by week, all time",
            json!({ "metric": "total_revenue", "range": {}, "grain": "week" }),
            "select date_trunc('week', date), sum(amount) from transactions
             where organization_id = $1 and type = 'income' group by 1",
        ),
        (
            "expenses above 500, all time",
            json!({ "metric": "total_expenses", "range": {}, "filters": [{ "field": "amount", "operator": ">", "value": 500 }] }),
            "select sum(amount), count(*) from transactions where organization_id = $1 and type = 'expense' and amount > 500",
        ),
        (
            "expenses by department, above 500, all time",
            json!({ "metric": "total_expenses", "range": {}, "group_by": "department",
                    "filters": [{ "field": "amount", "operator": ">", "value": 500 }] }),
            "select department, sum(amount) from transactions
             where organization_id = $1 and type = 'expense' and amount > 500 group by 1",
        ),
        (
            "expenses by category and week, one year",
            json!({ "metric": "total_expenses", "range": { "from": "now-12M/M", "to": "now/M" }, "grain": "week",
                    "group_by": "category" }),
            "select date_trunc('week', date), category_id, sum(amount) from transactions
             where organization_id = $1 and type = 'expense' and date >= date_trunc('month', now()) - interval '12 months'
               and date < date_trunc('month', now()) group by 1, 2",
        ),
    ]
}
