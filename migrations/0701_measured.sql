-- As for transactions and payments: what questions measure of budgets and of stock, side by side and without the rest.
create index budgets_measured on budgets (organization_id, month) include (type, category_id, currency, amount);
create index materials_measured on materials (organization_id) include (category, quantity, min_stock, unit_cost, currency);
