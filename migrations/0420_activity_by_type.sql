-- The feed, filtered by the kind of thing.
create index activities_by_type on activities (organization_id, entity_type, created_at desc, id desc);
