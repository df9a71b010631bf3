import type { FastifyBaseLogger } from 'fastify'
import type { RunId } from '../../contracts/runs/run.ts'
import type { Schedule } from '../../contracts/schedules/schedule.ts'
import { findApiKey } from '../../store/access/api-keys.ts'
import { findRunByKey } from '../../store/runs/runs.ts'
import { type ClaimedStart, findOpenRuns } from '../../store/schedules/claim-starts.ts'
import { type Settled, settleStart } from '../../store/schedules/scheduled-starts.ts'
import { findSchedule, stopSchedule } from '../../store/schedules/schedules.ts'
import { actingFor } from '../access/acting.ts'
import { LOCAL_PRINCIPAL, type Principal } from '../access/principal.ts'
import type { ApiContext } from '../context.ts'
import { Problem } from '../http/problems/problem.ts'
import { acceptStart } from '../runs/accept-start.ts'
import { cancelRun } from '../runs/cancel-run.ts'
import { carryOutStart } from '../runs/carry-out-start.ts'
import type { StartRunBody } from '../runs/run.schema.ts'

/** What starting the runs of schedules takes. */
export interface ScheduleParts
  extends Pick<
    ApiContext,
    'app' | 'outside' | 'database' | 'workflows' | 'schedules' | 'telemetry' | 'auth' | 'webhookHosts'
  > {
  readonly logger: Pick<FastifyBaseLogger, 'warn' | 'info'>
}

/**
 * Decides about a start that this process has claimed, and starts its run. The run has the start's id as its idempotency key, so that a
 * start which is taken up again, after the process that had it died, makes no second run.
 *
 * @throws what accepting the run throws, where it may go through later: the claim then ends by itself, and the start is taken up again
 */
export async function takeUpStart(parts: ScheduleParts, start: ClaimedStart): Promise<Settled> {
  const settled = await decide(parts, start)
  await settleStart(parts.database, start.id, settled)
  return settled
}

async function decide(parts: ScheduleParts, start: ClaimedStart): Promise<Settled> {
  const { database, logger } = parts
  const schedule = await findSchedule(database, start.tenant, start.scheduleId)
  if (schedule === null) return { outcome: 'skipped' }
  // The route of schedules has taken it as the body of a start.
  const body = schedule.start as unknown as StartRunBody
  const owner = body.principal ?? schedule.principal
  const made = await findRunByKey(database, schedule.tenant, owner, start.id)
  if (made !== null) return { outcome: 'started', runId: made.id }

  const byHand = start.askedBy !== null
  if (schedule.pausedAt !== null && !byHand) return { outcome: 'skipped' }
  if (start.isSuspended) return { outcome: 'refused', code: 'tenant_suspended' }
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
  if (open.length > 0) return makeWay(parts, actingFor(principal, body), schedule, open)
  return startRun(parts, principal, body, schedule, start)
}

/** The creator, with what the key may do now; null where the key is good no more. */
async function principalOf(
  { database, auth }: Pick<ScheduleParts, 'database' | 'auth'>,
  { tenant, principal, keyId }: Schedule,
): Promise<Principal | null> {
  // A schedule of a time in which nobody was asked for a key is nobody's once keys are asked for.
  if (keyId === null) return auth === 'none' ? { ...LOCAL_PRINCIPAL, tenant, id: principal } : null
  const found = await findApiKey(database, keyId)
  if (found === null || !found.live) return null
  const { groups, scopes } = found.key
  return { tenant, id: principal, groups, scopes, credential: { type: 'key', id: keyId, principal } }
}

async function makeWay(
  parts: ScheduleParts,
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
  parts: ScheduleParts,
  principal: Principal,
  body: StartRunBody,
  schedule: Schedule,
  start: ClaimedStart,
): Promise<Settled> {
  try {
    const accepted = await acceptStart(parts, principal, body, start.id)
    if (accepted.created) await carryOutStart(parts, accepted, parts.logger)
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
