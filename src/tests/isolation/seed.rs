//! A row in every tenant table for each of two tenants, with a mark in every text.

use belvedere::server::Database;
use sqlx::AssertSqlSafe;
use uuid::Uuid;

/// A tenant whose rows can be told from everybody else's.
#[derive(Clone, Debug)]
pub struct Tenant {
    pub organization: Uuid,
    pub user: Uuid,
    /// In every text of every row.
    pub mark: String,
}

/// One row for each table that holds tenants' data, in the order of their foreign keys.
/// `{org}`, `{user}`, `{mark}`, `{id}` (this row's) and `{id:table}` (that table's row) are filled in.
pub const ROWS: &[(&str, &str)] = &[
    ("organizations", "insert into organizations (id, name) values ({id}, '{mark}')"),
    (
        "memberships",
        "insert into memberships (organization_id, user_id, role) values ({org}, {user}, 'OWNER') on conflict do nothing",
    ),
    (
        "activities",
        "insert into activities (id, organization_id, user_id, action, entity_type, title) values ({id}, {org}, {user}, 'created', 'payment', '{mark}')",
    ),
    ("change_counters", "insert into change_counters (organization_id, topic) values ({org}, '{mark}')"),
    ("categories", "insert into categories (organization_id, id, name) values ({org}, {id}, '{mark}')"),
    (
        "transactions",
        "insert into transactions (organization_id, id, reference, date, type, category_id, amount, currency, note) values ({org}, {id}, '{mark}', current_date, 'expense', {id:categories}, 12.5, 'USD', '{mark}')",
    ),
    (
        "payments",
        "insert into payments (organization_id, id, reference, party, issued_on, due_date, amount, currency, note) values ({org}, {id}, '{mark}', '{mark}', current_date - 40, current_date - 10, 12.5, 'USD', '{mark}')",
    ),
    (
        "budgets",
        "insert into budgets (organization_id, id, month, category_id, amount, currency) values ({org}, {id}, date_trunc('month', now())::date, {id:categories}, 100, 'USD')",
    ),
    (
        "deleted_records",
        "insert into deleted_records (organization_id, entity_type, id, record) values ({org}, 'payment', {id}, '{\"note\": \"{mark}\"}')",
    ),
    (
        "materials",
        "insert into materials (organization_id, id, sku, name, quantity, min_stock, currency) values ({org}, {id}, '{mark}', '{mark}', 1, 5, 'USD')",
    ),
    (
        "jobs",
        "insert into jobs (organization_id, id, type, payload, status, error, finished_at, requested_by) values ({org}, {id}, 'test', '{\"note\": \"{mark}\"}', 'failed', '{mark}', now(), {user})",
    ),
    (
        "idempotency_keys",
        "insert into idempotency_keys (organization_id, user_id, key, claim_id, reserved_until) values ({org}, {user}, '{mark}', {id}, now())",
    ),
    (
        "transaction_months",
        "insert into transaction_months (organization_id, month, type, department, currency, amount, row_count) values ({org}, '2020-01-01', 'income', '{mark}', 'USD', 0, 0)",
    ),
    (
        "transaction_category_months",
        "insert into transaction_category_months (organization_id, month, type, currency, amount, row_count) values ({org}, '2020-01-01', '{mark}', 'USD', 0, 0)",
    ),
    (
        "metric_definitions",
        "insert into metric_definitions (id, organization_id, code, name, formula, category) values ({id}, {org}, 'own_of_' || replace(lower('{mark}'), ' ', '_'), '{mark}', '{\"source\": \"transactions\", \"measure\": \"count\"}', 'SALES')",
    ),
    (
        "dashboards",
        "insert into dashboards (organization_id, id, name, is_default) values ({org}, {id}, '{mark}', true)",
    ),
    (
        "dashboard_widgets",
        "insert into dashboard_widgets (organization_id, dashboard_id, id, kind, x, y, w, h, settings) values ({org}, {id:dashboards}, {id}, 'notes', 0, 0, 3, 2, '{\"title\": \"{mark}\", \"text\": \"{mark}\"}')",
    ),
    (
        "dashboard_drafts",
        "insert into dashboard_drafts (organization_id, id, dashboard_id, user_id, base_version, content) values ({org}, {id}, {id:dashboards}, {user}, 1, '{\"name\": \"{mark}\", \"description\": \"\", \"refresh_interval\": 60, \"widgets\": []}')",
    ),
    (
        "dashboard_preferences",
        "insert into dashboard_preferences (organization_id, user_id, dashboard_id, position) values ({org}, {user}, {id:dashboards}, 1)",
    ),
    (
        "dashboard_last_looks",
        "insert into dashboard_last_looks (organization_id, user_id, dashboard_id, query) values ({org}, {user}, {id:dashboards}, '{\"note\": \"{mark}\"}')",
    ),
    (
        "dashboard_views",
        "insert into dashboard_views (organization_id, id, dashboard_id, owner_id, name, query) values ({org}, {id}, {id:dashboards}, {user}, '{mark}', '{\"filters\": {\"party\": [\"{mark}\"]}}')",
    ),
    (
        "dashboard_versions",
        "insert into dashboard_versions (organization_id, dashboard_id, version, content, changes) values ({org}, {id:dashboards}, 1, '{\"name\": \"{mark}\", \"description\": \"\", \"refresh_interval\": 60, \"widgets\": []}', '{\"{mark}\"}')",
    ),
    (
        "dashboard_files",
        "with d as (insert into dashboards (organization_id, id, name) values ({org}, {id}, '{mark}') returning id) insert into dashboard_files (organization_id, dashboard_id, file, digest) select {org}, d.id, '{mark}.json', 'none' from d",
    ),
    (
        "dashboard_shares",
        "insert into dashboard_shares (organization_id, id, dashboard_id, name, token_hash) values ({org}, {id}, {id:dashboards}, '{mark}', sha256({id}::text::bytea))",
    ),
    (
        "invitations",
        "insert into invitations (organization_id, id, email, role, token_hash, expires_at) values ({org}, {id}, lower(replace('{mark}', ' ', '.')) || '@example.com', 'VIEWER', sha256({id}::text::bytea), now() + interval '1 day')",
    ),
    (
        "imports",
        "insert into imports (organization_id, id, target, status, file_name, error) values ({org}, {id}, 'payments', 'failed', '{mark}.csv', '{mark}')",
    ),
    (
        "import_chunks",
        "insert into import_chunks (organization_id, import_id, seq, bytes) values ({org}, {id:imports}, 0, '{mark}')",
    ),
    (
        "import_keys",
        "insert into import_keys (organization_id, import_id, key, line) values ({org}, {id:imports}, {id}, 2)",
    ),
    (
        "import_errors",
        "insert into import_errors (organization_id, import_id, n, line, column_name, value, reason) values ({org}, {id:imports}, 1, 2, 'amount', '{mark}', '{mark}')",
    ),
    (
        "import_changes",
        "insert into import_changes (organization_id, import_id, row_id, former, changed_at) values ({org}, {id:imports}, {id}, '{}', now())",
    ),
];

