-- The list pages and the metrics read the same rows in the same order: one index of days serves both, backwards for the
-- newest first, and every row that is written is spared another.
create index transactions_by_day on transactions (organization_id, date, id)
  include (type, category_id, department, currency, amount);
drop index transactions_by_date, transactions_measured;

create index payments_by_issue_day on payments (organization_id, issued_on, id)
  include (status, due_date, currency, amount);
drop index payments_by_issue, payments_measured;
