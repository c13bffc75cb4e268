-- Whoever sends a creation again may go on from its answer as from the first one: with If-Match.
alter table idempotency_keys add column etag text;
