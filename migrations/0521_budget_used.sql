-- Budgets are rarely complete: some categories have none, and months long past neither. All expenses over the few
-- budgets that there are would say nothing. So like is compared with like: the expenses of those months and categories
-- that have a budget, with months taken whole on both sides (a month's budget counts in the ranges that its first day
-- lies in, and so do its expenses here).
set local role belvedere_system;
insert into metric_definitions
  (id, code, version, name, description, formula, format, category, direction, unit, target, warning_threshold,
   critical_threshold, default_grain, default_group)
select gen_random_uuid(), code, version + 1, name,
       'How much of the budgets of the time range’s months is spent. Only expenses in a month and category that have a '
       'budget count; a month counts as a whole where its first day lies in the range.',
       '{"divide": [{"source": "transactions", "measure": "sum", "field": "amount", "date": "booking_month",
                     "where": {"all": [{"field": "type", "operator": "=", "value": "expense"},
                                       {"field": "budgeted", "operator": "=", "value": true}]}},
                    {"source": "budgets", "measure": "sum", "field": "amount",
                     "where": {"field": "type", "operator": "=", "value": "expense"}}], "scale": "100"}',
       format, category, direction, unit, target, warning_threshold, critical_threshold, default_grain, default_group
from metric_definitions where organization_id is null and code = 'budget_used' and version = 1;
reset role;
