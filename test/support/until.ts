import assert from 'node:assert/strict'
import { setTimeout as delay } from 'node:timers/promises'

const PATIENCE_MS = 60_000
const LOOK_AGAIN_MS = 100

/** Looks until it holds. For what Temporal tells nobody by itself. @throws where that takes longer than a minute */
export async function until(what: string, holds: () => Promise<boolean>): Promise<void> {
  for (const end = Date.now() + PATIENCE_MS; !(await holds()); await delay(LOOK_AGAIN_MS))
    assert.ok(Date.now() < end, `it did not come to: ${what}`)
}
