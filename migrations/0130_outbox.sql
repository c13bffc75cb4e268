-- Mail, written in the transaction of what it tells of and sent afterwards; without a mail server it
-- stays here for the operator to read.
create table outbox (
  id              uuid primary key,
  recipient       text not null check (length(recipient) between 3 and 254),
  subject         text not null check (length(subject) between 1 and 200),
  -- Emptied once the message is sent: it may hold a link that signs somebody in.
  body            text not null,
  status          text not null default 'waiting' check (status in ('waiting', 'sent', 'failed')),
  attempts        smallint not null default 0,
  next_attempt_at timestamptz not null default now(),
  error           text,
  created_at      timestamptz not null default now(),
  sent_at         timestamptz
);
create index outbox_due on outbox (next_attempt_at) where status = 'waiting';
create index outbox_recent on outbox (created_at desc);
call protect_system('outbox');
-- A tenant's transaction may hand a message in (an invitation), and read none.
create policy tenant_sends on outbox for insert to belvedere_app with check (true);
grant insert on outbox to belvedere_app;
