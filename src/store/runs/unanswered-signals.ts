import type { Db } from '../database/database.ts'
import { statement } from '../database/statement.ts'

export interface UnansweredSignals {
  readonly runId: string
  readonly tenant: string
  /** The person who sends them. */
  readonly by: string
}

const COUNT_SIGNAL = statement(
  'count_signal',
  `
  insert into unanswered_signals as known (run_id, by, tenant, signals) values (:run_id, :by, :tenant, 1)
  on conflict (run_id, by) do update set signals = known.signals + 1 where known.signals < :most
  returning signals`,
)

const FORGET_SIGNALS = statement('forget_signals', 'delete from unanswered_signals where run_id = :run_id')

/**
 * Counts a signal that a run is sent while no worker answers. False where this person has `most` signals unanswered: the bound keeps
 * a run's history short, and one person's flood from shutting out another person's decision.
 */
export async function countSignal(
  db: Db,
  { runId, tenant, by }: UnansweredSignals,
  most: number,
): Promise<boolean> {
  const rows = await db.query(COUNT_SIGNAL.with({ run_id: runId, by, tenant, most }))
  return rows.length > 0
}

/** Sets the counts of a run to zero: it has answered, and it takes messages in order, so it has taken the signals before. */
export async function forgetSignals(db: Db, runId: string): Promise<void> {
  await db.query(FORGET_SIGNALS.with({ run_id: runId }))
}
