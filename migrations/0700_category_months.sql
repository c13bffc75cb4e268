-- What a tenant's transactions add up to when nobody asks for departments, which is nearly always: far fewer lines than
-- transaction_months has, and kept from those lines in the same way. A change appends; lines are folded now and then.
create table transaction_category_months (
  organization_id uuid not null references organizations on delete cascade,
  month           date not null,
  type            text not null,
  category_id     uuid,
  currency        text not null,
  amount          numeric not null,
  row_count       bigint not null,
  -- Appended, and not folded yet.
  loose           boolean not null default true
);
create index transaction_category_months_key on transaction_category_months (organization_id, month)
  include (type, category_id, currency, amount, row_count);
create index transaction_category_months_loose on transaction_category_months (organization_id) where loose;
call protect('transaction_category_months');

-- What folding and rebuilding write has been counted when it was appended.
create function keep_transaction_category_months() returns trigger language plpgsql as $$
begin
  insert into transaction_category_months (organization_id, month, type, category_id, currency, amount, row_count)
  select organization_id, month, type, category_id, currency, sum(amount), sum(row_count)
  from appended where loose group by 1, 2, 3, 4, 5
  having sum(amount) <> 0 or sum(row_count) <> 0;
  return null;
end
$$;
create trigger transaction_category_months_insert after insert on transaction_months
  referencing new table as appended for each statement execute function keep_transaction_category_months();

create or replace function fold_transaction_months(organization uuid) returns void language plpgsql as $$
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
  with gone as (
    delete from transaction_category_months
    where organization_id = organization
      and month in (select month from transaction_category_months where organization_id = organization and loose)
    returning *)
  insert into transaction_category_months (organization_id, month, type, category_id, currency, amount, row_count, loose)
  select organization_id, month, type, category_id, currency, sum(amount), sum(row_count), false
  from gone
  group by organization_id, month, type, category_id, currency
  having sum(row_count) <> 0 or sum(amount) <> 0;
end
$$;

create or replace function rebuild_transaction_months(organization uuid) returns bigint language plpgsql as $$
declare
  keys bigint;
begin
  -- No write may come between reading the rows and writing their sums.
  lock table transactions in share mode;
  perform pg_advisory_xact_lock(hashtextextended('transaction_months ' || organization, 0));
  delete from transaction_months where organization_id = organization;
  delete from transaction_category_months where organization_id = organization;
  insert into transaction_months (organization_id, month, type, category_id, department, currency, amount, row_count, loose)
  select organization_id, date_trunc('month', date::timestamp)::date, type, category_id, department, currency,
         sum(amount), count(*), false
  from transactions where organization_id = organization
  group by 1, 2, 3, 4, 5, 6;
  get diagnostics keys = row_count;
  insert into transaction_category_months (organization_id, month, type, category_id, currency, amount, row_count, loose)
  select organization_id, month, type, category_id, currency, sum(amount), sum(row_count), false
  from transaction_months where organization_id = organization
  group by 1, 2, 3, 4, 5;
  return keys;
end
$$;

-- What was booked before.
set local role belvedere_system;
insert into transaction_category_months (organization_id, month, type, category_id, currency, amount, row_count, loose)
select organization_id, month, type, category_id, currency, sum(amount), sum(row_count), false
from transaction_months
group by 1, 2, 3, 4, 5
having sum(row_count) <> 0 or sum(amount) <> 0;
reset role;
