import type { LiveProcess } from '../../contracts/processes/process.ts'
import type { Db } from '../database/database.ts'
import { storableJson } from '../database/postgres-text.ts'
import { statement } from '../database/statement.ts'

const ANNOUNCE = statement(
  'announce_process',
  `
  with forgotten as (
    delete from processes where seen_at < clock_timestamp() - make_interval(secs => :kept_for_s)
  ),
  announced as (
    insert into processes (id, kind, task_queue, facts) values (:id, :kind, :task_queue, :facts)
    on conflict (id) do update set facts = excluded.facts, seen_at = clock_timestamp()
  )
  select id, kind, facts from processes
  where id <> :id and task_queue = :task_queue and seen_at > clock_timestamp() - make_interval(secs => :lives_for_s)`,
)

const FORGET = statement('forget_process', 'delete from processes where id = :id')

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
  return db.query<LiveProcess>(
    ANNOUNCE.with({
      id,
      kind,
      task_queue: taskQueue,
      facts: storableJson(facts),
      lives_for_s: livesForMs / 1000,
      kept_for_s: keptForMs / 1000,
    }),
  )
}

const LIST_WORKERS = statement(
  'list_workers',
  `
  select id, kind, facts from processes
  where kind = 'worker' and seen_at > clock_timestamp() - make_interval(secs => :lives_for_s)
  order by id`,
)

/** The workers that are alive, of whatever task queue. */
export async function listWorkers(db: Db, livesForMs: number): Promise<LiveProcess[]> {
  return db.query<LiveProcess>(LIST_WORKERS.with({ lives_for_s: livesForMs / 1000 }))
}

const COUNT_WORKERS = statement(
  'count_workers',
  `
  select task_queue as "taskQueue", count(*)::integer as workers from processes
  where kind = 'worker' and seen_at > clock_timestamp() - make_interval(secs => :lives_for_s)
  group by task_queue
  order by task_queue`,
)

/** How many workers are alive, by task queue. */
export async function countWorkers(
  db: Db,
  livesForMs: number,
): Promise<{ readonly taskQueue: string; readonly workers: number }[]> {
  return db.query(COUNT_WORKERS.with({ lives_for_s: livesForMs / 1000 }))
}

export async function forgetProcess(db: Db, id: string): Promise<void> {
  await db.query(FORGET.with({ id }))
}
