import { setTimeout as delay } from 'node:timers/promises'

const PATIENCE_MS = 60_000
const LOOK_AGAIN_MS = 100

/**
 * Looks until there is something, and resolves to it. For what comes without telling anybody.
 *
 * @param what what is looked for, for the error
 * @param look resolves to false or undefined where it is not there yet
 * @throws where that takes longer than `patienceMs`; what `look` throws is thrown at once
 */
export async function until<T>(
  what: string,
  look: () => Promise<T>,
  patienceMs = PATIENCE_MS,
): Promise<Exclude<T, false | undefined>> {
  for (const end = Date.now() + patienceMs; ; await delay(LOOK_AGAIN_MS)) {
    const found = await look()
    if (found !== false && found !== undefined) return found as Exclude<T, false | undefined>
    if (Date.now() > end) throw new Error(`not within ${patienceMs} ms: ${what}`)
  }
}
