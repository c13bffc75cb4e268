-- People asked to join. Accepting deletes the row, so a link works once.
create table invitations (
  organization_id uuid not null references organizations on delete cascade,
  id              uuid not null,
  email           text not null check (email = lower(email) and length(email) between 3 and 254),
  role            text not null check (role in ('OWNER', 'ADMIN', 'MEMBER', 'VIEWER')),
  token_hash      bytea not null check (length(token_hash) = 32),
  invited_by      uuid references users on delete set null,
  created_at      timestamptz not null default now(),
  expires_at      timestamptz not null,
  primary key (organization_id, id)
);
-- Inviting somebody again replaces the link.
create unique index invitations_email_key on invitations (organization_id, email);
-- A link names no organisation, so its look-up is across all of them. Not unique: every unique key starts with the organisation.
create index invitations_token on invitations (token_hash);
call protect('invitations');
