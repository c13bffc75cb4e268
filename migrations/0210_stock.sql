-- What is on the shelves.
create table materials (
  organization_id uuid not null references organizations on delete cascade,
  id              uuid not null,
  sku             text not null check (length(sku) between 1 and 100),
  name            text not null check (length(name) between 1 and 200),
  category        text not null default '' check (length(category) <= 100),
  quantity        numeric(18, 4) not null default 0,
  -- At or below this quantity the material counts as low on stock.
  min_stock       numeric(18, 4) not null default 0 check (min_stock >= 0),
  unit_cost       numeric(18, 4) not null default 0 check (unit_cost >= 0),
  currency        text not null check (currency ~ '^[A-Z]{3}$'),
  import_id       uuid,
  created_by      uuid references users on delete set null,
  created_at      timestamptz not null default now(),
  updated_at      timestamptz not null default now(),
  primary key (organization_id, id),
  -- So that the value of a million such materials is still a number that can be summed exactly.
  constraint materials_value_range check (abs(quantity * unit_cost) < 1000000000000000000)
);
create unique index materials_sku_key on materials (organization_id, sku);
create index materials_import on materials (organization_id, import_id) where import_id is not null;
call protect('materials');
