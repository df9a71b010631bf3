import type { RunId } from '../../contracts/runs/run.ts'
import type { MultitaskStrategy, ThreadId } from '../../contracts/threads/thread.ts'
import { THREADS } from '../../policies/operations/threads.ts'
import type { Database, Db } from '../database/database.ts'
import { statement } from '../database/statement.ts'
import type { RunRow } from '../record/run-row.ts'
import { acceptRun, type NewRun } from '../runs/accept-run.ts'
import type { EndedRun } from '../runs/close-run.ts'
import { requestCancel } from '../runs/request-cancel.ts'
import { findRun } from '../runs/runs.ts'
import { acceptRunWithWebhook, type RunWebhook } from '../webhooks/accept-run-with-webhook.ts'
import { removeWaitingTurn } from './cancel-turn.ts'
import { rollBackTurn } from './roll-back-turn.ts'
import { beginTurn, listOpenTurns, lockThread, type OpenTurn, settleTurn } from './turns.ts'

export interface AcceptTurn {
  readonly run: NewRun & { readonly threadId: ThreadId }
  /** The run's own. */
  readonly webhook: RunWebhook | null
  readonly strategy: MultitaskStrategy
  /** Who asks for it: the one in whose name other turns are cancelled. */
  readonly by: string
  /** Called where the run is new, before it is committed. What it throws undoes it. */
  readonly admit?: (tx: Db) => Promise<void>
}

export interface AcceptedTurn {
  readonly run: RunRow
  readonly created: boolean
  /** The run whose turn has begun, to be started now: the accepted one, unless others come before it. */
  readonly begun: RunRow | null
  /** The run whose turn is in flight, to be cancelled now in Temporal. */
  readonly interrupted: RunRow | null
  /** Runs that waited for their turns, and were cancelled. */
  readonly removed: readonly { readonly run: RunRow; readonly ended: EndedRun }[]
}

/** Why a run is not accepted. */
export type TurnRefused = 'no_thread' | 'thread_busy' | 'thread_full'

const ADD_TURN = statement(
  'add_turn',
  `
  insert into thread_turns (thread_id, n, tenant, run_id)
  select :thread_id, coalesce(max(n), 0) + 1, :tenant, :run_id from thread_turns where thread_id = :thread_id`,
)

const INTERRUPT = statement(
  'interrupt_turn',
  `update thread_turns set interrupted_at = clock_timestamp() where thread_id = :thread_id and n = :n and interrupted_at is null`,
)

/** Undoes the transaction that has accepted the run. */
class Refused extends Error {
  readonly reason: TurnRefused

  constructor(reason: TurnRefused) {
    super(reason)
    this.reason = reason
  }
}

/**
 * Records a run in a thread, gives it its place in the order of turns, and begins its turn where the thread is free. What becomes of the
 * turns before it is decided by its strategy, under the thread's lock. As with every start, a repeated request gets the first one's run.
 */
export async function acceptTurn(
  database: Database,
  accept: AcceptTurn,
): Promise<AcceptedTurn | { readonly refused: TurnRefused }> {
  try {
    return await database.transaction((tx) => acceptIn(tx, accept))
  } catch (error) {
    if (error instanceof Refused) return { refused: error.reason }
    throw error
  }
}

async function acceptIn(
  tx: Db,
  { run: given, webhook, strategy, by, admit }: AcceptTurn,
): Promise<AcceptedTurn> {
  const { threadId } = given
  if (!(await lockThread(tx, threadId))) throw new Refused('no_thread')
  await settleTurn(tx, threadId)
  const { run, created } =
    webhook === null ? await acceptRun(tx, given) : await acceptRunWithWebhook(tx, given, webhook)
  if (!created) return { run, created, begun: null, interrupted: null, removed: [] }
  await admit?.(tx)

  const before = await listOpenTurns(tx, threadId)
  if (strategy === 'reject' && before.length > 0) throw new Refused('thread_busy')
  const takesOver = strategy === 'interrupt' || strategy === 'rollback'
  if (!takesOver && before.filter(({ begun }) => !begun).length >= THREADS.waitingTurns)
    throw new Refused('thread_full')
  const after = takesOver ? await endTurns(tx, before, { run, by, rollsBack: strategy === 'rollback' }) : KEPT

  await tx.query(ADD_TURN.with({ thread_id: threadId, tenant: run.tenant, run_id: run.id }))
  const begun = await beginTurn(tx, threadId)
  return { run: begun?.id === run.id ? begun : run, created, begun, ...after }
}

type EndedTurns = Pick<AcceptedTurn, 'interrupted' | 'removed'>
const KEPT: EndedTurns = { interrupted: null, removed: [] }

interface TakeOver {
  /** The run that comes in the place of the others. */
  readonly run: RunRow
  readonly by: string
  readonly rollsBack: boolean
}

/** Cancels the turn in flight, and takes those that wait out of the order. */
async function endTurns(
  tx: Db,
  turns: readonly OpenTurn[],
  { run, by, rollsBack }: TakeOver,
): Promise<EndedTurns> {
  let interrupted: RunRow | null = null
  const removed: { run: RunRow; ended: EndedRun }[] = []
  for (const turn of turns) {
    const row = await runOf(tx, run.tenant, turn.runId)
    if (!turn.begun) {
      const ended = await removeWaitingTurn(tx, row, by)
      if (ended !== null) removed.push({ run: row, ended })
      continue
    }
    await tx.query(INTERRUPT.with({ thread_id: run.threadId, n: turn.n }))
    const identity = { runId: row.id, tenant: row.tenant, principal: row.principal }
    await requestCancel(tx, identity, by)
    if (rollsBack) await rollBackTurn(tx, { run: identity, threadId: run.threadId, by, forRunId: run.id })
    interrupted = row
  }
  return { interrupted, removed }
}

async function runOf(tx: Db, tenant: string, runId: RunId): Promise<RunRow> {
  const row = await findRun(tx, tenant, runId)
  if (row === null) throw new Error(`The store has no run ${runId} of an open turn.`)
  return row
}
