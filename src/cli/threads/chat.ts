import { HoldfastError, type Run } from '../../client/index.ts'
import { visible } from '../../contracts/operator-text.ts'
import { COMMAND_LINE } from '../../policies/command-line.ts'
import type { ApiOptions } from '../api/api-command.ts'
import { mistakesText } from '../api/mistakes-text.ts'
import { useApi } from '../api/use-api.ts'
import { CommandError } from '../command-error.ts'
import { EXIT_OF_END } from '../exit-codes.ts'
import { complain, say } from '../output.ts'
import { adviceOf, describeWait, endWaiting, goesOn } from '../runs/describe-wait.ts'
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
  const tell = isTerminal ? say : complain
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
    tell(`${wait}. ${adviceOf(inFlight)}. What you say now is taken after that.`)
  }
  const turn: Turn = { run: null, isSent: false }
  await useApi({ ...options, patient: true, left: (isRefused) => leftOf(turn, isRefused) }, (client) =>
    converse({ client, agent, isTerminal, json, tell }, threadId, turn),
  )
}

/** The turn under way. */
interface Turn {
  run: Run | null
  /** Its message was sent, whether or not an answer has come. */
  isSent: boolean
}

function leftOf({ run, isSent }: Turn, isRefused: boolean): string | null {
  if (run !== null) return goesOn(run)
  return isSent && !isRefused
    ? 'It is not known whether the message was taken: "holdfast runs list --limit 1" shows the latest run.'
    : null
}

/** @param opened null: the thread is begun with the first message, so that a conversation of none leaves none */
async function converse(conversation: Conversation, opened: string | null, turn: Turn): Promise<void> {
  const { client, isTerminal, tell } = conversation
  const start = startTurns(conversation, opened, onSend)
  const leaving = new AbortController()
  const { signal } = leaving
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
      turn.run === null
        ? '\nCtrl-C once more leaves.'
        : '\nThe turn is asked to stop. Ctrl-C once more leaves.',
    )
    if (turn.run === null) return
    // The turn may be over by now, which is as good.
    const cancelled = client.runs.cancel(turn.run.id, { signal: AbortSignal.timeout(COMMAND_LINE.cancelMs) })
    cancelled.catch((error: unknown) =>
      tell(`The turn could not be asked to stop: ${visible(String(error))}`),
    )
  }

  function onSend(): void {
    turn.isSent = true
  }

  function onStart(run: Run): void {
    turn.run = run
  }

  function onWait(waits: boolean): void {
    isLeftOpen = waits
  }

  try {
    for (;;) {
      turn.run = null
      turn.isSent = false
      isLeftOpen = false
      isInterrupted = false
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
        tell(problemText(error, turn))
      }
    }
  } finally {
    const unsent = lines.close().filter((line) => line.trim() !== '')
    if (isTerminal) for (const line of unsent) tell(`Not sent: ${visible(line)}`)
  }
}

function problemText(error: Error, turn: Turn): string {
  const text = visible(error.message)
  if (!(error instanceof HoldfastError)) return text
  const isRefused = error.status >= 400 && error.status < 500
  return [`${text}${mistakesText(error.errors)}`, leftOf(turn, isRefused)].filter(Boolean).join('\n')
}
