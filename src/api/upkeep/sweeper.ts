import type { FastifyInstance } from 'fastify'
import { HTTP } from '../../policies/api.ts'
import type { ApiContext } from '../context.ts'
import { createReconciler } from './close-ended-runs.ts'
import { repeat } from './repeat.ts'
import { createReleaser } from './resend-kill-switches-off.ts'
import { createSettler } from './settle-abandoned-calls.ts'
import { createStarter } from './start-accepted-runs.ts'

/**
 * Looks after what no request is there for: runs that were accepted while Temporal was away, runs that Temporal ended without
 * telling us, runs that missed that a kill switch is off, and what dead workers have reserved. It begins when the server
 * listens and ends with it; several processes may do it at once.
 */
export function addSweeper(
  server: FastifyInstance,
  context: Pick<ApiContext, 'app' | 'database' | 'workflows' | 'broadcast'>,
): void {
  const parts = { ...context, logger: server.log }
  const stops: (() => Promise<void>)[] = []
  server.addHook('onListen', async () => {
    stops.push(
      repeat(HTTP.sweepEveryMs, createStarter(parts), server.log),
      repeat(HTTP.reconcileEveryMs, createReconciler(parts), server.log),
      repeat(HTTP.settleEveryMs, createSettler(parts), server.log),
      repeat(HTTP.releaseEveryMs, createReleaser(context), server.log),
    )
  })
  server.addHook('onClose', async () => {
    await Promise.all(stops.map((stop) => stop()))
  })
}
