import { startedAgent } from '../../contracts/runs/agents-of-plan.ts'
import { recordModelWait } from '../../store/models/record-model-wait.ts'
import { toFactRun } from '../../telemetry/fact-run.ts'
import type { Dependencies } from '../dependencies.ts'
import type { Held } from '../runs/accepted-runs.ts'

/** Records that a run waits for models, or waits no longer. */
export function createRecordModelWait({
  database,
  telemetry,
}: Pick<Dependencies, 'database' | 'telemetry'>): Held<'recordModelWait'>['recordModelWait'] {
  return async (input, { plan }) => {
    if (!(await recordModelWait(database, input))) return
    const { notices, run } = input
    const about = { run: toFactRun(run), agent: startedAgent(plan) }
    for (const notice of notices) {
      telemetry.record(
        notice === 'away'
          ? { type: 'run.waits', ...about, waitsFor: 'models' }
          : { type: 'run.goes_on', ...about, waitedFor: 'models' },
      )
    }
  }
}
