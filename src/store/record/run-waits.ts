import { EVENT_CHANNEL } from './events.ts'

/*
 * What a run waits for stands in its own row: `waits_for`, the approvals of it and of its sub-agents in the order they were
 * asked for, and `budget_wait`. A sub-agent's row is always locked before its parent's, so statements that change both never
 * wait for each other crosswise.
 */

/** Assignments of an open run's status. Approvals come first: somebody may decide them now. Takes SQL for both columns. */
export function statusByWaits(waitsFor: string, budgetWait: string): string {
  return `
      status = case when ${waitsFor} = '{}' and ${budgetWait} is null then 'in_progress' else 'requires_action' end,
      reason = case when ${waitsFor} <> '{}' then 'approval' when ${budgetWait} is not null then 'budget' end`
}

/**
 * `surfaced`, `told_above`: the parent waits, or waits no more, for what its sub-agent does, and tells the same event. After
 * `changed`, which has to return `parent_run_id` too. Takes SQL for the parent's approvals, over `parent.waits_for`.
 */
export function surface(waitsFor: string): string {
  return `
  surfaced as (
    update runs as parent set
      waits_for = ${waitsFor},
      ${statusByWaits(waitsFor, 'parent.budget_wait')},
      last_event_seq = parent.last_event_seq + cardinality($3::text[])
    from changed
    where parent.id = changed.parent_run_id and parent.tenant = changed.tenant and parent.completed_at is null
    returning parent.id, parent.tenant, parent.last_event_seq
  ),
  told_above as (
    insert into run_events (run_id, seq, tenant, type, data)
    select surfaced.id, surfaced.last_event_seq - cardinality($3::text[]) + event.n, surfaced.tenant, event.type,
      (event.data::jsonb || jsonb_build_object('child_run_id', $1::text))::json
    from surfaced,
      rows from (unnest($3::text[]), json_array_elements($4::json)) with ordinality as event (type, data, n)
  )`
}

/** The answer of a statement that surfaces: as `ANSWER`, with the parent's notification. */
export const ANSWER_SURFACED = `
  select
    changed.id is not null as changed,
    case when changed.id is not null
      then pg_notify('${EVENT_CHANNEL}', changed.id || ':' || changed.last_event_seq)
    end,
    case when surfaced.id is not null
      then pg_notify('${EVENT_CHANNEL}', surfaced.id || ':' || surfaced.last_event_seq)
    end
  from run left join changed on true left join surfaced on true`
