-- An organisation that was not there when statistics were last taken seems to have no rows at all. The planner then holds
-- every index that begins with the organisation for equally good, and may read all rows of a growing tenant for each one
-- that is looked up. When the statistics count no tenant but the largest, it takes every other for an average one.
do $$
declare
  target text;
begin
  foreach target in array array['transactions', 'payments', 'budgets', 'materials', 'categories', 'deleted_records',
                                'import_keys', 'import_changes', 'activities', 'jobs'] loop
    execute format('alter table %I alter column organization_id set statistics 1', target);
  end loop;
end
$$;
