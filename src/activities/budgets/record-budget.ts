import { startedAgent } from '../../contracts/runs/agents-of-plan.ts'
import { recordBudget } from '../../store/budgets/record-budget.ts'
import { toFactRun } from '../../telemetry/fact-run.ts'
import type { Dependencies } from '../dependencies.ts'
import type { Held } from '../runs/accepted-runs.ts'

/** Records what became of a run's budget, and whether the run waits for more. */
export function createRecordBudget({
  database,
  telemetry,
}: Pick<Dependencies, 'database' | 'telemetry'>): Held<'recordBudget'>['recordBudget'] {
  return async (input, { plan }) => {
    if (!(await recordBudget(database, input))) return
    const { notices, reached, waits, run } = input
    const about = { run: toFactRun(run), agent: startedAgent(plan) }
    if (reached !== undefined && notices.includes('reached'))
      telemetry.record({ type: 'budget.reached', ...about, reached })
    if (waits !== undefined && notices.includes('reached'))
      telemetry.record({ type: 'run.waits', ...about, waitsFor: 'budget' })
    if (waits === undefined && notices.includes('resumed'))
      telemetry.record({ type: 'run.goes_on', ...about, waitedFor: 'budget' })
  }
}
