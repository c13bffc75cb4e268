-- Files on their way into the books. Whatever is needed to go on with an import is here, so that the worker of any
-- instance can take it up, from the position at which another one died.

create table imports (
  organization_id uuid not null references organizations on delete cascade,
  id              uuid not null,
  target          text not null check (target in ('transactions', 'payments', 'budgets', 'materials', 'categories')),
  status          text not null check (status in ('uploading', 'ready', 'queued', 'checking', 'loading', 'finished',
                                                  'failed', 'cancelled', 'undoing', 'undone')),
  file_name       text not null check (length(file_name) between 1 and 255),
  file_size       bigint not null default 0,
  file_sha256     text not null default '',
  -- False once the chunks were removed.
  has_file        boolean not null default true,
  header          text[] not null default '{}',
  options         jsonb,
  job_id          uuid,
  -- Where the next record begins in the decoded text. Moved by the transaction that stores the rows before it.
  position_offset bigint not null default 0,
  position_line   bigint not null default 1,
  bytes_done      bigint not null default 0,
  -- Whether every row has been checked, so that all of them may be stored.
  checked         boolean not null default false,
  total_rows      bigint,
  rows_read       bigint not null default 0,
  rows_inserted   bigint not null default 0,
  rows_updated    bigint not null default 0,
  rows_skipped    bigint not null default 0,
  rows_bad        bigint not null default 0,
  errors_stored   integer not null default 0,
  on_cancel       text not null default 'keep' check (on_cancel in ('keep', 'remove')),
  error           text,
  kept_rows       bigint not null default 0,
  kept_names      text[] not null default '{}',
  created_by      uuid references users on delete set null,
  created_at      timestamptz not null default now(),
  started_at      timestamptz,
  pass_started_at timestamptz,
  finished_at     timestamptz,
  primary key (organization_id, id)
);
call protect('imports');

-- The uploaded file. Removed some time after the end.
create table import_chunks (
  organization_id uuid not null,
  import_id       uuid not null,
  seq             integer not null,
  bytes           bytea not null,
  primary key (organization_id, import_id, seq),
  foreign key (organization_id, import_id) references imports on delete cascade
);
-- Compressing would cost more time than it saves for something that lives a few days.
alter table import_chunks alter column bytes set storage external;
call protect('import_chunks');

-- Which references the file has had so far, so that a double one can be told with the line of the first. A hash of
-- the reference keeps the index small. No foreign key: a check for each row of a million would cost more than the
-- table is worth, which is emptied at the end of each load.
create table import_keys (
  organization_id uuid not null,
  import_id       uuid not null,
  key             uuid not null,
  line            bigint not null,
  primary key (organization_id, import_id, key)
);
call protect('import_keys');

-- What is wrong with the rows that were refused, for reading and downloading.
create table import_errors (
  organization_id uuid not null,
  import_id       uuid not null,
  n               integer not null,
  line            bigint not null,
  column_name     text not null,
  value           text not null,
  reason          text not null,
  primary key (organization_id, import_id, n),
  foreign key (organization_id, import_id) references imports on delete cascade
);
call protect('import_errors');

-- What the rows that an import updated were before, so that it can be undone.
create table import_changes (
  organization_id uuid not null,
  import_id       uuid not null,
  row_id          uuid not null,
  former          jsonb not null,
  -- The row's updated_at that the import left behind: another one now means that somebody changed it since.
  changed_at      timestamptz not null,
  primary key (organization_id, import_id, row_id),
  foreign key (organization_id, import_id) references imports on delete cascade
);
call protect('import_changes');

-- Categories come with the rows that name them, and go with them if nothing else uses them.
alter table categories add column import_id uuid;
create index categories_import on categories (organization_id, import_id) where import_id is not null;
