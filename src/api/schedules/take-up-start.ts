import type { FastifyBaseLogger } from 'fastify'
import type { RunId } from '../../contracts/runs/run.ts'
import type { Schedule } from '../../contracts/schedules/schedule.ts'
import { findApiKey } from '../../store/access/api-keys.ts'
import { findRunByKey } from '../../store/runs/runs.ts'
import { type ClaimedStart, findOpenRuns } from '../../store/schedules/claim-starts.ts'
import { type Settled, settleStart } from '../../store/schedules/scheduled-starts.ts'
import { findSchedule, stopSchedule } from '../../store/schedules/schedules.ts'
import { LOCAL_PRINCIPAL, type Principal } from '../access/principal.ts'
import type { ApiContext } from '../context.ts'
import { Problem } from '../http/problems/problem.ts'
import { acceptStart } from '../runs/accept-start.ts'
import { cancelRun } from '../runs/cancel-run.ts'
import type { StartRunBody } from '../runs/run.schema.ts'
import { startAccepted } from '../runs/start-accepted.ts'

type Parts = Pick<
  ApiContext,
  'app' | 'outside' | 'database' | 'workflows' | 'schedules' | 'telemetry' | 'keys'
> & { readonly logger: Pick<FastifyBaseLogger, 'warn' | 'info'> }

/**
 * Decides about a start that this process has claimed, and starts its run. The run has the start's id as its idempotency key, so that a
 * start which is taken up again, after the process that had it died, makes no second run.
 *
 * @throws what accepting the run throws, where it may go through later: the claim then ends by itself, and the start is taken up again
 */
export async function takeUpStart(parts: Parts, start: ClaimedStart): Promise<Settled> {
  const settled = await decide(parts, start)
  await settleStart(parts.database, start.id, settled)
  return settled
}

async function decide(parts: Parts, start: ClaimedStart): Promise<Settled> {
  const { database, logger } = parts
  const schedule = await findSchedule(database, start.tenant, start.scheduleId)
  if (schedule === null) return { outcome: 'skipped' }
  const made = await findRunByKey(database, schedule.tenant, schedule.principal, start.id)
  if (made !== null) return { outcome: 'started', runId: made.id }

  const byHand = start.askedBy !== null
  if (schedule.pausedAt !== null && !byHand) return { outcome: 'skipped' }
  const principal = await principalOf(parts, schedule)
  if (principal === null) {
    await stopSchedule(database, schedule)
    logger.warn(
      { scheduleId: schedule.id, tenant: schedule.tenant },
      'stopped a schedule without a valid key',
    )
    return { outcome: 'refused', code: 'schedule_stopped' }
  }
  const isLate = !byHand && start.outcome === 'due' && start.lateMs > schedule.catchUpMs
  if (isLate) return { outcome: 'missed' }
  const open = byHand || schedule.overlap === 'allow_all' ? [] : await findOpenRuns(database, schedule.id)
  if (open.length > 0) return makeWay(parts, principal, schedule, open)
  return startRun(parts, principal, schedule, start)
}

/** The creator, with what the key may do now; null where the key is good no more. */
async function principalOf(
  { database, keys }: Pick<Parts, 'database' | 'keys'>,
  { tenant, principal, keyId }: Schedule,
): Promise<Principal | null> {
  // A schedule of a time in which nobody was asked for a key is nobody's once keys are asked for.
  if (keyId === null) return keys === null ? { ...LOCAL_PRINCIPAL, tenant, id: principal } : null
  const found = await findApiKey(database, keyId)
  if (found === null || !found.live) return null
  const { groups, scopes } = found.key
  return { tenant, id: principal, groups, scopes, keyId }
}

async function makeWay(
  parts: Parts,
  principal: Principal,
  { overlap }: Schedule,
  open: readonly RunId[],
): Promise<Settled> {
  if (overlap === 'skip') return { outcome: 'skipped' }
  if (overlap === 'cancel_other') {
    for (const run of open) {
      await cancelRun(parts, principal, run).catch((error: unknown) => {
        if (!(error instanceof Problem && error.code === 'run_ended')) throw error
      })
    }
  }
  return { outcome: 'waiting' }
}

async function startRun(
  parts: Parts,
  principal: Principal,
  schedule: Schedule,
  start: ClaimedStart,
): Promise<Settled> {
  try {
    // The route of schedules has taken it as the body of a start.
    const body = schedule.start as unknown as StartRunBody
    const accepted = await acceptStart(parts, principal, body, start.id)
    if (accepted.created) await startAccepted(parts, accepted, parts.logger)
    return { outcome: 'started', runId: accepted.run.id }
  } catch (error) {
    if (!(error instanceof Problem) || mayPass(error, schedule, start)) throw error
    return { outcome: 'refused', code: error.code }
  }
}

/** An API of an older build does not know the agents of a newer one, which may take up the start next time. */
function mayPass({ code }: Problem, { catchUpMs }: Schedule, { askedBy, lateMs }: ClaimedStart): boolean {
  if (code === 'unavailable') return true
  return code === 'unknown_agent' && askedBy === null && lateMs <= catchUpMs
}
