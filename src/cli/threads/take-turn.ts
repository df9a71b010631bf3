import type { HoldfastClient, Run, RunStreamEntry } from '../../client/index.ts'
import { adviceOf, describeWait, endWaiting } from '../runs/describe-wait.ts'
import { printEnd, requireCompleted } from '../runs/print-end.ts'
import { createDecisions } from './ask-decisions.ts'
import type { Lines } from './read-lines.ts'
import type { StartTurn } from './start-turns.ts'
import { createTurnView } from './turn-view.ts'

/** Who talks with whom, and how what they say is shown. */
export interface Conversation {
  readonly client: HoldfastClient
  readonly agent: string
  readonly isTerminal: boolean
  readonly json: boolean
  /** Tells the person what is no answer. */
  tell(text: string): void
}

interface Turn {
  readonly start: StartTurn
  readonly lines: Lines
  /** Aborted when the person leaves. */
  readonly signal: AbortSignal
  readonly onStart: (run: Run) => void
  /** Whether the turn now waits for what this conversation does not give it. */
  readonly onWait: (waits: boolean) => void
}

/** After these a run may wait like that, or no longer. */
const LOOKED_AT: readonly RunStreamEntry['type'][] = ['approval.decided', 'budget.reached', 'budget.resumed']

/**
 * Sends a message as the thread's next turn, and shows what comes of it to its end. Without a terminal, a turn that waits for a decision or
 * for budget is left as it is.
 *
 * @throws CommandError where the turn does not complete
 */
export async function takeTurn(
  { client, isTerminal, json, tell }: Conversation,
  input: string,
  { start, lines, signal, onStart, onWait }: Turn,
): Promise<void> {
  const begun = await start(input, signal)
  onStart(begun)
  const ending = new AbortController()
  const followed = AbortSignal.any([signal, ending.signal])
  const onLeft = () => lookForWait().catch((error: unknown) => ending.abort(error))
  const decisions = createDecisions({ client, lines, tell, onLeft })
  const view = isTerminal ? createTurnView() : null

  async function lookForWait(): Promise<void> {
    const run = await client.runs.get(begun.id, { signal: followed })
    const wait = describeWait(run, decisions.left)
    onWait(wait !== null)
    if (wait === null || followed.aborted) return
    if (!isTerminal) return ending.abort(endWaiting(run, wait, { json }))
    tell(`${wait}. ${adviceOf(run)}. Ctrl-C leaves it as it is.`)
  }

  try {
    for await (const entry of client.runs.stream(begun.id, { signal: followed })) {
      view?.show(entry)
      if (entry.type === 'approval.requested') decisions.ask(entry.data.approval_id)
      if (entry.type === 'approval.decided') decisions.settle(entry.data.approval_id)
      if (LOOKED_AT.includes(entry.type)) await lookForWait()
    }
  } finally {
    await decisions.close()
  }
  const run = await client.runs.get(begun.id, { signal })
  if (view === null) return printEnd(run, { json })
  view.end(run)
  requireCompleted(run)
}
