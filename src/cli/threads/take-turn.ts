import type { HoldfastClient } from '../../client/index.ts'
import { printEnd, requireCompleted } from '../runs/print-end.ts'
import { createDecisions } from './ask-decisions.ts'
import type { Lines } from './read-lines.ts'
import { createTurnView } from './turn-view.ts'

/** Who talks with whom, and how what they say is shown. */
export interface Conversation {
  readonly client: HoldfastClient
  readonly threadId: string
  readonly agent: string
  readonly isTerminal: boolean
  readonly json: boolean
  /** Tells the person what is no answer. */
  tell(text: string): void
}

interface Turn {
  readonly lines: Lines
  /** Aborted when the person leaves. */
  readonly signal: AbortSignal
  readonly onStart: (runId: string) => void
}

/**
 * Sends a message as the thread's next turn, and shows what comes of it to its end.
 *
 * @throws CommandError where the turn does not complete
 */
export async function takeTurn(
  { client, threadId, agent, isTerminal, json, tell }: Conversation,
  input: string,
  { lines, signal, onStart }: Turn,
): Promise<void> {
  const begun = await client.request('POST /v1/threads/{id}/runs', {
    path: { id: threadId },
    body: { agent, input },
    signal,
  })
  onStart(begun.id)
  const decisions = createDecisions({ client, lines, tell })
  const view = isTerminal ? createTurnView() : null
  try {
    for await (const entry of client.runs.stream(begun.id, { signal })) {
      view?.show(entry)
      if (entry.type === 'approval.requested') decisions.ask(entry.data.approval_id)
      if (entry.type === 'approval.decided') decisions.settle(entry.data.approval_id)
    }
  } finally {
    await decisions.close()
  }
  const run = await client.runs.get(begun.id, { signal })
  if (view === null) return printEnd(run, { json })
  view.end(run)
  requireCompleted(run)
}
