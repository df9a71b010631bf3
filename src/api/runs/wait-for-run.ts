import { isTerminal } from '../../contracts/run.ts'
import { HTTP } from '../../policies/api.ts'
import type { RunRow } from '../../store/record/run-row.ts'
import { findRun } from '../../store/runs/runs.ts'
import type { ApiContext } from '../context.ts'
import { createDoorbell } from '../http/doorbell.ts'

/**
 * The run once it has ended or only goes on when somebody acts, which may be the very caller that waits; else as it stands when
 * the time is up or `signal` aborts.
 */
export async function waitForRun(
  { database, hub }: Pick<ApiContext, 'database' | 'hub'>,
  run: RunRow,
  timeoutMs: number,
  signal: AbortSignal,
): Promise<RunRow> {
  const bell = createDoorbell()
  const unsubscribe = hub.subscribe(run.id, { onRows: bell.ring })
  const deadline = performance.now() + timeoutMs
  try {
    for (;;) {
      const now = (await findRun(database, run.tenant, run.id)) ?? run
      const leftMs = deadline - performance.now()
      const isAtRest = isTerminal(now.status) || now.status === 'requires_action'
      if (isAtRest || leftMs <= 0 || signal.aborted) return now
      await bell.wait(Math.min(leftMs, HTTP.sseHeartbeatMs), signal)
    }
  } finally {
    unsubscribe()
  }
}
