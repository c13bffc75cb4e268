-- What a tenant's transactions add up to, month by month, kept exact by the database itself.
--
-- A key (month, type, category, department, currency) may have several lines, and what counts is their sum. So a
-- change only ever APPENDS a line with its difference: writers take no lock on each other, cannot deadlock, and any
-- number of them may book into the same month at once. Lines are folded into one per key now and then; see
-- fold_transaction_months.
create table transaction_months (
  organization_id uuid not null references organizations on delete cascade,
  month           date not null,
  type            text not null,
  category_id     uuid,
  department      text not null,
  currency        text not null,
  amount          numeric not null,
  row_count       bigint not null,
  -- Appended, and not folded yet.
  loose           boolean not null default true
);
create index transaction_months_key on transaction_months (organization_id, month);
create index transaction_months_loose on transaction_months (organization_id) where loose;
call protect('transaction_months');

-- Replaces all lines of the months that have loose ones by one line per key. One transaction at a time does so for a
-- tenant; another one that comes meanwhile leaves it alone. Sees only lines that are committed or its own, and only
-- ever deletes what it adds up again in the same statement, so it changes no sum for anybody.
create function fold_transaction_months(organization uuid) returns void language plpgsql as $$
begin
  if not pg_try_advisory_xact_lock(hashtextextended('transaction_months ' || organization, 0)) then
    return;
  end if;
  with gone as (
    delete from transaction_months
    where organization_id = organization
      and month in (select month from transaction_months where organization_id = organization and loose)
    returning *)
  insert into transaction_months (organization_id, month, type, category_id, department, currency, amount, row_count, loose)
  select organization_id, month, type, category_id, department, currency, sum(amount), sum(row_count), false
  from gone
  group by organization_id, month, type, category_id, department, currency
  having sum(row_count) <> 0 or sum(amount) <> 0;
end
$$;

-- Once for a statement, however many rows it wrote; so COPY and bulk inserts cost one pass over their own rows.
-- Runs as the role that wrote, under its policies: what it may not see it has not written.
create function keep_transaction_months() returns trigger language plpgsql as $$
declare
  appended bigint;
  tenant   uuid;
begin
  if tg_op = 'INSERT' then
    insert into transaction_months (organization_id, month, type, category_id, department, currency, amount, row_count)
    select organization_id, date_trunc('month', date::timestamp)::date, type, category_id, department, currency,
           sum(amount), count(*)
    from added group by 1, 2, 3, 4, 5, 6;
  elsif tg_op = 'DELETE' then
    insert into transaction_months (organization_id, month, type, category_id, department, currency, amount, row_count)
    select organization_id, date_trunc('month', date::timestamp)::date, type, category_id, department, currency,
           -sum(amount), -count(*)
    from removed
    -- When the organisation itself goes, its months go with it.
    where exists (select from organizations o where o.id = organization_id)
    group by 1, 2, 3, 4, 5, 6;
  else
    insert into transaction_months (organization_id, month, type, category_id, department, currency, amount, row_count)
    select organization_id, month, type, category_id, department, currency, sum(amount), sum(n)
    from (select organization_id, date_trunc('month', date::timestamp)::date as month, type, category_id, department,
                 currency, amount, 1 as n
          from added
          union all
          select organization_id, date_trunc('month', date::timestamp)::date, type, category_id, department,
                 currency, -amount, -1
          from removed) changed
    group by 1, 2, 3, 4, 5, 6
    having sum(amount) <> 0 or sum(n) <> 0;
  end if;
  get diagnostics appended = row_count;
  -- By chance, so that nobody has to count: on average once in 2,000 appended lines.
  if random() * 2000 < appended then
    if tg_op = 'DELETE' then
      for tenant in select distinct organization_id from removed loop
        perform fold_transaction_months(tenant);
      end loop;
    else
      for tenant in select distinct organization_id from added loop
        perform fold_transaction_months(tenant);
      end loop;
    end if;
  end if;
  return null;
end
$$;

create trigger transaction_months_insert after insert on transactions
  referencing new table as added for each statement execute function keep_transaction_months();
create trigger transaction_months_update after update on transactions
  referencing old table as removed new table as added for each statement execute function keep_transaction_months();
create trigger transaction_months_delete after delete on transactions
  referencing old table as removed for each statement execute function keep_transaction_months();

-- From the rows, from nothing: for repairs. Answers how many keys there are.
create function rebuild_transaction_months(organization uuid) returns bigint language plpgsql as $$
declare
  keys bigint;
begin
  -- No write may come between reading the rows and writing their sums.
  lock table transactions in share mode;
  perform pg_advisory_xact_lock(hashtextextended('transaction_months ' || organization, 0));
  delete from transaction_months where organization_id = organization;
  insert into transaction_months (organization_id, month, type, category_id, department, currency, amount, row_count, loose)
  select organization_id, date_trunc('month', date::timestamp)::date, type, category_id, department, currency,
         sum(amount), count(*), false
  from transactions where organization_id = organization
  group by 1, 2, 3, 4, 5, 6;
  get diagnostics keys = row_count;
  return keys;
end
$$;

-- Questions that the months cannot answer are answered from these alone, without touching the rows.
create index transactions_measured on transactions (organization_id, date)
  include (type, category_id, department, currency, amount);
create index payments_measured on payments (organization_id, issued_on) include (status, due_date, currency, amount);
