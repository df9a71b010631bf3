import { setTimeout as delay } from 'node:timers/promises'
import type { PostgresServer } from '../../../../support/postgres.ts'

/** How long Postgres is down, at most: what a restart takes beside its own stop and start. */
const MOST_DOWN_MS = 1_500

/** Restarts Postgres every few seconds. @returns what stops that, and says how often it was */
export function restartAgainAndAgain(
  postgres: PostgresServer,
  random: () => number,
  { least, most }: { readonly least: number; readonly most: number },
): { stop(): Promise<number> } {
  const stopping = new AbortController()
  let restarts = 0
  const working = (async () => {
    for (;;) {
      const pauseMs = (least + random() * (most - least)) * 1_000
      const isOver = await delay(pauseMs, false, { signal: stopping.signal }).catch(() => true)
      if (isOver) return
      await postgres.halt()
      await delay(random() * MOST_DOWN_MS)
      await postgres.startAgain()
      restarts += 1
    }
  })()
  return {
    async stop() {
      stopping.abort()
      await working
      return restarts
    },
  }
}
