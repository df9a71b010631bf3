import type { BudgetNotice, RecordBudgetInput } from '../../contracts/budgets/budget.ts'
import type { JsonObject } from '../../contracts/json.ts'
import type { Db } from '../database/database.ts'
import { storableJson, storableText } from '../database/postgres-text.ts'
import { statement } from '../database/statement.ts'
import { ADD_EVENTS, changeRun, LOCK_RUN, type NewEvent, RESULT } from '../record/change-run.ts'
import { statusByWaits } from '../record/run-waits.ts'
import { limitsData, reachedData } from './budget-events.ts'

const RECORD_BUDGET = statement(
  'record_budget',
  `
  with ${LOCK_RUN},
  changed as (
    update runs set
      budget_progress = :progress,
      budget_limits = :limits,
      budget_wait = :budget_wait::json,
      ${statusByWaits('runs.waits_for', ':budget_wait::json')},
      last_event_seq = runs.last_event_seq + cardinality(:event_types::text[])
    from run where runs.id = run.id and run.open and runs.budget_progress < :progress
    returning runs.id, runs.tenant, runs.last_event_seq
  ),
  ${ADD_EVENTS}
  ${RESULT}`,
)

/** The activity's input. A history of 0.2 has `by`, the author of the last change, in place of `changedBy`. */
type RecordBudget = RecordBudgetInput & { readonly by?: string }

/** Records what became of a run's budget, and whether the run waits for more. A `progress` that is not later than the recorded one changes nothing, which is false. */
export async function recordBudget(db: Db, input: RecordBudget): Promise<boolean> {
  const { run, progress, limits, waits } = input
  return changeRun(db, RECORD_BUDGET, {
    run,
    events: budgetEvents(input),
    values: {
      progress,
      limits: storableJson(limits),
      budget_wait: waits === undefined ? null : storableJson(waits),
    },
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
        ...(notice === 'reached' &&
          input.reached?.lastFailure && { last_failure: input.reached.lastFailure }),
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
