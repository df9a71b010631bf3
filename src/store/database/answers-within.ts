import { setTimeout as sleep } from 'node:timers/promises'
import type { Database } from './database.ts'

/** Whether the store answers a ping within `ms`. */
export async function answersWithin(database: Pick<Database, 'ping'>, ms: number): Promise<boolean> {
  const waiting = new AbortController()
  const silence = sleep(ms, false, { signal: waiting.signal })
  const ping = database.ping().then(
    () => true,
    () => false,
  )
  try {
    return await Promise.race([ping, silence])
  } finally {
    waiting.abort()
    silence.catch(() => undefined)
  }
}
