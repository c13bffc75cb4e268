-- A tenant's months are strewn over the whole table, one page a line. The index holds them side by side, with everything
-- that a question asks of them.
drop index transaction_months_key;
create index transaction_months_key on transaction_months (organization_id, month)
  include (type, category_id, department, currency, amount, row_count);
