import type { RunId } from '../../contracts/runs/run.ts'
import type { Database } from '../database/database.ts'
import { statement } from '../database/statement.ts'
import { inTurnOf } from '../files/lock-files.ts'
import { removeContent } from './remove-content.ts'
import type { ThreadRow } from './threads.ts'
import { listOpenTurns, lockThread, settleTurn } from './turns.ts'

const LIST_RUNS = statement(
  'list_runs_of_thread',
  `
  with own as (select id from runs where tenant = :tenant and thread_id = :thread_id)
  select id from own
  union all
  select child.id from own join runs as child on child.tenant = :tenant and child.parent_run_id = own.id`,
)

const DELETE = [
  statement('delete_windows_of_thread', 'delete from thread_windows where thread_id = :thread_id'),
  statement('delete_turns', 'delete from thread_turns where thread_id = :thread_id'),
  statement('delete_thread', 'delete from threads where id = :thread_id'),
]

/** Deletes a thread with the content of its runs and their sub-agents. `busy`: a turn is in flight or waits, and nothing is changed. `gone`: somebody has deleted it. */
export function deleteThread(
  database: Database,
  { id, tenant }: Pick<ThreadRow, 'id' | 'tenant'>,
): Promise<'deleted' | 'busy' | 'gone'> {
  return inTurnOf(tenant, () =>
    database.transaction(async (tx) => {
      if (!(await lockThread(tx, id))) return 'gone'
      await settleTurn(tx, id)
      if ((await listOpenTurns(tx, id)).length > 0) return 'busy'
      const runs = await tx.query<{ id: RunId }>(LIST_RUNS.with({ tenant, thread_id: id }))
      await removeContent(
        tx,
        tenant,
        runs.map((run) => run.id),
      )
      for (const one of DELETE) await tx.query(one.with({ thread_id: id }))
      return 'deleted'
    }),
  )
}
