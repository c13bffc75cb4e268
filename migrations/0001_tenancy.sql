-- Who may see a row is decided here, by the database itself.
--
-- The server connects as the owner of this schema and, inside every transaction, becomes one of two roles:
--   belvedere_app     sees the rows of the organisation named by app.organization_id, and none when it is unset
--   belvedere_system  sees every row; used for sign-in, job claims and migrations' data steps only
-- Neither can log in, and neither can bypass row-level security.
do $$
begin
  if not exists (select from pg_roles where rolname = 'belvedere_app') then
    create role belvedere_app nologin nosuperuser nobypassrls;
  end if;
  if not exists (select from pg_roles where rolname = 'belvedere_system') then
    create role belvedere_system nologin nosuperuser nobypassrls;
  end if;
exception when duplicate_object or unique_violation then
  null; -- another instance or database of the same cluster made them at the same moment
end
$$;
grant belvedere_app, belvedere_system to current_user;
grant usage on schema public to belvedere_app, belvedere_system;

create function app_organization() returns uuid language sql stable parallel safe
  return nullif(current_setting('app.organization_id', true), '')::uuid;
create function app_user() returns uuid language sql stable parallel safe
  return nullif(current_setting('app.user_id', true), '')::uuid;

-- Puts a table that has an organization_id under tenant scope. Every tenant table calls it once.
create procedure protect(target regclass) language plpgsql as $$
begin
  execute format('alter table %s enable row level security', target);
  execute format('alter table %s force row level security', target);
  execute format('create policy tenant on %s to belvedere_app
                    using (organization_id = app_organization())
                    with check (organization_id = app_organization())', target);
  execute format('create policy system on %s to belvedere_system using (true) with check (true)', target);
  execute format('grant select, insert, update, delete on %s to belvedere_app, belvedere_system', target);
end
$$;

create table organizations (
  id            uuid primary key,
  name          text not null check (length(name) between 1 and 100),
  base_currency text not null default 'USD' check (base_currency ~ '^[A-Z]{3}$'),
  time_zone     text not null default 'UTC',
  tier          text not null default 'FREE' check (tier in ('FREE', 'STARTER', 'GROWTH', 'ENTERPRISE')),
  created_at    timestamptz not null default now()
);
alter table organizations enable row level security;
alter table organizations force row level security;
create policy tenant on organizations to belvedere_app
  using (id = app_organization()) with check (id = app_organization());
create policy system on organizations to belvedere_system using (true) with check (true);
grant select, update (name, base_currency, time_zone) on organizations to belvedere_app;
grant select, insert, update, delete on organizations to belvedere_system;

create table users (
  id            uuid primary key,
  email         text not null check (email = lower(email) and length(email) between 3 and 254),
  name          text not null check (length(name) between 1 and 100),
  password_hash text not null,
  is_staff      boolean not null default false,
  created_at    timestamptz not null default now(),
  constraint users_email_key unique (email)
);

create table memberships (
  organization_id uuid not null references organizations on delete cascade,
  user_id         uuid not null references users on delete cascade,
  role            text not null check (role in ('OWNER', 'ADMIN', 'MEMBER', 'VIEWER', 'PARTNER')),
  created_at      timestamptz not null default now(),
  primary key (organization_id, user_id)
);
create index memberships_user on memberships (user_id);
call protect('memberships');

-- A tenant sees the people who belong to it, and nobody's password.
alter table users enable row level security;
alter table users force row level security;
create policy tenant on users for select to belvedere_app
  using (exists (select from memberships m where m.user_id = users.id and m.organization_id = app_organization()));
create policy system on users to belvedere_system using (true) with check (true);
grant select (id, email, name, created_at) on users to belvedere_app;
grant select, insert, update, delete on users to belvedere_system;
