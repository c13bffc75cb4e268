//! Every table of the database.

use super::seed::{self, ROWS, Tenant, statement};
use crate::support;
use belvedere::{
    accounts::Member,
    server::{Database, TenantScope},
};
use sqlx::{AssertSqlSafe, PgConnection};
use std::collections::BTreeSet;

/// Tables that hold no tenant's data, and why. A tenant's transaction may not even ask them.
const SYSTEM: &[(&str, &str)] = &[
    ("sessions", "of a person, before it is known where they work"),
    ("throttles", "of whoever tries to sign in"),
    ("account_events", "of a person, for the operator"),
    ("mail_tokens", "of a person, in mails"),
    ("token_families", "of a person: looked up before the organisation is known"),
    ("refresh_tokens", "belong to a token family"),
    ("system_keys", "the server's own"),
    ("outbox", "the operator's; tenants hand messages in"),
    ("workers", "serve every organisation"),
    ("schedules", "serve every organisation"),
    ("job_turns", "the worker's: when each organisation was served last"),
];

/// The only policies for tenants, apart from the one that `protect` makes: (table, command, using, with check).
const OTHER_POLICIES: &[(&str, &str, Option<&str>, Option<&str>)] = &[
    // Its key is the organisation itself.
    ("organizations", "ALL", Some("(id = app_organization())"), Some("(id = app_organization())")),
    // System definitions are everybody's to read.
    ("metric_definitions", "SELECT", Some("(organization_id IS NULL)"), None),
    // Restrictive: the person, beside the organisation.
    ("dashboard_last_looks", "ALL", Some("(user_id = app_user())"), Some("(user_id = app_user())")),
    (
        "dashboard_views",
        "ALL",
        Some("((owner_id IS NULL) OR (owner_id = app_user()))"),
        Some("((owner_id IS NULL) OR (owner_id = app_user()))"),
    ),
    ("outbox", "INSERT", None, Some("true")),
    (
        "users",
        "SELECT",
        Some(
            "(EXISTS ( SELECT\n   FROM memberships m\n  WHERE ((m.user_id = users.id) AND (m.organization_id = app_organization()))))",
        ),
        None,
    ),
];

/// Unique keys that do not start with the organisation, and why.
const OTHER_KEYS: &[(&str, &str)] =
    &[("organizations", "is the organisation"), ("metric_definitions", "system definitions belong to no organisation")];

const OWN: &str = "(organization_id = app_organization())";

#[derive(sqlx::FromRow)]
struct Table {
    name: String,
    kind: String,
    protected: bool,
    forced: bool,
    /// Whether it has an organization_id.
    tenant: bool,
    nullable: bool,
}

#[derive(Debug, PartialEq, Eq, PartialOrd, Ord, sqlx::FromRow)]
struct Policy {
    cmd: String,
    qual: Option<String>,
    with_check: Option<String>,
}

/// What is wrong with the walls between the tenants; nothing, if they stand.
async fn faults(db: &Database, ada: &Member, bob: &Member) -> Vec<String> {
    let mut faults = shape(db).await;
    let tenants = tenant_tables(db).await;
    let listed: BTreeSet<&str> = ROWS.iter().map(|(table, _)| *table).collect();
    for table in &tenants {
        if !listed.contains(table.as_str()) {
            faults.push(format!("{table}: not in this test’s list: add a row to seed.rs"));
        }
    }
    for (table, sql) in ROWS {
        if tenants.contains(*table) || *table == "organizations" {
            behaviour(db, ada, bob, table, sql, &mut faults).await;
        } else {
            faults.push(format!("{table}: in this test’s list, but not a tenant’s table"));
        }
    }
    faults
}

async fn tenant_tables(db: &Database) -> BTreeSet<String> {
    let system: BTreeSet<&str> = SYSTEM.iter().map(|(table, _)| *table).collect();
    let all: Vec<String> = sqlx::query_scalar(
        "select table_name::text from information_schema.columns
         where table_schema = 'public' and column_name = 'organization_id'",
    )
    .fetch_all(db.pool_for_tests())
    .await
    .unwrap();
    all.into_iter().filter(|table| !system.contains(table.as_str())).collect()
}

