-- Each window of the editor keeps a draft of its own, so that two of one person's do not overwrite each other.
alter table dashboard_drafts
  add column id uuid not null default gen_random_uuid(),
  drop constraint dashboard_drafts_pkey,
  add primary key (organization_id, dashboard_id, user_id, id);
