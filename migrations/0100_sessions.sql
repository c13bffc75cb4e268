-- Who is signed in, who tried to, and what became of it. None of this belongs to an organisation, so
-- only the system role may touch it: a tenant's transaction cannot even ask.

-- Puts a table that belongs to no organisation out of every tenant's reach.
create procedure protect_system(target regclass) language plpgsql as $$
begin
  execute format('alter table %s enable row level security', target);
  execute format('alter table %s force row level security', target);
  execute format('create policy system on %s to belvedere_system using (true) with check (true)', target);
  execute format('grant select, insert, update, delete on %s to belvedere_system', target);
end
$$;

create table sessions (
  -- SHA-256 of the session's id: who reads this table cannot sign in with it.
  id_hash         bytea primary key check (length(id_hash) = 32),
  user_id         uuid not null references users on delete cascade,
  -- Where the person works at the moment. The role there is looked up at every request.
  organization_id uuid references organizations on delete set null,
  address         text not null default '' check (length(address) <= 64),
  user_agent      text not null default '' check (length(user_agent) <= 300),
  created_at      timestamptz not null default now(),
  -- Written at most once in two minutes, so that reading a page writes nothing.
  last_seen_at    timestamptz not null default now(),
  -- The end in any case; the idle limit is a setting and counts from last_seen_at.
  expires_at      timestamptz not null
);
create index sessions_user on sessions (user_id);
create index sessions_expiry on sessions (expires_at);
call protect_system('sessions');

-- Token buckets against guessing: one row per account or address, however often it tries.
create table throttles (
  -- SHA-256 of what is limited: addresses of people and machines are not collected here.
  key     bytea primary key check (length(key) = 32),
  -- When the bucket will be full again. An attempt moves it on; too far in the future refuses.
  full_at timestamptz not null
);
create index throttles_full_at on throttles (full_at);
call protect_system('throttles');

-- What happened to accounts: sign-ins, failures, password changes. For the operator.
create table account_events (
  id         uuid primary key,
  user_id    uuid references users on delete set null,
  kind       text not null check (length(kind) between 1 and 50),
  address    text not null default '' check (length(address) <= 64),
  user_agent text not null default '' check (length(user_agent) <= 300),
  metadata   jsonb not null default '{}',
  created_at timestamptz not null default now()
);
create index account_events_user on account_events (user_id, created_at desc);
create index account_events_recent on account_events (created_at desc);
call protect_system('account_events');
