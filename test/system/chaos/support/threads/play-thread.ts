import type { RunResource } from '../../../../../src/api/runs/run.schema.ts'
import type { ThreadResource } from '../../../../../src/api/threads/thread.schema.ts'
import type { ThreadId } from '../../../../../src/contracts/threads/thread.ts'
import { post } from '../../../../api/support/post.ts'
import type { Caller, ProblemBody } from '../../../runs/support/caller.ts'
import type { WildMessage } from './wild-thread.ts'

/** A thread whose messages have all been sent, and whose runs have ended. */
export interface PlayedThread {
  readonly threadId: ThreadId
  readonly runs: readonly RunResource[]
  /** Messages that were answered 409. */
  readonly rejected: number
}

interface Sent {
  /** null: it was rejected. */
  readonly runId: string | null
}

/** Sends a thread's messages as its schedule says. */
export async function playThread(
  caller: Caller,
  messages: readonly WildMessage[],
  /** Resolves when a model is asked for the first time for a message of this text. */
  asked: (text: string) => Promise<void>,
): Promise<PlayedThread> {
  const { body: thread } = await post<ThreadResource>(caller.v1('/threads'), {})
  const sent: Promise<Sent>[] = []
  for (const message of messages) sent.push(send(message, sent.at(-1), messages[sent.length - 1]))
  const all = await Promise.all(sent)
  const ids = all.flatMap(({ runId }) => runId ?? [])
  const runs = await Promise.all(ids.map((id) => caller.untilEnd(id)))
  return { threadId: thread.id, runs, rejected: all.length - ids.length }

  async function send(message: WildMessage, before?: Promise<Sent>, earlier?: WildMessage): Promise<Sent> {
    const { text, strategy, after, cancelled } = message
    const { runId: previous = null } = (after === 'nothing' ? undefined : await before) ?? {}
    if (previous !== null && earlier !== undefined) {
      const ended = caller.untilEnd(previous)
      // A run that is cancelled before its turn is never asked.
      await (after === 'asked' ? Promise.race([asked(earlier.text), ended]) : ended)
    }
    const { status, body } = await post<RunResource & ProblemBody>(caller.v1(`/threads/${thread.id}/runs`), {
      agent: 'clerk',
      input: text,
      multitask_strategy: strategy,
    })
    if (status === 409 && strategy === 'reject') return { runId: null }
    if (status !== 202) throw new Error(`${text}: ${status} ${JSON.stringify(body)}`)
    if (cancelled === 'asked') await Promise.race([asked(text), caller.untilEnd(body.id)])
    if (cancelled !== 'never') await caller.cancel(body.id)
    return { runId: body.id }
  }
}
