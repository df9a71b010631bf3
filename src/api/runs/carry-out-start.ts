import type { FastifyBaseLogger } from 'fastify'
import { runOfRow } from '../../telemetry/fact-run.ts'
import { recordEnd } from '../../telemetry/record-end.ts'
import type { ApiContext } from '../context.ts'
import { Problem } from '../http/problems/problem.ts'
import type { AcceptedStart } from './accept-start.ts'
import { cancelledByCaller } from './cancelled-by-caller.ts'
import { deliverToRun } from './deliver-to-run.ts'
import { startAcceptedRun } from './start-accepted-run.ts'

/**
 * Does in Temporal what accepting a run has decided in the store: it starts the run whose turn it is, and cancels the one whose turn is to
 * end. What fails here the sweeper does later.
 *
 * @returns whether all of it is done
 */
export async function carryOutStart(
  context: Pick<ApiContext, 'database' | 'workflows' | 'telemetry'>,
  { run, input, begun, interrupted, removed }: AcceptedStart,
  log: Pick<FastifyBaseLogger, 'warn'>,
): Promise<boolean> {
  const { workflows, telemetry } = context
  const { agent, agentVersion, promptVersion } = run
  telemetry.record({ type: 'run.accepted', run: runOfRow(run), agent, agentVersion, promptVersion })
  for (const { run: other, ended } of removed)
    recordEnd(telemetry, cancelledByCaller(other), ended, other.plan)
  let done = true
  const left = (what: string) => (error: unknown) => {
    if (!(error instanceof Problem)) throw error
    if (error.code !== 'run_ended') {
      done = false
      log.warn({ err: error, runId: run.id }, what)
    }
    return error.code
  }
  if (interrupted !== null) {
    const code = await deliverToRun(context, interrupted, (workflowId) => workflows.cancel(workflowId)).catch(
      left('the turn before could not be cancelled yet'),
    )
    // Temporal is away: another try would only keep the caller waiting.
    if (code === 'unavailable') return done
  }
  if (begun === null) return done
  const started = begun.id === run.id ? workflows.start(run, input) : startAcceptedRun(context, begun)
  await started.catch(left('accepted a run that could not be started yet'))
  return done
}