/// What the catalogue says.
async fn shape(db: &Database) -> Vec<String> {
    let pool = db.pool_for_tests();
    let mut faults = Vec::new();
    let tables: Vec<Table> = sqlx::query_as(
        "select c.relname::text as name, c.relkind::text as kind, c.relrowsecurity as protected,
                c.relforcerowsecurity as forced, a.attname is not null as tenant,
                coalesce(not a.attnotnull, false) as nullable
         from pg_class c
         left join pg_attribute a on a.attrelid = c.oid and a.attname = 'organization_id' and not a.attisdropped
         where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p', 'v', 'm', 'f')
           and c.relname <> '_sqlx_migrations'
         order by 1",
    )
    .fetch_all(pool)
    .await
    .unwrap();
    assert!(tables.len() > 20, "the catalogue was read");
    for Table { name, kind, protected, forced, tenant, nullable } in tables {
        let system = SYSTEM.iter().any(|(table, _)| *table == name);
        if kind != "r" {
            faults.push(format!("{name}: views and the like read past row-level security"));
            continue;
        }
        if !tenant && !system && !["organizations", "users"].contains(&name.as_str()) {
            faults.push(format!("{name}: has no organization_id and is not in the list of system tables"));
        }
        if !protected || !forced {
            faults.push(format!("{name}: row-level security is not enabled and forced"));
        }
        if tenant && !system && nullable && name != "metric_definitions" {
            faults.push(format!("{name}: organization_id may be null"));
        }
        let policies: Vec<Policy> = sqlx::query_as(
            "select cmd, qual, with_check from pg_policies
             where schemaname = 'public' and tablename = $1 and roles && array['belvedere_app', 'public']::name[]",
        )
        .bind(&name)
        .fetch_all(pool)
        .await
        .unwrap();
        let mut expected: Vec<Policy> = OTHER_POLICIES
            .iter()
            .filter(|(table, ..)| *table == name)
            .map(|(_, cmd, qual, check)| Policy {
                cmd: (*cmd).into(),
                qual: qual.map(str::to_owned),
                with_check: check.map(str::to_owned),
            })
            .collect();
        if tenant && !system {
            expected.push(Policy { cmd: "ALL".into(), qual: Some(OWN.into()), with_check: Some(OWN.into()) });
        }
        let sorted = |mut policies: Vec<Policy>| {
            policies.sort();
            policies
        };
        let (policies, expected) = (sorted(policies), sorted(expected));
        if policies != expected {
            faults.push(format!("{name}: policies for tenants are {policies:?}, not {expected:?}"));
        }
        let readable: bool = sqlx::query_scalar(
            "select has_any_column_privilege('belvedere_app', $1, 'select') or has_any_column_privilege('belvedere_app', $1, 'update')
                 or has_table_privilege('belvedere_app', $1, 'delete')",
        )
        .bind(format!("public.{name}"))
        .fetch_one(pool)
        .await
        .unwrap();
        if system && readable {
            faults.push(format!("{name}: tenants may read or change a system table"));
        }
    }
    for (what, sql) in SHAPES {
        let found: Vec<String> = sqlx::query_scalar(*sql).fetch_all(pool).await.unwrap();
        let allowed = |found: &str| *what == KEYS && OTHER_KEYS.iter().any(|(table, _)| *table == found);
        faults.extend(found.into_iter().filter(|found| !allowed(found)).map(|found| format!("{found}: {what}")));
    }
    faults
}

const KEYS: &str = "a unique key does not start with the organisation";

/// Questions whose answer is a list of faults.
const SHAPES: &[(&str, &str)] = &[
    (
        "a foreign key between tenants’ tables leaves the organisation out",
        "select conrelid::regclass::text || '.' || conname from pg_constraint con
         where contype = 'f' and confrelid <> 'organizations'::regclass
           and exists (select from pg_attribute where attrelid = conrelid and attname = 'organization_id')
           and exists (select from pg_attribute where attrelid = confrelid and attname = 'organization_id')
           and not exists (
             select from generate_subscripts(conkey, 1) i
             join pg_attribute own on own.attrelid = conrelid and own.attnum = conkey[i]
             join pg_attribute other on other.attrelid = confrelid and other.attnum = confkey[i]
             where own.attname = 'organization_id' and other.attname = 'organization_id')",
    ),
    (
        KEYS,
        "select c.relname::text from pg_index i
         join pg_class c on c.oid = i.indrelid
         left join pg_attribute a on a.attrelid = c.oid and a.attnum = i.indkey[0]
         where i.indisunique and c.relnamespace = 'public'::regnamespace and a.attname is distinct from 'organization_id'
           and exists (select from pg_policies p where p.tablename = c.relname and p.policyname = 'tenant')
           and c.relname <> 'users'",
    ),
    (
        "runs with its owner’s power, past row-level security",
        "select proname::text from pg_proc where pronamespace = 'public'::regnamespace and prosecdef",
    ),
    (
        "this role passes row-level security by",
        "select rolname::text from pg_roles
         where rolname in ('belvedere_app', 'belvedere_system') and (rolsuper or rolbypassrls or rolcanlogin)",
    ),
    (
        "tenants may become the system",
        "select 'belvedere_app' where pg_has_role('belvedere_app', 'belvedere_system', 'member')",
    ),
    (
        "everybody has rights on it",
        "select distinct table_name::text from information_schema.role_table_grants
         where table_schema = 'public' and grantee = 'PUBLIC'",
    ),
    (
        "tenants may empty it past row-level security",
        "select relname::text from pg_class
         where relnamespace = 'public'::regnamespace and relkind = 'r' and has_table_privilege('belvedere_app', oid, 'truncate')",
    ),
    (
        "tenants may read passwords",
        "select 'users' where has_column_privilege('belvedere_app', 'users', 'password_hash', 'select')",
    ),
];

