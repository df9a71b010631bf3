import type { RunSpent } from '../../contracts/budgets/budget.ts'
import type { ClassifierCall, RouteChoice } from '../../contracts/models/routing.ts'
import type { RunIdentity } from '../../contracts/runs/run.ts'
import type { Db } from '../database/database.ts'
import { storableJson } from '../database/postgres-text.ts'
import { statement } from '../database/statement.ts'
import { ADD_EVENTS, changeRunFor, LOCK_RUN, type NewEvent } from '../record/change-run.ts'
import { EVENT_CHANNEL } from '../record/events.ts'
import { usageData } from '../record/usage-data.ts'
import { SPENT_COLUMNS, toSpent } from './run-spent.ts'

export interface RecordRoute {
  readonly run: RunIdentity
  readonly step: number
  readonly agent: string
  readonly choice: RouteChoice
  /** The models of the chosen chain, in its order. */
  readonly models: readonly string[]
}

/** `of_run`: the run's totals. */
const RECORD = statement(
  'record_route',
  `
  with ${LOCK_RUN},
  changed as (
    update runs set
      routes = coalesce(runs.routes, '{}') || jsonb_build_object(:agent::text, :choice::jsonb),
      last_event_seq = runs.last_event_seq + cardinality(:event_types::text[])
    from run
    where runs.id = run.id and run.open
      and (runs.routes -> :agent is null or :is_escalation::boolean and runs.routes -> :agent -> 'cause' is null)
    returning runs.id, runs.tenant, runs.last_event_seq
  ),
  ${ADD_EVENTS}
  select changed.id is not null as changed, of_run.*,
    case when changed.id is not null then pg_notify('${EVENT_CHANNEL}', changed.id || ':' || changed.last_event_seq) end
  from run
  cross join lateral (select ${SPENT_COLUMNS} from runs where runs.id = run.id) as of_run
  left join changed on true`,
)

/**
 * Records which chain an agent has in a run, where no choice is recorded yet: the first one stands, but for an
 * escalation, which comes once. Returns the run's totals as well.
 */
export async function recordRoute(
  db: Db,
  route: RecordRoute,
): Promise<{ readonly recorded: boolean; readonly spent: RunSpent }> {
  const { run, agent, choice } = route
  const row = await changeRunFor<RunSpent>(db, RECORD, {
    run,
    events: [routedEvent(route)],
    values: { agent, choice: storableJson(choice), is_escalation: choice.cause !== undefined },
  })
  return { recorded: row.changed, spent: toSpent(row) }
}

function routedEvent({ step, agent, choice: { rule, cause, classifier }, models }: RecordRoute): NewEvent {
  return {
    type: 'model.routed',
    data: {
      step,
      agent,
      rule,
      ...(cause !== undefined && { cause }),
      models: [...models],
      ...(classifier !== undefined && { classifier: classifierData(classifier) }),
    },
  }
}

function classifierData({ model, label, problem, usage, costMicroUsd }: ClassifierCall) {
  return {
    model,
    ...(label !== undefined && { label }),
    ...(problem !== undefined && { problem }),
    ...(usage !== undefined && { usage: usageData(usage) }),
    ...(costMicroUsd !== undefined && { cost_micro_usd: costMicroUsd }),
  }
}
