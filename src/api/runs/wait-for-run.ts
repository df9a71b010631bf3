import { isTerminal } from '../../contracts/runs/run.ts'
import type { RunRow } from '../../store/record/run-row.ts'
import { findRun } from '../../store/runs/runs.ts'
import type { ApiContext } from '../context.ts'
import { waitUntil } from '../http/wait-until.ts'

/**
 * Waits until the run has ended or requires action, which the waiting caller may have to take. When the time is up, or `signal` aborts,
 * it returns the run as it is then.
 */
export function waitForRun(
  { database, hub }: Pick<ApiContext, 'database' | 'hub'>,
  run: RunRow,
  timeoutMs: number,
  signal: AbortSignal,
): Promise<RunRow> {
  return waitUntil({
    subscribe: (onRows) => hub.subscribe(run.id, { onRows }),
    look: async () => (await findRun(database, run.tenant, run.id)) ?? run,
    isDone: ({ status }) => isTerminal(status) || status === 'requires_action',
    timeoutMs,
    signal,
  })
}
