import type { LiveProcess } from '../../contracts/process.ts'
import type { Db } from '../database/database.ts'
import { storableJson } from '../database/postgres-text.ts'

const ANNOUNCE = `
  with forgotten as (
    delete from processes where seen_at < clock_timestamp() - make_interval(secs => $6)
  ),
  announced as (
    insert into processes (id, kind, task_queue, facts) values ($1, $2, $3, $4)
    on conflict (id) do update set facts = excluded.facts, seen_at = clock_timestamp()
  )
  select id, kind, facts from processes
  where id <> $1 and task_queue = $3 and seen_at > clock_timestamp() - make_interval(secs => $5)`

export interface Announcement {
  readonly process: LiveProcess
  readonly taskQueue: string
  /** A process counts as gone if it was not announced for this long. */
  readonly livesForMs: number
  /** Its row is removed after this time. */
  readonly keptForMs: number
}

/** Records that a process is alive, and returns the other live processes of its task queue. */
export async function announceProcess(
  db: Db,
  { process: { id, kind, facts }, taskQueue, livesForMs, keptForMs }: Announcement,
): Promise<LiveProcess[]> {
  return db.query<LiveProcess>({
    name: 'announce_process',
    text: ANNOUNCE,
    values: [id, kind, taskQueue, storableJson(facts), livesForMs / 1000, keptForMs / 1000],
  })
}

export async function forgetProcess(db: Db, id: string): Promise<void> {
  await db.query({ name: 'forget_process', text: 'delete from processes where id = $1', values: [id] })
}
