-- Who asks and who decides: groups of a run's principal, an approval's terms and votes, refused decisions, and which tools a
-- principal has used.

alter table runs add column groups text[] not null default '{}';

alter table approvals
  add column requester text not null default '',
  -- Approvals from before this were on these terms.
  add column terms json not null default '{"approvers":[],"quorum":1,"excludeRequester":false,"rejection":"ends","decisions":["approve","reject"],"timeoutMs":604800000,"onTimeout":"reject","escalation":[],"remindEveryMs":0}',
  -- Groups that may decide now; none means everybody.
  add column approvers text[] not null default '{}',
  -- `jsonb`, since the inbox looks for a voter in it.
  add column votes jsonb not null default '[]',
  -- Votes, escalations and reminders on the record so far.
  add column progress integer not null default 0,
  add column edited_arguments json,
  add column edited_sha256 text;
update approvals set requester = runs.principal from runs where runs.id = approvals.run_id;
alter table approvals
  alter column requester drop default,
  alter column terms drop default,
  drop constraint approvals_status_check,
  add constraint approvals_status_check check (
    status in ('pending', 'approved', 'edited', 'rejected', 'responded', 'expired', 'cancelled')
  );

-- `answered`: a person has answered in the tool's place.
alter table tool_calls
  drop constraint tool_calls_status_check,
  add constraint tool_calls_status_check check (
    status in ('requested', 'started', 'done', 'unknown', 'rejected', 'denied', 'answered')
  );

-- Decisions that were not accepted: each person's attempt with one and the same problem once, so that trying again and again
-- fills no table. Whoever tries may name an approval that there never was.
create table approval_refusals (
  run_id text collate "C" not null,
  approval_id text collate "C" not null,
  by text not null,
  code text not null,
  tenant text not null,
  at timestamptz(3) not null default now(),
  primary key (run_id, approval_id, by, code)
);

-- Tools that have succeeded for a principal. A table of its own: a principal may have a million runs, and the question is asked
-- before every model call of an agent whose policy cares.
create table tools_used (
  tenant text not null,
  principal text not null,
  tool text not null,
  first_used_at timestamptz(3) not null default now(),
  primary key (tenant, principal, tool)
);
insert into tools_used (tenant, principal, tool, first_used_at)
select runs.tenant, runs.principal, tool_calls.tool, min(coalesce(tool_calls.ended_at, tool_calls.created_at))
from tool_calls join runs on runs.id = tool_calls.run_id
where tool_calls.status = 'done' and tool_calls.outcome ->> 'status' = 'ok'
group by 1, 2, 3;
