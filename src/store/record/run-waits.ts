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
 * Copies a sub-agent's wait to its parent: `parent_changed` updates the parent's `waits_for` and status, `parent_events_added` appends
 * the same events to the parent's. Stands after `changed`, which has to return `parent_run_id` too. Takes `:run_id`, `:event_types`,
 * `:event_data`.
 *
 * @param waitsFor SQL of the parent's approvals, over `parent.waits_for`
 */
export function copyWaitToParent(waitsFor: string): string {
  return `
  parent_changed as (
    update runs as parent set
      waits_for = ${waitsFor},
      ${statusByWaits(waitsFor, 'parent.budget_wait')},
      last_event_seq = parent.last_event_seq + cardinality(:event_types::text[])
    from changed
    where parent.id = changed.parent_run_id and parent.tenant = changed.tenant and parent.completed_at is null
    returning parent.id, parent.tenant, parent.last_event_seq
  ),
  parent_events_added as (
    insert into run_events (run_id, seq, tenant, type, data)
    select parent_changed.id, parent_changed.last_event_seq - cardinality(:event_types::text[]) + event.n, parent_changed.tenant, event.type,
      (event.data::jsonb || jsonb_build_object('child_run_id', :run_id::text))::json
    from parent_changed,
      rows from (unnest(:event_types::text[]), json_array_elements(:event_data::json)) with ordinality as event (type, data, n)
  )`
}

/**
 * As `RESULT`, for a statement with `parent_changed`: notifies the parent's readers, too.
 *
 * @param columns more columns of the result, each after a comma
 * @param join of what these columns are taken from
 */
export function resultWithParent(columns = '', join = ''): string {
  return `
  select
    changed.id is not null as changed,
    case when changed.id is not null
      then pg_notify('${EVENT_CHANNEL}', changed.id || ':' || changed.last_event_seq)
    end,
    case when parent_changed.id is not null
      then pg_notify('${EVENT_CHANNEL}', parent_changed.id || ':' || parent_changed.last_event_seq)
    end${columns}
  from run left join changed on true left join parent_changed on true ${join}`
}
