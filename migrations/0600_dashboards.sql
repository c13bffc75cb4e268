-- Dashboards and the widgets on them. The grid has 12 columns; sizes per kind are enforced by the server, which
-- knows the kinds. A widget's id is never used again, and its settings are JSON that the server has parsed.

create table dashboards (
  organization_id  uuid not null references organizations on delete cascade,
  id               uuid not null,
  name             text not null check (length(name) between 1 and 100),
  description      text not null default '' check (length(description) <= 500),
  -- Shown first, and when nobody names another one.
  is_default       boolean not null default false,
  -- Seconds between two looks at the data while somebody watches.
  refresh_interval integer not null default 60 check (refresh_interval between 60 and 86400),
  position         integer not null default 0,
  -- Grows with each change, so that two people who save the same dashboard notice.
  version          bigint not null default 1,
  created_by       uuid references users on delete set null,
  created_at       timestamptz not null default now(),
  updated_at       timestamptz not null default now(),
  -- Set while the dashboard lies in the bin; it is as good as gone, until somebody undoes that.
  deleted_at       timestamptz,
  primary key (organization_id, id),
  check (deleted_at is null or not is_default)
);
create unique index dashboards_one_default on dashboards (organization_id) where is_default;
call protect('dashboards');

create table dashboard_widgets (
  organization_id uuid not null,
  dashboard_id    uuid not null,
  id              uuid not null,
  kind            text not null,
  x               smallint not null check (x between 0 and 11),
  y               smallint not null check (y between 0 and 499),
  w               smallint not null check (w between 1 and 12),
  h               smallint not null check (h between 1 and 12),
  settings        jsonb not null default '{}' check (jsonb_typeof(settings) = 'object'),
  primary key (organization_id, dashboard_id, id),
  check (x + w <= 12),
  foreign key (organization_id, dashboard_id) references dashboards (organization_id, id) on delete cascade
);
call protect('dashboard_widgets');
