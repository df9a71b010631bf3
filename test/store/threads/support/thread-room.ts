import { randomUUID } from 'node:crypto'
import type { RunId, TerminalStatus } from '../../../../src/contracts/runs/run.ts'
import type { MultitaskStrategy, ThreadId } from '../../../../src/contracts/threads/thread.ts'
import type { Database } from '../../../../src/store/database/database.ts'
import type { RunRow } from '../../../../src/store/record/run-row.ts'
import type { RunInThread } from '../../../../src/store/record/turns.ts'
import type { NewRun } from '../../../../src/store/runs/accept-run.ts'
import { closeRun } from '../../../../src/store/runs/close-run.ts'
import { markRunStarted } from '../../../../src/store/runs/mark-run-started.ts'
import { findRun } from '../../../../src/store/runs/runs.ts'
import { type AcceptedTurn, acceptTurn } from '../../../../src/store/threads/accept-turn.ts'
import { listThreadMessages } from '../../../../src/store/threads/thread-messages.ts'
import { createThread } from '../../../../src/store/threads/threads.ts'
import { newRun, samplePlan } from '../../support/samples.ts'

/** A thread in the store, with the runs that a test starts in it. Nothing is in Temporal. */
export interface ThreadRoom {
  readonly threadId: ThreadId
  accept(text: string, strategy?: MultitaskStrategy, changes?: Partial<NewRun>): ReturnType<typeof acceptTurn>
  /** Accepts a run that is not refused. */
  accepted(text: string, strategy?: MultitaskStrategy, changes?: Partial<NewRun>): Promise<AcceptedTurn>
  /** The run as activities of its turn know it. */
  inTurn(runId: RunId): Promise<RunInThread>
  /** Ends the run whose turn is in flight, with a text or without. */
  end(runId: RunId, text?: string, status?: TerminalStatus): Promise<void>
  run(runId: RunId): Promise<RunRow>
  /** All that the thread has, `seq text`. */
  messages(): Promise<string[]>
}

export async function openThread(db: Database, tenant = 'acme'): Promise<ThreadRoom> {
  const threadId: ThreadId = `thr_${randomUUID().replaceAll('-', '').slice(0, 26)}`
  await createThread(db, { id: threadId, tenant, principal: 'ann', title: null, metadata: {} })

  const accept: ThreadRoom['accept'] = (text, strategy = 'enqueue', changes = {}) =>
    acceptTurn(db, {
      run: { ...newRun({ tenant, input: [{ role: 'user', text }], ...changes }), threadId },
      webhook: null,
      strategy,
      by: 'ann',
    })

  async function run(runId: RunId): Promise<RunRow> {
    const row = await findRun(db, tenant, runId)
    if (row === null) throw new Error(`There is no run ${runId}.`)
    return row
  }

  async function inTurn(runId: RunId): Promise<RunInThread> {
    const { principal, threadSeq } = await run(runId)
    if (threadSeq === null) throw new Error(`The turn of ${runId} has not begun.`)
    return { runId, tenant, principal, thread: { threadId, seq: threadSeq } }
  }

  return {
    threadId,
    accept,
    async accepted(text, strategy, changes) {
      const accepted = await accept(text, strategy, changes)
      if ('refused' in accepted) throw new Error(`Refused: ${accepted.refused}`)
      return accepted
    },
    inTurn,
    async end(runId, text, status = 'completed') {
      const identity = await inTurn(runId)
      await markRunStarted(db, { run: identity, plan: samplePlan })
      const answer = text === undefined ? {} : { answer: { seq: 1, text } }
      await closeRun(db, { run: identity, status, steps: 1, ...answer, approvals: [], failedHops: [] })
    },
    run,
    async messages() {
      const { rows } = await listThreadMessages(db, { tenant, threadId, order: 'asc', limit: 100 })
      return rows.map(
        ({ seq, message }) => `${seq} ${message.role === 'tool' ? message.content : message.text}`,
      )
    },
  }
}
