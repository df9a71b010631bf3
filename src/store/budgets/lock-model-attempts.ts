import type { Db } from '../database/database.ts'
import { unprepared } from '../database/statement.ts'
import { STORE_TIMING } from '../database/timing.ts'

const LOCK_NOT_AVAILABLE = '55P03'

/** Another transaction has held `model_attempts` for too long. The same request may succeed in a moment. */
export class AttemptsLocked extends Error {
  override readonly name = 'AttemptsLocked'
  readonly code = LOCK_NOT_AVAILABLE
}

const SET_LOCK_TIMEOUT = unprepared(`select set_config('lock_timeout', :timeout, true)`)

/**
 * Locks `model_attempts`: nobody reserves or settles an attempt until the transaction ends. A statement that had to wait sees all that
 * this transaction wrote, since Postgres takes a statement's view after its table locks. All tenants wait meanwhile, so only a few
 * quick statements may follow in the transaction.
 *
 * @throws {AttemptsLocked}
 */
export async function lockModelAttempts(tx: Db): Promise<void> {
  await tx.query(SET_LOCK_TIMEOUT.with({ timeout: String(STORE_TIMING.attemptsLockMs) }))
  try {
    await tx.query({ text: 'lock table model_attempts in share row exclusive mode' })
  } catch (cause) {
    if (!(cause instanceof Error && 'code' in cause && cause.code === LOCK_NOT_AVAILABLE)) throw cause
    throw new AttemptsLocked('The table of model attempts was locked for too long. Nothing was changed.', {
      cause,
    })
  }
}
