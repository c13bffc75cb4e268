-- The books. Amounts keep four places, so that no import is rounded; dates are calendar days.

create table categories (
  organization_id uuid not null references organizations on delete cascade,
  id              uuid not null,
  name            text not null check (length(name) between 1 and 100),
  created_by      uuid references users on delete set null,
  created_at      timestamptz not null default now(),
  updated_at      timestamptz not null default now(),
  primary key (organization_id, id)
);
-- One category per name, however it is capitalised.
create unique index categories_name_key on categories (organization_id, lower(name));
call protect('categories');

create table transactions (
  organization_id uuid not null references organizations on delete cascade,
  id              uuid not null,
  reference       text check (length(reference) between 1 and 100),
  date            date not null check (date between '1900-01-01' and '2200-12-31'),
  type            text not null check (type in ('income', 'expense')),
  category_id     uuid,
  department      text not null default '' check (length(department) <= 100),
  -- Negative for a reversal or a loss on a sale.
  amount          numeric(18, 4) not null,
  currency        text not null check (currency ~ '^[A-Z]{3}$'),
  note            text not null default '' check (length(note) <= 2000),
  -- The import that brought the row, if one did.
  import_id       uuid,
  created_by      uuid references users on delete set null,
  created_at      timestamptz not null default now(),
  updated_at      timestamptz not null default now(),
  primary key (organization_id, id),
  constraint transactions_category_fkey
    foreign key (organization_id, category_id) references categories (organization_id, id)
);
create unique index transactions_reference_key on transactions (organization_id, reference);
-- The order of lists. What sums are made of stands in transactions_measured.
create index transactions_by_date on transactions (organization_id, date desc, id desc);
create index transactions_import on transactions (organization_id, import_id) where import_id is not null;
call protect('transactions');

create table payments (
  organization_id uuid not null references organizations on delete cascade,
  id              uuid not null,
  reference       text check (length(reference) between 1 and 100),
  -- Who is paid (outgoing: a vendor) or who pays (incoming: a customer).
  party           text not null check (length(party) between 1 and 200),
  direction       text not null default 'outgoing' check (direction in ('outgoing', 'incoming')),
  issued_on       date not null check (issued_on between '1900-01-01' and '2200-12-31'),
  due_date        date not null check (due_date between '1900-01-01' and '2200-12-31'),
  status          text not null default 'pending' check (status in ('pending', 'approved', 'rejected', 'paid')),
  paid_on         date check (paid_on between '1900-01-01' and '2200-12-31'),
  amount          numeric(18, 4) not null,
  currency        text not null check (currency ~ '^[A-Z]{3}$'),
  note            text not null default '' check (length(note) <= 2000),
  import_id       uuid,
  created_by      uuid references users on delete set null,
  created_at      timestamptz not null default now(),
  updated_at      timestamptz not null default now(),
  primary key (organization_id, id),
  -- Overdue is computed, never stored: it changes with the day.
  constraint payments_paid_has_date check ((status = 'paid') = (paid_on is not null))
);
create unique index payments_reference_key on payments (organization_id, reference);
-- Carries what sums are made of, so that totals and metrics need not visit the rows.
create index payments_by_due on payments (organization_id, due_date, id) include (status, direction, currency, amount);
create index payments_by_issue on payments (organization_id, issued_on desc, id desc);
create index payments_import on payments (organization_id, import_id) where import_id is not null;
call protect('payments');

create table budgets (
  organization_id uuid not null references organizations on delete cascade,
  id              uuid not null,
  -- The first day of the month that the budget is for.
  month           date not null check (month = date_trunc('month', month)::date),
  type            text not null default 'expense' check (type in ('income', 'expense')),
  category_id     uuid not null,
  amount          numeric(18, 4) not null,
  currency        text not null check (currency ~ '^[A-Z]{3}$'),
  import_id       uuid,
  created_by      uuid references users on delete set null,
  created_at      timestamptz not null default now(),
  updated_at      timestamptz not null default now(),
  primary key (organization_id, id),
  constraint budgets_category_fkey
    foreign key (organization_id, category_id) references categories (organization_id, id)
);
create unique index budgets_month_key on budgets (organization_id, month, type, category_id);
create index budgets_import on budgets (organization_id, import_id) where import_id is not null;
call protect('budgets');

-- Deleted records, whole, so that a deletion can be undone. Emptied by a scheduled job.
create table deleted_records (
  organization_id uuid not null references organizations on delete cascade,
  entity_type     text not null,           -- 'transaction', 'payment', 'budget', 'material', 'category'
  id              uuid not null,
  record          jsonb not null,          -- the row as it was
  deleted_by      uuid references users on delete set null,
  deleted_at      timestamptz not null default now(),
  primary key (organization_id, entity_type, id)
);
call protect('deleted_records');