/// What happens when Ada tries.
async fn behaviour(db: &Database, ada: &Member, bob: &Member, table: &str, insert: &str, faults: &mut Vec<String>) {
    let column = if table == "organizations" { "id" } else { "organization_id" };
    let (own, other) = (ada.organization_id(), bob.organization_id());
    let truth: i64 =
        sqlx::query_scalar(AssertSqlSafe(format!("select count(*) from {table} where {column} = '{own}'")))
            .fetch_one(db.pool_for_tests())
            .await
            .unwrap();
    let fault = |what: String| format!("{table}: {what}");
    if truth == 0 {
        faults.push(fault("has no row to try with".into()));
    }
    // Rows that belong to nobody are everybody's; there are such in one table only, which `shape` knows.
    let seen = count(db, ada, &format!("select count(*) from {table} where {column} is not null")).await;
    if seen != Ok(truth) {
        faults.push(fault(format!("sees {seen:?} rows instead of its own {truth}")));
    }
    let unset = {
        let mut conn = db.pool_for_tests().begin().await.unwrap();
        run(&mut conn, "set local role belvedere_app").await.unwrap();
        let sql = format!("select count(*) from {table} where {column} is not null");
        sqlx::query_scalar::<_, i64>(AssertSqlSafe(sql)).fetch_one(&mut *conn).await.map_err(|e| code(&e))
    };
    if unset != Ok(0) {
        faults.push(fault(format!("without an organisation, sees {unset:?} rows")));
    }
    let refused = || Err("42501".to_owned());
    for (what, sql, may) in [
        (
            "changes the other’s rows",
            format!("update {table} set {column} = {column} where {column} = '{other}'"),
            true,
        ),
        ("deletes the other’s rows", format!("delete from {table} where {column} = '{other}'"), true),
        ("gives its rows to the other", format!("update {table} set {column} = '{other}'"), false),
        ("adds a row for the other", statement(&seeded(bob), table, insert, "2"), false),
    ] {
        let mut tx = db.tenant(ada).await.unwrap();
        let outcome = run(tx.conn(), &sql).await;
        // Forbidden altogether, or without effect where that is no error.
        if outcome != refused() && !(may && outcome == Ok(0)) {
            faults.push(fault(format!("{what}: {outcome:?}")));
        }
    }
}

async fn count(db: &Database, member: &Member, sql: &str) -> Result<i64, String> {
    let mut tx = db.tenant(member).await.unwrap();
    sqlx::query_scalar(AssertSqlSafe(sql.to_owned())).fetch_one(tx.conn()).await.map_err(|e| code(&e))
}

/// The number of rows, or PostgreSQL's code of the error.
async fn run(conn: &mut PgConnection, sql: &str) -> Result<u64, String> {
    match sqlx::query(AssertSqlSafe(sql.to_owned())).execute(conn).await {
        Ok(done) => Ok(done.rows_affected()),
        Err(error) => Err(code(&error)),
    }
}

fn code(error: &sqlx::Error) -> String {
    error.as_database_error().and_then(|e| e.code()).map_or_else(|| error.to_string(), |code| code.into_owned())
}

fn seeded(member: &Member) -> Tenant {
    Tenant {
        organization: member.organization_id().0,
        user: member.viewer().user_id.0,
        mark: format!("Quagga {}", member.viewer().name),
    }
}

async fn two_tenants() -> (Database, Member, Member) {
    let db = support::database().await;
    let (ada, bob) = (support::tenant(&db, "Ada").await, support::tenant(&db, "Bob").await);
    seed::fill(&db, &seeded(&ada)).await;
    seed::fill(&db, &seeded(&bob)).await;
    (db, ada, bob)
}

#[tokio::test]
async fn no_table_shows_or_takes_another_tenants_rows() {
    let (db, ada, bob) = two_tenants().await;
    let faults = faults(&db, &ada, &bob).await;
    assert!(faults.is_empty(), "{faults:#?}");
}

