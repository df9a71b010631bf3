import type { Db } from '../database/database.ts'
import { STORE_TIMING } from '../database/timing.ts'

const LOCK_NOT_AVAILABLE = '55P03'

/** Somebody has held a lock of the books for too long. The same may well succeed in a moment. */
export class AttemptsLocked extends Error {
  override readonly name = 'AttemptsLocked'
  readonly code = LOCK_NOT_AVAILABLE
}

/**
 * Waits until nobody books or settles an attempt, and keeps everybody from it until the transaction ends: whoever comes next sees
 * all that it wrote, since a statement looks only after it has its tables. All tenants wait, so it has to be the last but a few
 * quick statements.
 *
 * @throws {AttemptsLocked}
 */
export async function lockModelAttempts(tx: Db): Promise<void> {
  await tx.query({
    text: `select set_config('lock_timeout', $1, true)`,
    values: [String(STORE_TIMING.bookLockMs)],
  })
  try {
    await tx.query({ text: 'lock table model_attempts in share row exclusive mode' })
  } catch (cause) {
    if (!(cause instanceof Error && 'code' in cause && cause.code === LOCK_NOT_AVAILABLE)) throw cause
    throw new AttemptsLocked('The books of model calls were not free in time. Nothing was changed.', {
      cause,
    })
  }
}
