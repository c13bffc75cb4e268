-- Dashboards that come from files which the operator has provisioned. The file is the truth: what it says can be
-- changed in the file alone, by whatever way somebody tries. So the database itself refuses, and says why.
create table dashboard_files (
  organization_id uuid not null,
  dashboard_id    uuid not null,
  -- Its name in the folder.
  file            text not null check (length(file) between 1 and 255),
  -- SHA-256 of the text that was last read, in hexadecimal.
  digest          text not null,
  provisioned_at  timestamptz not null default now(),
  primary key (organization_id, dashboard_id),
  unique (organization_id, file),
  foreign key (organization_id, dashboard_id) references dashboards (organization_id, id) on delete cascade
);
call protect('dashboard_files');

-- The argument names the column that holds the dashboard's id.
create function refuse_provisioned() returns trigger language plpgsql as $$
declare
  changed jsonb := case when tg_op = 'INSERT' then to_jsonb(new) else to_jsonb(old) end;
  source  text;
begin
  -- Provisioning itself is let through, and so is what a cascade does.
  if coalesce(current_setting('app.provisioning', true), '') <> 'on' and pg_trigger_depth() = 1 then
    select f.file into source from dashboard_files f
    where f.organization_id = (changed ->> 'organization_id')::uuid
      and f.dashboard_id = (changed ->> tg_argv[0])::uuid;
    if found then
      raise exception using
        errcode = 'check_violation', constraint = 'dashboard_provisioned',
        message = format('This dashboard comes from the file %s and is changed there. Duplicate it to have one of your own.', source);
    end if;
  end if;
  return case when tg_op = 'DELETE' then old else new end;
end
$$;

-- Being the default, its place among the tabs and the like are the organisation's own business.
create trigger dashboards_provisioned before update on dashboards for each row
  when ((old.name, old.description, old.refresh_interval, old.deleted_at)
        is distinct from (new.name, new.description, new.refresh_interval, new.deleted_at))
  execute function refuse_provisioned('id');
create trigger dashboard_widgets_provisioned before insert or update or delete on dashboard_widgets for each row
  execute function refuse_provisioned('dashboard_id');
