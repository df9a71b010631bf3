import type { RecordBudgetInput } from '../contracts/activities.ts'
import type { BudgetNotice } from '../contracts/budget.ts'
import type { JsonObject } from '../contracts/json.ts'
import { limitsData, reachedData } from './budget-data.ts'
import type { Db } from './database.ts'
import { ANSWER, changeRun, LOCK_RUN, type NewEvent, TELL_EVENTS } from './run-change.ts'
import { statusByWaits } from './run-waits.ts'
import { storableJson, storableText } from './storable.ts'

const RECORD = `
  with ${LOCK_RUN},
  changed as (
    update runs set
      budget_progress = $5,
      budget_limits = $6,
      budget_wait = $7::json,
      ${statusByWaits('runs.waits_for', '$7::json')},
      last_event_seq = runs.last_event_seq + cardinality($3::text[])
    from run where runs.id = run.id and run.open and runs.budget_progress < $5
    returning runs.id, runs.tenant, runs.last_event_seq
  ),
  ${TELL_EVENTS}
  ${ANSWER}`

/** Records what became of a run's budget, and whether it waits for more. Each `progress` once, and none after a later one. */
export async function recordBudget(db: Db, input: RecordBudgetInput): Promise<void> {
  const { run, progress, limits, waits } = input
  await changeRun(db, {
    name: 'record_budget',
    text: RECORD,
    run,
    events: budgetEvents(input),
    values: [progress, storableJson(limits), waits === undefined ? null : storableJson(waits)],
  })
}

function budgetEvents(input: RecordBudgetInput): NewEvent[] {
  const { notices, limits, waits, by } = input
  return notices.map((notice) => ({
    type: `budget.${notice}`,
    data: {
      ...aboutLimit(notice, input),
      limits: limitsData(limits),
      ...(notice === 'changed' && by !== undefined && { by: storableText(by) }),
      ...(notice === 'reached' && waits && { expires_at: waits.expiresAt }),
    },
  }))
}

function aboutLimit(notice: BudgetNotice, { reached, threshold }: RecordBudgetInput): JsonObject {
  if (notice === 'changed') return {}
  const about = notice === 'threshold' ? threshold : reached
  return about === undefined ? {} : reachedData(about)
}
