import assert from 'node:assert/strict'
import type { Message } from '../../../../../src/contracts/runs/message.ts'
import { HISTORY_TEXTS } from '../../../../../src/policies/models/dialects.ts'
import type { PlacedInThread, RecordedThread, RecordedTurn } from './read-thread.ts'

/** What models were shown of a thread's runs, one request after the other, by the words of the run. */
export type RequestsOf = (words: string) => readonly (readonly Message[])[]

/**
 * Checks a thread's record: turns begin one after the other and never overlap, each one's messages stand together and once, in the order
 * of turns, nothing of a turn that was rolled back or never began is there, and every request has shown the thread as it stood before the
 * turn, and then the run's own messages.
 */
export function checkThread(thread: RecordedThread, requestsOf: RequestsOf): void {
  const begun = thread.turns
    .filter(({ firstSeq }) => firstSeq !== null)
    .toSorted((a, b) => Number(a.firstSeq) - Number(b.firstSeq) || (wasSooner(a, b) ? -1 : 1))
  checkOrder(begun)
  const staying = begun.filter(({ rolledBack }) => !rolledBack)
  const expected = staying.flatMap(({ runId, messages }) =>
    messages.map((message) => ({ runId, line: lineOf(message) })),
  )
  assert.deepEqual(thread.messages.map(toLine), expected, 'the thread is not its turns one after the other')
  assert.deepEqual(thread.backwards.toReversed(), thread.messages, 'backwards it is another thread')
  for (const { status, runId } of thread.turns)
    assert.ok(status === 'completed' || status === 'cancelled', `${runId} is ${status}`)

  for (const turn of begun) {
    const before = staying.filter(({ firstSeq }) => Number(firstSeq) < Number(turn.firstSeq))
    const earlier = before.flatMap(shown)
    const own = shown(turn)
    for (const request of requestsOf(wordsOf(turn))) {
      const lines = request.map(lineOf)
      assert.deepEqual(lines.slice(0, earlier.length), earlier, 'a model was shown another thread')
      const rest = lines.slice(earlier.length)
      assert.ok(rest.length > 0, 'a model was not shown what it was asked')
      assert.deepEqual(rest, own.slice(0, rest.length), 'a model was shown other messages of its run')
    }
  }
  for (const turn of thread.turns.filter(({ firstSeq }) => firstSeq === null)) {
    assert.deepEqual(requestsOf(wordsOf(turn)), [], 'a model was asked before the turn had begun')
  }
}

function wasSooner(a: RecordedTurn, b: RecordedTurn): boolean {
  return a.completedAt < b.completedAt
}

/** No turn begins before the one before it has ended, and each stands where that has left the thread. */
function checkOrder(begun: readonly RecordedTurn[]): void {
  let place = 0
  let ended = ''
  for (const { runId, firstSeq, startedAt, completedAt, rolledBack, messages } of begun) {
    assert.equal(firstSeq, place, `${runId} stands at a wrong place`)
    assert.ok(
      startedAt === null || startedAt >= ended,
      `${runId} has begun before the turn before it was over`,
    )
    if (!rolledBack) place += messages.length
    ended = completedAt
  }
}

function wordsOf({ messages: [first] }: RecordedTurn): string {
  return first?.role === 'user' ? first.text : ''
}

function toLine({ runId, message }: PlacedInThread): { runId: string; line: string } {
  return { runId, line: lineOf(message) }
}

function lineOf(message: Message): string {
  if (message.role === 'tool') return `result: ${message.content}`
  if (message.role === 'user') return `user: ${message.text}`
  return `answer: ${message.text} ${message.toolCalls.map(({ tool }) => tool).join(' ')}`
}

/** The lines of a turn as later requests have them: a call that was cut off has a result that says so. */
function shown({ messages }: RecordedTurn): string[] {
  return messages.flatMap((message) => {
    if (message.role === 'tool') return []
    if (message.role === 'user') return [lineOf(message)]
    const results = message.toolCalls.map(({ callId }) => {
      const result = messages.find((other) => other.role === 'tool' && other.callId === callId)
      return result === undefined ? `result: ${HISTORY_TEXTS.noResult}` : lineOf(result)
    })
    return [lineOf(message), ...results]
  })
}