/// Fills a statement of [`ROWS`] in. A `salt` makes another id, for a second row.
pub fn statement(tenant: &Tenant, table: &str, sql: &str, salt: &str) -> String {
    let id = |table: &str, salt: &str| format!("md5('{}{table}{salt}')::uuid", tenant.organization);
    let mut out = sql
        .replace("{org}", &format!("'{}'::uuid", tenant.organization))
        .replace("{user}", &format!("'{}'::uuid", tenant.user))
        .replace("{mark}", &format!("{}{salt}", tenant.mark))
        .replace("{id}", &id(table, salt));
    for (other, _) in ROWS {
        out = out.replace(&format!("{{id:{other}}}"), &id(other, ""));
    }
    out
}

/// The id that `tenant`'s row in `table` has.
pub async fn id(db: &Database, tenant: &Tenant, table: &str) -> Uuid {
    sqlx::query_scalar(AssertSqlSafe(format!("select md5('{}{table}')::uuid", tenant.organization)))
        .fetch_one(db.pool_for_tests())
        .await
        .unwrap()
}

/// Puts the tenant's row into every table (but those that signing up has filled).
pub async fn fill(db: &Database, tenant: &Tenant) {
    for (table, sql) in ROWS.iter().filter(|(table, _)| *table != "organizations") {
        let sql = statement(tenant, table, sql, "");
        sqlx::query(AssertSqlSafe(sql)).execute(db.pool_for_tests()).await.unwrap_or_else(|e| panic!("{table}: {e}"));
    }
}

/// Everything that a tenant has, as one digest per table: unchanged means that nothing was touched.
pub async fn digests(db: &Database, tenant: &Tenant) -> Vec<(String, String)> {
    let mut digests = Vec::new();
    for (table, _) in ROWS {
        let column = if *table == "organizations" { "id" } else { "organization_id" };
        let sql = format!(
            "select coalesce(md5(string_agg(t::text, '|' order by t::text)), '') from {table} t where {column} = '{}'",
            tenant.organization
        );
        let digest: String = sqlx::query_scalar(AssertSqlSafe(sql)).fetch_one(db.pool_for_tests()).await.unwrap();
        digests.push(((*table).to_owned(), digest));
    }
    digests
}
