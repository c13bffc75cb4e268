-- What the numbers are called and how they are computed. A change of a formula is a new version, so that a number of
-- last year can still be explained; versions are never edited.
--
-- System definitions belong to no organisation: everyone reads them, no tenant can write them, and nothing that is
-- computed for a tenant is ever kept on them.
create table metric_definitions (
  id                 uuid primary key,
  organization_id    uuid references organizations on delete cascade,
  code               text not null check (code ~ '^[a-z][a-z0-9_]{1,59}$'),
  version            integer not null default 1 check (version > 0),
  name               text not null check (length(name) between 1 and 100),
  description        text not null default '' check (length(description) <= 1000),
  formula            jsonb not null check (jsonb_typeof(formula) = 'object'),
  unit               text check (length(unit) between 1 and 30),
  format             text not null default 'number' check (format in ('number', 'currency', 'percentage', 'duration')),
  target             numeric(24, 8),
  warning_threshold  numeric(24, 8),
  critical_threshold numeric(24, 8),
  direction          text not null default 'neutral'
                     check (direction in ('higher_is_better', 'lower_is_better', 'neutral')),
  category           text not null check (category in ('FINANCIAL', 'OPERATIONAL', 'PRODUCTIVITY', 'SALES', 'INVENTORY',
                                                       'PARTNER', 'PLATFORM')),
  -- Seconds.
  refresh_rate       integer not null default 60 check (refresh_rate >= 60),
  -- What is shown when a question asks for neither a grain nor a grouping.
  default_grain      text check (default_grain in ('day', 'week', 'month', 'quarter', 'year')),
  default_group      text check (length(default_group) between 1 and 60),
  effective_at       timestamptz not null default now(),
  deprecated_at      timestamptz,
  created_by         uuid references users on delete set null,
  created_at         timestamptz not null default now(),
  constraint metric_definitions_version_key unique nulls not distinct (organization_id, code, version)
);
create index metric_definitions_effective on metric_definitions (organization_id, effective_at);
call protect('metric_definitions');
-- Beside the tenant's own, and for reading only.
create policy shared on metric_definitions for select to belvedere_app using (organization_id is null);
-- Versions are kept: a tenant may end one, but not change or remove it.
revoke update, delete on metric_definitions from belvedere_app;
grant update (deprecated_at) on metric_definitions to belvedere_app;
