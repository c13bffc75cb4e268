-- Public links to dashboards. A link is a token of 256 random bits, of which only the SHA-256 is kept, so whoever
-- reads this table cannot open a link. What a link shows is decided when it is made: the dashboard, and the
-- range and filters in `query`, which its visitors may change only when it is `unlocked`.

create table dashboard_shares (
  organization_id uuid not null references organizations on delete cascade,
  id              uuid not null,
  dashboard_id    uuid not null,
  -- For those who manage the links: "Bank", "Board".
  name            text not null check (length(name) between 1 and 100),
  token_hash      bytea not null check (length(token_hash) = 32),
  -- argon2id; without one the link is enough.
  password_hash   text,
  expires_at      timestamptz,
  unlocked        boolean not null default false,
  query           jsonb not null default '{}' check (jsonb_typeof(query) = 'object'),
  -- Sites that may show the page in a frame.
  origins         text[] not null default '{}' check (cardinality(origins) <= 20),
  views           bigint not null default 0,
  last_viewed_at  timestamptz,
  created_by      uuid references users on delete set null,
  created_at      timestamptz not null default now(),
  primary key (organization_id, id),
  unique (organization_id, token_hash),
  -- Cookies and third-party frames do not go together, and a password needs a cookie.
  check (password_hash is null or origins = '{}'),
  foreign key (organization_id, dashboard_id) references dashboards (organization_id, id) on delete cascade
);
-- A visitor brings a token and nothing else.
create index dashboard_shares_by_token on dashboard_shares (token_hash);
create index dashboard_shares_by_dashboard on dashboard_shares (organization_id, dashboard_id);
call protect('dashboard_shares');
