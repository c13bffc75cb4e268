-- Secrets that are handed out: only their SHA-256 is kept.

-- What a link in a mail allows, once.
create table mail_tokens (
  token_hash bytea primary key check (length(token_hash) = 32),
  purpose    text not null check (purpose in ('reset_password', 'confirm_sign_up')),
  -- Whose password; null for a sign-up, where nobody is there yet.
  user_id    uuid references users on delete cascade,
  -- The sign-up as it was sent, with the password hashed.
  payload    jsonb not null default '{}',
  created_at timestamptz not null default now(),
  expires_at timestamptz not null
);
create index mail_tokens_user on mail_tokens (user_id);
create index mail_tokens_expiry on mail_tokens (expires_at);
call protect_system('mail_tokens');

-- One sign-in of a program by way of the API, and the chain of refresh tokens that grows from it.
create table token_families (
  id              uuid primary key,
  user_id         uuid not null references users on delete cascade,
  organization_id uuid not null references organizations on delete cascade,
  user_agent      text not null default '' check (length(user_agent) <= 300),
  created_at      timestamptz not null default now(),
  expires_at      timestamptz not null
);
create index token_families_user on token_families (user_id);
create index token_families_expiry on token_families (expires_at);
call protect_system('token_families');

create table refresh_tokens (
  token_hash bytea primary key check (length(token_hash) = 32),
  family_id  uuid not null references token_families on delete cascade,
  created_at timestamptz not null default now(),
  -- Set when the token was exchanged. Seeing it a second time means that somebody copied it, and ends the family.
  used_at    timestamptz
);
create index refresh_tokens_family on refresh_tokens (family_id);
call protect_system('refresh_tokens');

-- Keys that the instances share, made by whichever starts first.
create table system_keys (
  name       text primary key,
  secret     bytea not null,
  created_at timestamptz not null default now()
);
call protect_system('system_keys');
