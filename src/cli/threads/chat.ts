import { HoldfastError } from '../../client/index.ts'
import { visible } from '../../contracts/operator-text.ts'
import type { ApiOptions } from '../api/api-command.ts'
import { mistakesText } from '../api/mistakes-text.ts'
import { useApi } from '../api/use-api.ts'
import { CommandError } from '../command-error.ts'
import { EXIT_OF_END } from '../exit-codes.ts'
import { say } from '../output.ts'
import { describeWait, endWaiting } from './describe-wait.ts'
import { openThread } from './open-thread.ts'
import { readLines } from './read-lines.ts'
import { greeting, startTurns } from './start-turns.ts'
import { type Conversation, takeTurn } from './take-turn.ts'

interface ChatOptions extends ApiOptions {
  readonly agent?: string
  readonly thread?: string
}

/** A conversation in a thread: a line a turn, to the end of the input. */
export async function chat(options: ChatOptions): Promise<void> {
  const { json = false } = options
  const opened = await useApi(options, (client) => openThread(client, options))
  const isTerminal = !json && process.stdin.isTTY === true && process.stdout.isTTY === true
  const tell = isTerminal ? say : (text: string) => void process.stderr.write(`${text}\n`)
  const { agent, threadId, inFlight } = opened
  tell(
    threadId === null
      ? `With ${agent}. The thread begins with the first message.`
      : greeting(threadId, agent),
  )
  const wait = inFlight && describeWait(inFlight)
  if (inFlight !== null && wait !== null) {
    // A message would wait behind it, for nobody knows how long.
    if (!isTerminal) throw endWaiting(inFlight, wait, { json })
    tell(`${wait}. What you say now is taken after that.`)
  }
  await useApi({ ...options, patient: true }, (client) =>
    converse({ client, agent, isTerminal, json, tell }, threadId),
  )
}

/** @param opened null: the thread is begun with the first message, so that a conversation of none leaves none */
async function converse(conversation: Conversation, opened: string | null): Promise<void> {
  const { client, isTerminal, tell } = conversation
  const start = startTurns(conversation, opened)
  const leaving = new AbortController()
  const { signal } = leaving
  let turn: string | null = null
  let isLeftOpen = false
  let isInterrupted = false
  const lines = readLines(isTerminal, interrupt)

  /** Ctrl-C: once for the turn, and once more for the conversation. A turn that waits for a decision or for budget is left as it is. */
  function interrupt(): void {
    if (isInterrupted || isLeftOpen) {
      leaving.abort()
      return
    }
    isInterrupted = true
    tell(
      turn === null ? '\nCtrl-C once more leaves.' : '\nThe turn is asked to stop. Ctrl-C once more leaves.',
    )
    // The turn may be over by now, which is as good.
    if (turn !== null) client.runs.cancel(turn).catch((error: unknown) => tell(visible(String(error))))
  }

  function onStart(runId: string): void {
    turn = runId
  }

  function onWait(waits: boolean): void {
    isLeftOpen = waits
  }

  try {
    for (;;) {
      const line = await lines.next('you> ', signal)
      if (line === null) return
      isInterrupted = false
      if (line.trim() === '') continue
      try {
        await takeTurn(conversation, line, { start, lines, signal, onStart, onWait })
      } catch (error) {
        if (signal.aborted && isTerminal) return
        if (signal.aborted) throw new CommandError('Left before the turn had ended.', EXIT_OF_END.cancelled)
        // A person may go on after a turn that came to nothing; a script would take one answer for another.
        if (!isTerminal || !(error instanceof Error)) throw error
        const mistakes = error instanceof HoldfastError ? mistakesText(error.errors) : ''
        tell(`${visible(error.message)}${mistakes}`)
      } finally {
        turn = null
        isLeftOpen = false
        isInterrupted = false
      }
    }
  } finally {
    lines.close()
  }
}
