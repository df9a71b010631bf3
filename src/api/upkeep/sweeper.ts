import type { FastifyBaseLogger, FastifyInstance } from 'fastify'
import { ANSWER_CACHE } from '../../policies/answer-cache.ts'
import { HTTP } from '../../policies/api.ts'
import { WAKING } from '../../policies/breakers.ts'
import { PRESENCE } from '../../policies/processes.ts'
import type { ApiContext } from '../context.ts'
import { closeEndedRunsJob } from './close-ended-runs.ts'
import { dropExpiredAnswersJob } from './drop-expired-answers.ts'
import { forgetFullBucketsJob } from './forget-full-buckets.ts'
import { repeat } from './repeat.ts'
import { resendKillSwitchesOffJob } from './resend-kill-switches-off.ts'
import { settleAbandonedCallsJob } from './settle-abandoned-calls.ts'
import { startAcceptedRunsJob } from './start-accepted-runs.ts'
import { tellLostProcessesJob } from './tell-lost-processes.ts'
import { wakeWaitingRunsJob } from './wake-waiting-runs.ts'

/**
 * Repeats jobs while the server listens: they start runs that were accepted while Temporal was away, close runs that Temporal has ended,
 * signal kill switches that are off and models that are back, settle what dead workers have reserved, and remove cached answers that are
 * too old and rows of limits that nobody uses, and log which processes have died. Several processes may do so at once.
 */
export function addSweeper(
  server: FastifyInstance,
  parts: Pick<ApiContext, 'app' | 'database' | 'workflows' | 'broadcast' | 'telemetry'> & {
    readonly logger: FastifyBaseLogger
    readonly taskQueue: string
  },
): void {
  const { logger } = parts
  const stops: (() => Promise<void>)[] = []
  server.addHook('onListen', async () => {
    stops.push(
      repeat(HTTP.sweepEveryMs, startAcceptedRunsJob(parts), logger),
      repeat(HTTP.reconcileEveryMs, closeEndedRunsJob(parts), logger),
      repeat(HTTP.settleEveryMs, settleAbandonedCallsJob(parts), logger),
      repeat(HTTP.releaseEveryMs, forgetFullBucketsJob(parts), logger),
      repeat(ANSWER_CACHE.dropEveryMs, dropExpiredAnswersJob(parts), logger),
      repeat(HTTP.releaseEveryMs, resendKillSwitchesOffJob(parts), logger),
      repeat(PRESENCE.everyMs, tellLostProcessesJob(parts), logger),
      repeat(WAKING.everyMs, wakeWaitingRunsJob(parts), logger),
    )
  })
  server.addHook('onClose', async () => {
    await Promise.all(stops.map((stop) => stop()))
  })
}
