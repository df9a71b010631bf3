import type { Database } from './database.ts'
import { inTime } from './in-time.ts'

/** Whether the store answers a ping within `ms`. */
export async function answersWithin(database: Pick<Database, 'ping'>, ms: number): Promise<boolean> {
  const ping = database.ping().then(
    () => true,
    () => false,
  )
  return (await inTime(ms, ping)) ?? false
}
