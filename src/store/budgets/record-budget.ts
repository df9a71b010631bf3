import type { RecordBudgetInput } from '../../contracts/activities.ts'
import type { BudgetNotice } from '../../contracts/budget.ts'
import type { JsonObject } from '../../contracts/json.ts'
import type { Db } from '../database/database.ts'
import { storableJson, storableText } from '../database/postgres-text.ts'
import { ANSWER, changeRun, LOCK_RUN, type NewEvent, TELL_EVENTS } from '../record/run-change.ts'
import { statusByWaits } from '../record/run-waits.ts'
import { limitsData, reachedData } from './budget-events.ts'

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

/** The activity's input. One that a run of 0.2 has in its history says `by`, who changed it last, in place of `changedBy`. */
type RecordBudget = RecordBudgetInput & { readonly by?: string }

/** Records what became of a run's budget, and whether it waits for more. Each `progress` once, and none after a later one. */
export async function recordBudget(db: Db, input: RecordBudget): Promise<void> {
  const { run, progress, limits, waits } = input
  await changeRun(db, {
    name: 'record_budget',
    text: RECORD,
    run,
    events: budgetEvents(input),
    values: [progress, storableJson(limits), waits === undefined ? null : storableJson(waits)],
  })
}

function budgetEvents(input: RecordBudget): NewEvent[] {
  const { notices, limits, waits } = input
  const authors = [...(input.changedBy ?? [])]
  return notices.map((notice) => {
    const by = notice === 'changed' ? (authors.shift() ?? input.by) : undefined
    return {
      type: `budget.${notice}`,
      data: {
        ...aboutLimit(notice, input),
        limits: limitsData(limits),
        ...(by !== undefined && { by: storableText(by) }),
        ...(notice === 'reached' && waits && { expires_at: waits.expiresAt }),
      },
    }
  })
}

function aboutLimit(notice: BudgetNotice, { reached, threshold }: RecordBudgetInput): JsonObject {
  if (notice === 'changed') return {}
  const about = notice === 'threshold' ? threshold : reached
  return about === undefined ? {} : reachedData(about)
}
