import type { LiveProcess } from '../../contracts/processes/process.ts'
import type { Db } from '../database/database.ts'
import { statement } from '../database/statement.ts'

/** A process that has ended without withdrawing its row. */
export interface LostProcess extends Pick<LiveProcess, 'id' | 'kind'> {
  /** When it was last seen. */
  readonly seenAt: string
  /** Milliseconds since then. */
  readonly unseenMs: number
}

/** The mark goes with the facts, so that a process that is announced again, which replaces them, can be lost again. */
const NOTE_LOST = statement(
  'note_lost_processes',
  `
  update processes set facts = (facts::jsonb || '{"lost": true}')::json
  where task_queue = :task_queue
    and seen_at < clock_timestamp() - make_interval(secs => :lives_for_s)
    and (facts::jsonb -> 'lost') is null
  returning id, kind, seen_at as "seenAt", round(extract(epoch from clock_timestamp() - seen_at) * 1000)::float8 as "unseenMs"`,
)

/** The processes of a task queue that are lost and were not noted yet. Of several processes that ask, one gets each. */
export async function noteLostProcesses(
  db: Db,
  { taskQueue, livesForMs }: { readonly taskQueue: string; readonly livesForMs: number },
): Promise<LostProcess[]> {
  return db.query<LostProcess>(NOTE_LOST.with({ task_queue: taskQueue, lives_for_s: livesForMs / 1_000 }))
}
