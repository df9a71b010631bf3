import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type AnswersUnderWay, createAnswersUnderWay } from '../../../src/api/events/answers-under-way.ts'
import type { Delta, SentDelta } from '../../../src/contracts/events/event.ts'

const CALL = { runId: 'run_a', step: 2, hop: 0, attempt: 1 } as const
const started = (change: Partial<SentDelta> = {}): SentDelta => ({
  ...CALL,
  type: 'model.started',
  at: 0,
  text: '',
  ...change,
})
const piece = (at: number, text: string, change: Partial<SentDelta> = {}): SentDelta => ({
  ...CALL,
  type: 'model.delta',
  at,
  text,
  ...change,
})
const ended = (change: Partial<SentDelta> = {}) => started({ type: 'model.ended', ...change })

const brief = (deltas: readonly Delta[] | null) =>
  deltas?.map(({ type, attempt, text }) => (type === 'model.started' ? `attempt ${attempt}` : text)) ?? null

function after(...deltas: readonly SentDelta[]): AnswersUnderWay {
  const answers = createAnswersUnderWay()
  for (const delta of deltas) answers.take(delta)
  return answers
}

test('text is told as it comes, and to a later reader from its beginning', () => {
  const answers = createAnswersUnderWay()
  assert.deepEqual(brief(answers.take(started())), ['attempt 1'])
  assert.deepEqual(brief(answers.take(piece(0, 'Once '))), ['Once '])
  assert.deepEqual(brief(answers.take(piece(5, 'upon '))), ['upon '])
  assert.deepEqual(brief(answers.soFar('run_a')), ['attempt 1', 'Once upon '])
  assert.deepEqual(brief(answers.soFar('run_b')), [])
})

test('text that is sent again for somebody else is told once', () => {
  const answers = after(started(), piece(0, 'Once upon '))
  assert.deepEqual(brief(answers.take(piece(0, 'Once '))), [])
  assert.deepEqual(brief(answers.take(piece(0, 'Once upon a '))), ['a '])
  assert.deepEqual(brief(answers.take(piece(12, 'time'))), ['time'])
})

test('a piece after a gap is not told: the text has to be sent again', () => {
  const answers = after(started(), piece(0, 'Once '))
  assert.equal(answers.take(piece(10, 'a time')), null)
  assert.deepEqual(brief(answers.take(piece(0, 'Once upon a time'))), ['upon a time'])
  assert.equal(createAnswersUnderWay().take(piece(10, 'a time')), null)
  assert.deepEqual(brief(createAnswersUnderWay().take(piece(0, 'Once '))), ['attempt 1', 'Once '])
})

test('another attempt begins anew, and a worker that has lost its call is not heard any more', () => {
  const answers = after(started(), piece(0, 'Half of'), started({ attempt: 2 }))
  assert.deepEqual(brief(answers.soFar('run_a')), ['attempt 2'])
  for (const late of [
    piece(7, ' it', { attempt: 1 }),
    ended({ attempt: 1 }),
    piece(0, 'x', { step: 1, hop: 3 }),
  ]) {
    assert.deepEqual(answers.take(late), [])
  }
  assert.deepEqual(brief(answers.take(piece(0, 'All', { attempt: 2 }))), ['All'])
})

test('a run that waited for models tries its chain again: hops and attempts begin anew', () => {
  const answers = after(started({ hop: 1, attempt: 3 }), piece(0, 'Half of', { hop: 1, attempt: 3 }))
  assert.deepEqual(brief(answers.take(started())), ['attempt 1'])
  assert.deepEqual(brief(answers.take(piece(0, 'All'))), ['All'])
})

test('an answer that has ended, and one that nobody reads, are forgotten', () => {
  const answers = after(started(), piece(0, 'All'))
  assert.deepEqual(brief(answers.take(ended({ at: 3 }))), [])
  assert.deepEqual(answers.soFar('run_a'), [])
  const left = after(started(), piece(0, 'Half'))
  left.forget('run_a')
  assert.deepEqual(left.soFar('run_a'), [])
})
