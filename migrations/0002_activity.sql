-- What happened, and that something changed. Both are written in the transaction of the change itself.

create table activities (
  id              uuid not null,
  organization_id uuid not null references organizations on delete cascade,
  user_id         uuid references users on delete set null,
  action          text not null,            -- 'created', 'updated', 'deleted', 'imported' ...
  entity_type     text not null,            -- 'transaction', 'dashboard' ...
  entity_id       uuid,
  title           text not null check (length(title) between 1 and 255),
  metadata        jsonb not null default '{}',
  created_at      timestamptz not null default now(),
  primary key (organization_id, id)
);
create index activities_recent on activities (organization_id, created_at desc, id desc);
call protect('activities');

-- One counter per tenant and topic. A cached answer is exact while the counters that it was
-- computed under have not moved. Bumped together with a NOTIFY on channel 'changes'.
create table change_counters (
  organization_id uuid not null references organizations on delete cascade,
  topic           text not null,
  version         bigint not null default 1,
  changed_at      timestamptz not null default now(),
  primary key (organization_id, topic)
);
call protect('change_counters');
