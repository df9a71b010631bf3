-- Whose runs are whose: keys of idempotency belong to a principal, lists are of one principal or by metadata, approvers find the
-- runs that they decide about, and a cancel says who asked for it.

alter table runs add column cancel_requested_by text;

-- Two principals may use one key. A row from before keeps the key for its own principal.
create unique index runs_by_principal_key on runs (tenant, principal, idempotency_key) where idempotency_key is not null;
drop index runs_by_key;

-- The first to use a key has the workflow named after it alone. A sub-agent's name follows from its parent's.
create unique index runs_by_workflow on runs (workflow_id) where parent_run_id is null;

create index runs_by_principal on runs (tenant, principal, created_at desc, id desc);
create index runs_by_metadata on runs using gin ((metadata::jsonb) jsonb_path_ops);
create index approvals_of_parent on approvals (parent_run_id) where parent_run_id is not null;
