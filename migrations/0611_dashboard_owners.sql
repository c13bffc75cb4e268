-- Whose a dashboard is, and what each person has decided for themselves.

-- NULL: the organisation's, seen by everybody in it. Otherwise a person's own, seen by them alone. It goes when their account
-- does; when they only leave the organisation it stays, and an admin may give it to somebody else.
alter table dashboards add column owner_id uuid references users on delete cascade;
alter table dashboards add constraint dashboards_default_is_shared check (owner_id is null or not is_default);
create index dashboards_owned on dashboards (organization_id, owner_id) where owner_id is not null;
create index dashboards_deleted on dashboards (deleted_at) where deleted_at is not null;

create table dashboard_preferences (
  organization_id uuid not null,
  user_id         uuid not null references users on delete cascade,
  dashboard_id    uuid not null,
  favourite       boolean not null default false,
  -- Where its tab stands; NULL: after those that have a place, in the organisation's order.
  position        integer,
  -- Shown when the person names no other, in place of the organisation's default.
  is_first        boolean not null default false,
  -- Where the person has put the widgets of a dashboard of the organisation: [{id, x, y, w, h}, …]
  places          jsonb check (jsonb_typeof(places) = 'array'),
  -- The version of the dashboard that they arranged; another one by now means that the original has changed.
  places_version  bigint,
  primary key (organization_id, user_id, dashboard_id),
  foreign key (organization_id, dashboard_id) references dashboards (organization_id, id) on delete cascade,
  check ((places is null) = (places_version is null))
);
create unique index dashboard_preferences_first on dashboard_preferences (organization_id, user_id) where is_first;
call protect('dashboard_preferences');
