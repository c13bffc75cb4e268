//! A million transactions in a hundred tenants, made inside the database.

use sqlx::{PgConnection, raw_sql};
use uuid::Uuid;

/// Gives `organization` 200,000 transactions, and 99 more organisations the other 800,000.
pub async fn fill(db: &mut PgConnection, organization: Uuid) {
    raw_sql(
        "insert into organizations (id, name) select gen_random_uuid(), 'Tenant ' || n from generate_series(1, 99) n",
    )
    .execute(&mut *db)
    .await
    .unwrap();
    let others: Vec<Uuid> = sqlx::query_scalar("select id from organizations where id <> $1 order by name")
        .bind(organization)
        .fetch_all(&mut *db)
        .await
        .unwrap();
    one(db, organization, 200_000).await;
    let share = 800_000 / others.len() as i32 + 1;
    let mut left = 800_000;
    for other in others {
        one(db, other, share.min(left)).await;
        left -= share.min(left);
    }
    raw_sql("vacuum analyze").execute(&mut *db).await.unwrap();
}

/// Books of one tenant: three years, 20 categories, 7 departments, and stock and payments in proportion.
async fn one(db: &mut PgConnection, organization: Uuid, rows: i32) {
    for sql in [
        "insert into categories (organization_id, id, name)
         select $1, gen_random_uuid(), 'Category ' || n from generate_series(0, 19) n where $2 > 0",
        "with c as (select id, row_number() over (order by name) - 1 as n from categories where organization_id = $1)
         insert into transactions (organization_id, id, reference, date, type, category_id, department, amount, currency)
         select $1, gen_random_uuid(), 'T-' || i, (date_trunc('month', now()) - interval '36 months')::date + (i * 7919 % 1090),
                case when c.n < 6 then 'income' else 'expense' end, c.id, 'Department ' || i % 7, (i::bigint * 104729 % 1000000) / 100.0, 'USD'
         from generate_series(1, $2) i join c on c.n = i % 20",
        "insert into payments (organization_id, id, reference, party, issued_on, due_date, status, paid_on, amount, currency)
         select $1, gen_random_uuid(), 'P-' || i, 'Vendor ' || i % 60, d, d + 30, s, case when s = 'paid' then d + 20 end, i % 9973, 'USD'
         from (select i, current_date - (i * 31 % 1000) as d, (array['paid', 'paid', 'paid', 'pending', 'approved', 'rejected'])[i % 6 + 1] as s
               from generate_series(1, $2 / 50) i) p",
        "insert into materials (organization_id, id, sku, name, category, quantity, min_stock, unit_cost, currency)
         select $1, gen_random_uuid(), 'M-' || i, 'Material ' || i, 'Kind ' || i % 12, i * 37 % 900, 100, i % 250, 'USD'
         from generate_series(1, $2 / 100) i",
        "insert into budgets (organization_id, id, month, type, category_id, amount, currency)
         select $1, gen_random_uuid(), m, 'expense', c.id, 50000, 'USD'
         from categories c, generate_series(date_trunc('month', now()) - interval '36 months', date_trunc('month', now()), interval '1 month') m
         where c.organization_id = $1 and $2 > 0",
    ] {
        sqlx::query(sql).bind(organization).bind(rows).execute(&mut *db).await.unwrap();
    }
}

/// What somebody would write by hand for the same number; `$1` is the organisation.
pub fn plain_sql(metric: &str) -> Option<&'static str> {
    Some(match metric {
        "total_revenue" | "cash_in" => {
            "select sum(amount), count(*) from transactions where organization_id = $1 and type = 'income'"
        }
        "total_expenses" | "cash_out" => {
            "select sum(amount), count(*) from transactions where organization_id = $1 and type = 'expense'"
        }
        "net_profit" => {
            "select sum(case when type = 'income' then amount else -amount end) from transactions where organization_id = $1"
        }
        "pending_payments" => {
            "select sum(amount), count(*) from payments where organization_id = $1 and status = 'pending'"
        }
        "overdue_payments" => {
            "select sum(amount), count(*) from payments
             where organization_id = $1 and status in ('pending', 'approved') and due_date < current_date"
        }
        "total_items" => "select count(*) from materials where organization_id = $1",
        "low_stock_count" => "select count(*) from materials where organization_id = $1 and quantity <= min_stock",
        "inventory_value" => "select sum(quantity * unit_cost) from materials where organization_id = $1",
        "collection_rate" => {
            "select 100.0 * count(*) filter (where status = 'paid') / nullif(count(*), 0) from payments where organization_id = $1"
        }
        "revenue_trend" => {
            "select date_trunc('month', date), sum(amount) from transactions where organization_id = $1 and type = 'income' group by 1"
        }
        "cash_flow_trend" => {
            "select date_trunc('month', date), type, sum(amount) from transactions where organization_id = $1 group by 1, 2"
        }
        "expenses_by_category" => {
            "select category_id, sum(amount) from transactions where organization_id = $1 and type = 'expense' group by 1"
        }
        "stock_by_category" => "select category, sum(quantity) from materials where organization_id = $1 group by 1",
        _ => return None,
    })
}
