import type { FastifyBaseLogger } from 'fastify'
import { runOfRow } from '../../telemetry/fact-run.ts'
import type { ApiContext } from '../context.ts'
import { Problem } from '../http/problems/problem.ts'
import type { AcceptedStart } from './accept-start.ts'

/** Tells of a run that was accepted, and starts it in Temporal. What fails here the sweeper does later. */
export async function startAccepted(
  { workflows, telemetry }: Pick<ApiContext, 'workflows' | 'telemetry'>,
  { run, input }: AcceptedStart,
  log: Pick<FastifyBaseLogger, 'warn'>,
): Promise<void> {
  const { agent, agentVersion, promptVersion } = run
  telemetry.record({ type: 'run.accepted', run: runOfRow(run), agent, agentVersion, promptVersion })
  await workflows.start(run, input).catch((error: unknown) => {
    if (!(error instanceof Problem)) throw error
    log.warn({ err: error, runId: run.id }, 'accepted a run that could not be started yet')
  })
}
