-- The queue. A job belongs to an organisation and does its work in that organisation's scope.
create table jobs (
  organization_id  uuid not null references organizations on delete cascade,
  id               uuid not null,
  type             text not null check (length(type) between 1 and 100),
  payload          jsonb not null default '{}',
  status           text not null default 'pending'
                     check (status in ('pending', 'processing', 'completed', 'failed', 'cancelled')),
  -- Higher goes first; among equals the one that has waited longest.
  priority         smallint not null default 0,
  -- Not before: the wish of who asked, or the pause after a failed attempt.
  run_at           timestamptz not null default now(),
  -- Counted when a worker takes the job, so that a job that kills its worker does not run for ever.
  attempts         smallint not null default 0 check (attempts >= 0),
  max_attempts     smallint not null default 5 check (max_attempts >= 1),
  result           jsonb,
  error            text,
  progress_done    bigint not null default 0 check (progress_done >= 0),
  progress_total   bigint check (progress_total >= 0),
  progress_note    text not null default '',
  cancel_requested boolean not null default false,
  -- Set while a worker holds the job. The claim is another one each time that the job is taken, and every
  -- write of a worker names it: one that was paused for longer than its lease cannot overwrite its successor.
  claim_id         uuid,
  lease_until      timestamptz,
  locked_by        text,
  requested_by     uuid references users on delete set null,
  created_at       timestamptz not null default now(),
  started_at       timestamptz,
  finished_at      timestamptz,
  primary key (organization_id, id),
  constraint jobs_processing_has_lease
    check ((status = 'processing') = (claim_id is not null and lease_until is not null and locked_by is not null)),
  constraint jobs_end_has_time check ((status in ('completed', 'failed', 'cancelled')) = (finished_at is not null))
);
-- What a worker asks: the next one to do, and whose lease has ended.
create index jobs_ready on jobs (priority desc, run_at) where status = 'pending';
create index jobs_leases on jobs (lease_until) where status = 'processing';
-- What the jobs page asks, and the chore that forgets old ones.
create index jobs_by_status on jobs (organization_id, status, id desc);
create index jobs_finished on jobs (finished_at) where finished_at is not null;
call protect('jobs');

-- The workers that are alive. They serve every organisation and belong to none.
create table workers (
  id         uuid primary key,
  name       text not null,
  started_at timestamptz not null default now(),
  seen_at    timestamptz not null default now()
);
call protect_system('workers');

-- When each repeating chore is due. One row per chore, whatever the number of instances.
create table schedules (
  name        text primary key,
  next_run_at timestamptz not null default now(),
  -- Held while an instance does the chore.
  claim_id    uuid,
  lease_until timestamptz,
  last_run_at timestamptz,
  last_error  text
);
call protect_system('schedules');
