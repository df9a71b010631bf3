import type { RunId } from '../../contracts/runs/run.ts'
import type { ThreadId } from '../../contracts/threads/thread.ts'
import type { Database, Db } from '../database/database.ts'
import { statement } from '../database/statement.ts'
import { RUN_COLUMNS, type RunColumns, type RunRow, toRunRow } from '../record/run-row.ts'

/*
 * The turns of a thread. Whoever changes them locks the thread's row first, in a transaction of several statements: each sees what was
 * committed before the lock was had. A run's row is locked after its thread's, never before.
 */

/** A turn that is not over. */
export interface OpenTurn {
  readonly n: number
  readonly runId: RunId
  readonly begun: boolean
}

const LOCK = statement('lock_thread', 'select id from threads where id = :thread_id for no key update')

/*
 *   ended    the turn in flight, where its run has ended
 *   settled  the turn, with the places that it takes in the thread
 */
const SETTLE = statement(
  'settle_turn',
  `
  with ended as (
    select turn.thread_id, turn.n, turn.run_id, turn.first_seq, turn.rolled_back
    from thread_turns as turn join runs on runs.id = turn.run_id
    where turn.thread_id = :thread_id and turn.messages is null and turn.first_seq is not null and runs.completed_at is not null
  ),
  settled as (
    update thread_turns as turn set messages = case
      when ended.rolled_back then 0
      else coalesce((select max(seq) + 1 from messages where messages.run_id = ended.run_id), 0)
    end
    from ended where turn.thread_id = ended.thread_id and turn.n = ended.n
  )
  insert into thread_windows (thread_id, agent, run_id, number, first_seq)
  select ended.thread_id, last.agent, ended.run_id, last.number, ended.first_seq
  from ended cross join lateral (
    select agent, max(number) as number from context_windows where context_windows.run_id = ended.run_id group by agent
  ) as last
  where not ended.rolled_back
  on conflict (thread_id, agent) do update
    set run_id = excluded.run_id, number = excluded.number, first_seq = excluded.first_seq`,
)

const SUSPENDED = 'select tenant from tenants where suspended_at is not null'

const LIST_OPEN = statement(
  'list_open_turns',
  `select n, run_id as "runId", first_seq is not null as begun from thread_turns
  where thread_id = :thread_id and messages is null order by n`,
)

/*
 *   next   the first turn that waits, unless one is in flight or the tenant is suspended
 *   last   the last turn that has left something, and what the provider has counted of its last request. The next request begins with
 *          that one, so the count goes on from there; it names its window by a number of that run
 *   place  the place after it
 *   begun  the turn, at its place
 */
const BEGIN = statement(
  'begin_turn',
  `
  with next as (
    select turn.n, turn.run_id from thread_turns as turn
    where turn.thread_id = :thread_id and turn.messages is null and turn.first_seq is null
      and not exists (
        select from thread_turns as other
        where other.thread_id = :thread_id and other.messages is null and other.first_seq is not null
      )
      and turn.tenant not in (${SUSPENDED})
    order by turn.n limit 1
  ),
  last as (
    select turn.first_seq + turn.messages as seq, runs.context_tokens, split_part(runs.context_model, '.', 1) as context_model,
      runs.context_seq - turn.messages as context_seq
    from thread_turns as turn join runs on runs.id = turn.run_id
    where turn.thread_id = :thread_id and turn.messages > 0
    order by turn.n desc limit 1
  ),
  place as (
    select coalesce(last.seq, 0) as seq, last.context_tokens, last.context_model, last.context_seq from next left join last on true
  ),
  begun as (
    update thread_turns as turn set first_seq = place.seq
    from next, place where turn.thread_id = :thread_id and turn.n = next.n
  )
  update runs set
    thread_seq = place.seq,
    turn_began_at = clock_timestamp(),
    context_tokens = place.context_tokens,
    context_model = place.context_model,
    context_seq = place.context_seq
  from next, place where runs.id = next.run_id
  returning ${RUN_COLUMNS}`,
)

const FIND_STANDING = statement(
  'find_standing_threads',
  `
  select distinct on (turn.thread_id) turn.thread_id as "threadId", turn.run_id as id from thread_turns as turn
  where turn.messages is null and not exists (
    select from thread_turns as flight join runs on runs.id = flight.run_id
    where flight.thread_id = turn.thread_id and flight.messages is null and flight.first_seq is not null and runs.completed_at is null
  ) and turn.tenant not in (${SUSPENDED})
  order by turn.thread_id, turn.n
  limit :limit`,
)

/** False where there is no such thread. Whether it is the caller's is for the caller to know. */
export async function lockThread(tx: Db, threadId: string): Promise<boolean> {
  return (await tx.query(LOCK.with({ thread_id: threadId }))).length > 0
}

/** Takes in what the turn in flight has left, where its run has ended. Needs the thread's lock, as the following do. */
export async function settleTurn(tx: Db, threadId: string): Promise<void> {
  await tx.query(SETTLE.with({ thread_id: threadId }))
}

/** In their order; the turn in flight, where there is one, comes first. */
export async function listOpenTurns(tx: Db, threadId: string): Promise<OpenTurn[]> {
  return tx.query<OpenTurn>(LIST_OPEN.with({ thread_id: threadId }))
}

/** Begins the first turn that waits, unless one is in flight or the tenant is suspended. Its run is to be started then. */
export async function beginTurn(tx: Db, threadId: string): Promise<RunRow | null> {
  const [row] = await tx.query<RunColumns>(BEGIN.with({ thread_id: threadId }))
  return row === undefined ? null : toRunRow(row)
}

interface StandingThread {
  readonly threadId: ThreadId
  /** The run of its first open turn. */
  readonly id: RunId
}

/** Threads of every tenant that is not suspended in which a turn waits, or is to be settled, and none is in flight. */
export async function findStandingThreads(db: Db, limit: number): Promise<StandingThread[]> {
  return db.query<StandingThread>(FIND_STANDING.with({ limit }))
}

/**
 * Ends the thread's last turn, where its run has ended, and begins the next one, where one waits. Of several callers at once one gets
 * the run; null for the others, and where there is nothing to begin.
 */
export async function takeNextTurn(database: Database, threadId: string): Promise<RunRow | null> {
  return database.transaction(async (tx) => {
    if (!(await lockThread(tx, threadId))) return null
    await settleTurn(tx, threadId)
    return beginTurn(tx, threadId)
  })
}
