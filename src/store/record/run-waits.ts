import { EVENT_CHANNEL } from './events.ts'

/*
 * A run's row says what the run waits for: `waits_for` has the approvals of the run and of its sub-agents in the order in which they
 * were asked for, `budget_wait` the budget. A statement that changes a sub-agent's row and its parent's locks the sub-agent's first,
 * so that two never deadlock.
 */

/**
 * Assignments of `status` and `reason` to an open run. Approvals come before the budget, since a person may decide them now.
 *
 * @param waitsFor SQL of the approvals that the run waits for
 * @param budgetWait SQL of the budget that it waits for
 */
export function statusByWaits(waitsFor: string, budgetWait: string): string {
  return `
      status = case when ${waitsFor} = '{}' and ${budgetWait} is null then 'in_progress' else 'requires_action' end,
      reason = case when ${waitsFor} <> '{}' then 'approval' when ${budgetWait} is not null then 'budget' end`
}

/**
 * Copies a sub-agent's wait to its parent: `surfaced` updates the parent's `waits_for` and status, `parent_events_added` appends
 * the same events to the parent's. Stands after `changed`, which has to return `parent_run_id` too. Takes $1 run id, $3 types and
 * $4 data of the events.
 *
 * @param waitsFor SQL of the parent's approvals, over `parent.waits_for`
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
  parent_events_added as (
    insert into run_events (run_id, seq, tenant, type, data)
    select surfaced.id, surfaced.last_event_seq - cardinality($3::text[]) + event.n, surfaced.tenant, event.type,
      (event.data::jsonb || jsonb_build_object('child_run_id', $1::text))::json
    from surfaced,
      rows from (unnest($3::text[]), json_array_elements($4::json)) with ordinality as event (type, data, n)
  )`
}

/** As `RESULT`, for a statement with `surfaced`: notifies the parent's readers, too. */
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
