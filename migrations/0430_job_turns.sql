-- Whose job was taken last: the queue serves the organisations in turn, so that one with ten thousand jobs does not keep
-- the others waiting. Organisations without a line were never served.
create table job_turns (
  organization_id uuid primary key references organizations on delete cascade,
  served_at       timestamptz not null
);
call protect_system('job_turns');

-- Finds the organisations that have something to do, and the next jobs of each, without reading the whole queue.
create index jobs_waiting on jobs (organization_id, priority desc, run_at) where status = 'pending';
drop index jobs_ready;
