-- What people look at on a dashboard: the range, the comparison and the filters.

-- What each person looked at last, where that is not the standard. No part of the dashboards' change counter: nobody else
-- sees it, and it changes far more often than they do.
create table dashboard_last_looks (
  organization_id uuid not null,
  user_id         uuid not null references users on delete cascade,
  dashboard_id    uuid not null,
  query           jsonb not null check (jsonb_typeof(query) = 'object'),
  primary key (organization_id, user_id, dashboard_id),
  foreign key (organization_id, dashboard_id) references dashboards (organization_id, id) on delete cascade
);
call protect('dashboard_last_looks');
-- Beside the tenant's policy, not instead of it: both must let a row through.
create policy person on dashboard_last_looks as restrictive to belvedere_app
  using (user_id = app_user()) with check (user_id = app_user());

-- Names for such sets.
create table dashboard_views (
  organization_id uuid not null,
  id              uuid not null,
  dashboard_id    uuid not null,
  -- NULL: the organisation's, seen by everybody who sees the dashboard.
  owner_id        uuid references users on delete cascade,
  name            text not null check (length(name) between 1 and 100),
  query           jsonb not null check (jsonb_typeof(query) = 'object'),
  created_at      timestamptz not null default now(),
  updated_at      timestamptz not null default now(),
  primary key (organization_id, id),
  foreign key (organization_id, dashboard_id) references dashboards (organization_id, id) on delete cascade
);
create unique index dashboard_views_name
  on dashboard_views (organization_id, dashboard_id, owner_id, lower(name)) nulls not distinct;
call protect('dashboard_views');
create policy person on dashboard_views as restrictive to belvedere_app
  using (owner_id is null or owner_id = app_user()) with check (owner_id is null or owner_id = app_user());
