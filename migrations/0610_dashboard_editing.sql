-- Editing without losing anything: what somebody has begun and not saved, and what a dashboard was before.

-- A pinned widget stays where it is while others move around it.
alter table dashboard_widgets add column pinned boolean not null default false;

-- What a person has changed in the editor and not saved yet: as typed, right or wrong.
create table dashboard_drafts (
  organization_id uuid not null,
  dashboard_id    uuid not null,
  user_id         uuid not null references users on delete cascade,
  -- The version that was opened; another one by now means that somebody else has saved.
  base_version    bigint not null,
  content         jsonb not null check (jsonb_typeof(content) = 'object'),
  saved_at        timestamptz not null default now(),
  primary key (organization_id, dashboard_id, user_id),
  foreign key (organization_id, dashboard_id) references dashboards (organization_id, id) on delete cascade
);
call protect('dashboard_drafts');

-- Each state that a dashboard has been in, newest 200. The row of the current version is the dashboard's present.
create table dashboard_versions (
  organization_id uuid not null,
  dashboard_id    uuid not null,
  version         bigint not null,
  content         jsonb not null check (jsonb_typeof(content) = 'object'),
  -- What was different from the version before, in words.
  changes         text[] not null default '{}',
  user_id         uuid references users on delete set null,
  created_at      timestamptz not null default now(),
  primary key (organization_id, dashboard_id, version),
  foreign key (organization_id, dashboard_id) references dashboards (organization_id, id) on delete cascade
);
call protect('dashboard_versions');

-- The present of the dashboards that there are already.
set local role belvedere_system;
insert into dashboard_versions (organization_id, dashboard_id, version, content, created_at)
select d.organization_id, d.id, d.version,
       jsonb_build_object(
         'name', d.name, 'description', d.description, 'refresh_interval', d.refresh_interval,
         'widgets', coalesce((
           select jsonb_agg(jsonb_build_object(
                    'id', w.id, 'kind', w.kind, 'x', w.x, 'y', w.y, 'w', w.w, 'h', w.h, 'pinned', false,
                    'settings', w.settings) order by w.y, w.x)
           from dashboard_widgets w where w.organization_id = d.organization_id and w.dashboard_id = d.id), '[]')),
       d.updated_at
from dashboards d;
reset role;