/// The test above is worth something: each of these holes is found, and named by its table.
#[tokio::test]
async fn a_hole_in_the_wall_is_found() {
    let (db, ada, bob) = two_tenants().await;
    let mend_payments = "create policy tenant on payments to belvedere_app
                           using (organization_id = app_organization()) with check (organization_id = app_organization())";
    for (table, hole, mend) in [
        ("payments", "drop policy tenant on payments", mend_payments),
        (
            "budgets",
            "alter policy tenant on budgets using (true)",
            "alter policy tenant on budgets using (organization_id = app_organization())",
        ),
        (
            "jobs",
            "alter policy tenant on jobs with check (true)",
            "alter policy tenant on jobs with check (organization_id = app_organization())",
        ),
        (
            "materials",
            "alter table materials disable row level security",
            "alter table materials enable row level security",
        ),
        (
            "activities",
            "alter table activities no force row level security",
            "alter table activities force row level security",
        ),
        (
            "dashboards",
            "create policy also on dashboards for select to public using (true)",
            "drop policy also on dashboards",
        ),
        ("sessions", "grant select on sessions to belvedere_app", "revoke select on sessions from belvedere_app"),
        (
            "users",
            "grant select (password_hash) on users to belvedere_app",
            "revoke select (password_hash) on users from belvedere_app",
        ),
        ("leaks", "create table leaks (organization_id uuid not null, words text)", "drop table leaks"),
        ("notes", "create table notes (words text)", "drop table notes"),
        ("everything", "create view everything as select * from payments", "drop view everything"),
        ("categories", "create unique index short on categories (id)", "drop index short"),
        (
            "transactions",
            "create unique index short on categories (id);
             alter table transactions add constraint loose foreign key (category_id) references categories (id)",
            "alter table transactions drop constraint loose; drop index short",
        ),
    ] {
        sqlx::raw_sql(hole).execute(db.pool_for_tests()).await.unwrap();
        let found = faults(&db, &ada, &bob).await;
        assert!(found.iter().any(|fault| fault.starts_with(table)), "{hole}: {found:#?}");
        sqlx::raw_sql(mend).execute(db.pool_for_tests()).await.unwrap();
    }
    assert_eq!(faults(&db, &ada, &bob).await, Vec::<String>::new(), "all mended");
}

/// There is no table whose wall could go without this test's being told: each policy is taken away in turn, and row-level
/// security is switched off table by table.
#[tokio::test]
async fn no_policy_can_be_missing_unnoticed() {
    let db = support::database().await;
    let pool = db.pool_for_tests();
    assert_eq!(shape(&db).await, Vec::<String>::new());
    type Row = (String, String, String, Vec<String>, Option<String>, Option<String>);
    let policies: Vec<Row> = sqlx::query_as(
        "select tablename::text, policyname::text, cmd, roles::text[], qual, with_check from pg_policies
         where schemaname = 'public' and roles && array['belvedere_app']::name[]",
    )
    .fetch_all(pool)
    .await
    .unwrap();
    assert!(policies.len() > 20, "{policies:?}");
    let noticed = async |table: &str, hole: &str| {
        let found = shape(&db).await;
        assert!(found.iter().any(|fault| fault.starts_with(table)), "{hole}: {found:?}");
    };
    for (table, policy, cmd, roles, qual, check) in policies {
        let hole = format!("drop policy {policy} on {table}");
        sqlx::query(AssertSqlSafe(hole.clone())).execute(pool).await.unwrap();
        noticed(&table, &hole).await;
        let using = qual.map(|qual| format!("using ({qual})")).unwrap_or_default();
        let check = check.map(|check| format!("with check ({check})")).unwrap_or_default();
        let mend = format!("create policy {policy} on {table} for {cmd} to {} {using} {check}", roles.join(", "));
        sqlx::query(AssertSqlSafe(mend)).execute(pool).await.unwrap();
    }
    let tables: Vec<String> = sqlx::query_scalar(
        "select relname::text from pg_class where relnamespace = 'public'::regnamespace and relkind = 'r' and relrowsecurity",
    )
    .fetch_all(pool)
    .await
    .unwrap();
    for table in tables {
        for (hole, mend) in [("disable", "enable"), ("no force", "force")] {
            let alter = |how: &str| AssertSqlSafe(format!("alter table {table} {how} row level security"));
            sqlx::query(alter(hole)).execute(pool).await.unwrap();
            noticed(&table, hole).await;
            sqlx::query(alter(mend)).execute(pool).await.unwrap();
        }
    }
    assert_eq!(shape(&db).await, Vec::<String>::new(), "all mended");
}
