-- Whose a dashboard is, the file decides as well: what comes from one is the organisation's.
drop trigger dashboards_provisioned on dashboards;
create trigger dashboards_provisioned before update on dashboards for each row
  when ((old.name, old.description, old.refresh_interval, old.owner_id, old.deleted_at)
        is distinct from (new.name, new.description, new.refresh_interval, new.owner_id, new.deleted_at))
  execute function refuse_provisioned('id');
