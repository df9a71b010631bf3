import type { Logger } from 'pino'
import type { RunIdentity } from '../../contracts/runs/run.ts'
import type { Db } from '../database/database.ts'
import { type NamedStatement, statement } from '../database/statement.ts'
import { LOCK_RUN } from '../record/change-run.ts'
import { abandonAttempts, LOST } from './abandoned-attempts.ts'

export interface AbandonedAttempts {
  /** Longer than any attempt may take. */
  readonly olderThanMs: number
  /** Runs at a time. */
  readonly limit?: number
  readonly logger: Pick<Logger, 'error'>
}

const SETTLE_OLD = settling(
  'settle_abandoned_attempts',
  "attempt.began_at < now() - :older_than_ms * interval '1 millisecond'",
)
const SETTLE_LEFT_OPEN = settling('settle_left_open', 'true')

function settling(name: string, where: string): NamedStatement {
  return statement(
    name,
    `
  with ${LOCK_RUN},
  ${abandonAttempts({ of: 'run', where })},
  changed as (
    update runs set ${LOST.trim()} from lost where runs.id = :run_id and lost.attempts > 0
  )
  select attempts from lost`,
  )
}

const FIND_ABANDONED = statement(
  'find_abandoned_attempts',
  `
  select run_id as "runId", tenant from model_attempts
  where status = 'open' and began_at < now() - :older_than_ms * interval '1 millisecond'
  group by 1, 2 order by min(began_at), 1
  limit :limit`,
)

/**
 * Settles attempts that nobody goes on with, of whatever tenant: their worst case counts as used from then on. The attempts of a
 * run that goes on are settled by it; this is for those whose workers are gone with nobody in their place. The longest left ones
 * first; a run that can't be settled is left to the next time. Returns how many.
 */
export async function settleAbandonedAttempts(
  db: Db,
  { olderThanMs, limit = 100, logger }: AbandonedAttempts,
): Promise<number> {
  const runs = await db.query<Pick<RunIdentity, 'runId' | 'tenant'>>(
    FIND_ABANDONED.with({ older_than_ms: olderThanMs, limit }),
  )
  let settled = 0
  // One by one: each is locked with the budgets it shares, and two runs at once could wait for each other crosswise.
  for (const { runId, tenant } of runs) {
    try {
      const [row] = await db.query<{ attempts: number }>(
        SETTLE_OLD.with({ run_id: runId, tenant, older_than_ms: olderThanMs }),
      )
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
  await db.query(SETTLE_LEFT_OPEN.with({ run_id: runId, tenant }))
}
