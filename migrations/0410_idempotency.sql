-- A creating request that carries an Idempotency-Key has its effect once, however often it is sent.
create table idempotency_keys (
  organization_id uuid not null references organizations on delete cascade,
  user_id         uuid not null references users on delete cascade,
  key             text not null check (length(key) between 1 and 255),
  -- The attempt that holds the key, and until when it may be presumed alive.
  claim_id        uuid not null,
  reserved_until  timestamptz not null,
  -- Set in the transaction that has the effect: the effect is there exactly when this is.
  applied_at      timestamptz,
  -- The answer, written right after. Null: the server stopped between the two.
  status          smallint,
  content_type    text,
  location        text,
  body            bytea,
  -- SHA-256 of method, address and body. Null when the body was never read to its end.
  request_hash    bytea check (length(request_hash) = 32),
  created_at      timestamptz not null default now(),
  primary key (organization_id, user_id, key)
);
create index idempotency_keys_age on idempotency_keys (created_at);
call protect('idempotency_keys');
