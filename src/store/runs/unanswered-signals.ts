import type { Db } from '../database/database.ts'

export interface UnansweredSignals {
  readonly runId: string
  readonly tenant: string
  /** Whose they are. */
  readonly by: string
}

/**
 * Counts one more signal that a run is sent because no worker answers. False where this person's have reached `most`: what lies
 * in a run's history unanswered is bounded, and one person's flood leaves room for another's decision.
 */
export async function countSignal(
  db: Db,
  { runId, tenant, by }: UnansweredSignals,
  most: number,
): Promise<boolean> {
  const rows = await db.query({
    name: 'count_signal',
    text: `
      insert into unanswered_signals as known (run_id, by, tenant, signals) values ($1, $2, $3, 1)
      on conflict (run_id, by) do update set signals = known.signals + 1 where known.signals < $4
      returning signals`,
    values: [runId, by, tenant, most],
  })
  return rows.length > 0
}

/** The run answers again, and in order: what was sent before has been looked at, or is about to be. */
export async function forgetSignals(db: Db, runId: string): Promise<void> {
  await db.query({
    name: 'forget_signals',
    text: 'delete from unanswered_signals where run_id = $1',
    values: [runId],
  })
}
