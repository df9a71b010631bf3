import type { Logger } from 'pino'
import type { RunIdentity } from '../../contracts/run.ts'
import type { Db } from '../database/database.ts'
import { LOCK_RUN } from '../record/run-change.ts'
import { abandonAttempts, LOST } from './abandoned-attempts.ts'

export interface AbandonedAttempts {
  /** Longer than any attempt may take. */
  readonly olderThanMs: number
  /** Runs at a time. */
  readonly limit?: number
  readonly logger: Pick<Logger, 'error'>
}

const SETTLE_OLD = statement("attempt.began_at < now() - $3 * interval '1 millisecond'")
const SETTLE_ALL = statement('true')

function statement(where: string): string {
  return `
  with ${LOCK_RUN},
  ${abandonAttempts({ of: 'run', where })},
  changed as (
    update runs set ${LOST.trim()} from lost where runs.id = $1 and lost.attempts > 0
  )
  select attempts from lost`
}

/**
 * Settles attempts that nobody goes on with, of whatever tenant: their worst case counts as used from then on. The attempts of a
 * run that goes on are settled by it; this is for those whose workers are gone with nobody in their place. The longest left ones
 * first; a run that can't be settled is left to the next time. Returns how many.
 */
export async function settleAbandonedAttempts(
  db: Db,
  { olderThanMs, limit = 100, logger }: AbandonedAttempts,
): Promise<number> {
  const runs = await db.query<Pick<RunIdentity, 'runId' | 'tenant'>>({
    name: 'find_abandoned_attempts',
    text: `
      select run_id as "runId", tenant from model_attempts
      where status = 'open' and began_at < now() - $1 * interval '1 millisecond'
      group by 1, 2 order by min(began_at), 1
      limit $2`,
    values: [olderThanMs, limit],
  })
  let settled = 0
  // One by one: each is locked with the budgets it shares, and two runs at once could wait for each other crosswise.
  for (const { runId, tenant } of runs) {
    try {
      const [row] = await db.query<{ attempts: number }>({
        name: 'settle_abandoned_attempts',
        text: SETTLE_OLD,
        values: [runId, tenant, olderThanMs],
      })
      settled += row?.attempts ?? 0
    } catch (err) {
      logger.error({ err, runId }, 'abandoned attempts not settled')
    }
  }
  return settled
}

/** The same for all that an ended run has left open. */
export async function settleLeftOpen(
  db: Db,
  { runId, tenant }: Pick<RunIdentity, 'runId' | 'tenant'>,
): Promise<void> {
  await db.query({ name: 'settle_left_open', text: SETTLE_ALL, values: [runId, tenant] })
}
