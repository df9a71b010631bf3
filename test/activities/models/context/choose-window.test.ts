import assert from 'node:assert/strict'
import { before, test } from 'node:test'
import fc from 'fast-check'
import { chooseWindow, requestSize } from '../../../../src/activities/models/context/choose-window.ts'
import { type CountTokens, loadTokenizer } from '../../../../src/activities/models/context/count-tokens.ts'
import { type CountedMessage, sum } from '../../../../src/activities/models/context/fit-window.ts'
import { messageTokens } from '../../../../src/activities/models/context/message-tokens.ts'
import type { ShownContext } from '../../../../src/activities/models/context/read-context.ts'
import { windowLead } from '../../../../src/activities/models/context/window-lead.ts'
import { resolveDialect } from '../../../../src/activities/models/dialects/resolve-dialect.ts'
import { toMessagesRequest } from '../../../../src/activities/models/wires/anthropic-messages/request.ts'
import type { ModelRequest } from '../../../../src/activities/models/wires/model-adapter.ts'
import { toChatRequest } from '../../../../src/activities/models/wires/openai-chat/request.ts'
import { toResponsesRequest } from '../../../../src/activities/models/wires/openai-responses/request.ts'
import { introduced } from '../../../../src/activities/runs/introduced.ts'
import { WINDOW_STRATEGIES } from '../../../../src/contracts/models/context.ts'
import type { Wire } from '../../../../src/contracts/models/model.ts'
import type { Message } from '../../../../src/contracts/runs/message.ts'
import type { Dialect } from '../../../../src/policies/models/dialects.ts'
import { cutResult, cutResults } from '../../../../src/store/models/cut-results.ts'
import { REFUSALS } from '../history/strict-servers.ts'
import { transcript } from '../history/transcripts.ts'
import { MODELS, requestOn, WIRES } from '../support/ask.ts'

let count: CountTokens
before(async () => {
  count = await loadTokenizer()
})

/** Everything of a transcript is shown. */
function contextOf(messages: readonly Message[], added: readonly Message[] = []): ShownContext {
  const counted = (seq: number, message: Message, bytes: number | null): CountedMessage => ({
    seq,
    message,
    tokens: messageTokens(bytes === null ? message : cutResult(message, bytes), count),
  })
  const shown = messages.map((message, seq) => counted(seq, message, null))
  const after = added.map((message, index) => counted(messages.length + index, message, null))
  return {
    window: null,
    messages: shown,
    added: after,
    of: messages.length,
    fixedTokens: 100,
    tokens: 100 + sum(shown) + sum(after),
    count: ({ seq, message }, bytes) => counted(seq, message, bytes),
  }
}

const user = (text: string): Message => ({ role: 'user', text })
const result = (callId: string, content: string): Message => ({
  role: 'tool',
  callId,
  tool: 'look_up',
  content,
  isError: false,
})
const answer = (text: string, ...callIds: readonly string[]): Message => ({
  role: 'assistant',
  text,
  toolCalls: callIds.map((callId) => ({ callId, tool: 'look_up', arguments: {} })),
  wire: 'none',
  wireItems: [],
})
const LONG = 'The parcel has not moved since the sorting centre. '.repeat(40)

/** A task, and steps that each call a tool. */
function task(steps: number, words = LONG): Message[] {
  return [
    user('Find my parcel.'),
    ...Array.from({ length: steps }, (_, step) => [
      answer('', `call_${step}`),
      result(`call_${step}`, `${step} ${words}`),
    ]).flat(),
  ]
}

test('the newest turns stay, whole, and the user’s message that says what is wanted', () => {
  const context = contextOf(task(20))
  const chosen = chooseWindow(context, 'sliding', { target: 2_000, most: 4_000 }, 100)
  assert.ok(chosen)
  assert.deepEqual(chosen.kept, [0])
  assert.equal(context.messages.at(chosen.fromSeq)?.message.role, 'assistant')
  assert.equal(chosen.stays.length + chosen.leaves.length, 41)
  assert.ok(sum(chosen.stays) + 200 <= 2_000)
  // One turn more would not have fitted.
  assert.ok(sum(chosen.stays) + sum(context.messages.slice(chosen.fromSeq - 2, chosen.fromSeq)) + 200 > 2_000)
})

test('a summary stands for the first message too, and leaves little verbatim where it is to stand for nearly all', () => {
  const talk = Array.from({ length: 40 }, (_, turn) => [user(`${turn} ${LONG}`), answer(LONG)]).flat()
  const context = contextOf(talk, [user('And now?')])
  const size = { target: 4_000, most: 8_000 }
  const [sliding, both, summary] = (['sliding', 'both', 'summary'] as const).map((strategy) =>
    chooseWindow(context, strategy, size, 300),
  )
  assert.ok(sliding && both && summary)
  assert.deepEqual([sliding.kept, both.kept, summary.kept], [[0], [], []])
  assert.ok(both.stays.length > 3 * summary.stays.length)
  assert.ok(summary.stays.length >= 1)
})

test('results are cut where the last turn alone is too long, and nothing else is', () => {
  const context = contextOf([
    ...task(2),
    answer('', 'a', 'b'),
    result('a', LONG.repeat(30)),
    result('b', 'short'),
  ])
  const chosen = chooseWindow(context, 'sliding', { target: 2_000, most: 4_000 }, 100)
  assert.ok(chosen?.resultBytes)
  const shown = cutResults(
    chosen.stays.map(({ message }) => message),
    chosen.resultBytes,
  )
  const cut = shown.find((message) => message.role === 'tool' && message.callId === 'a')
  assert.match(cut?.role === 'tool' ? cut.content : '', /… \d+ bytes of this result are left out/)
  assert.ok(shown.some((message) => message.role === 'tool' && message.content === 'short'))
  assert.equal(shown[0]?.role === 'user' && shown[0].text, 'Find my parcel.')
})

test('what the run has written about an answer stays with it, and is not what the user wants', () => {
  const note: Message = { role: 'user', text: 'Go on exactly where it ended.', about: 'cut_off' }
  const context = contextOf([...task(20), answer('It is on its'), note])
  const chosen = chooseWindow(context, 'sliding', { target: 900, most: 4_000 }, 100)
  assert.ok(chosen)
  assert.deepEqual(chosen.kept, [0])
  assert.deepEqual(
    chosen.stays.slice(-2).map(({ message }) => (message.role === 'tool' ? '' : message.text)),
    ['It is on its', 'Go on exactly where it ended.'],
  )
})

test('words of a user that alone are too long are not cut: nothing can be done', () => {
  const words = user(LONG.repeat(50))
  assert.equal(chooseWindow(contextOf([words]), 'sliding', { target: 2_000, most: 4_000 }, 100), null)
  assert.equal(chooseWindow(contextOf(task(3), [words]), 'both', { target: 2_000, most: 4_000 }, 100), null)
})

test('a request that a provider has refused is halved, whatever is known of its model', () => {
  assert.deepEqual(requestSize({ tokens: 10_000 }, null, 'refused'), { target: 5_000, most: 7_500 })
  assert.deepEqual(requestSize({ tokens: 10_000 }, 200_000, 'refused'), { target: 5_000, most: 7_500 })
  assert.deepEqual(requestSize({ tokens: 10_000 }, 8_000, 'predicted'), { target: 4_000, most: 8_000 })
})

const BUILD: { readonly [W in Wire]: (request: ModelRequest, dialect: Dialect) => object } = {
  'openai-responses': toResponsesRequest,
  'openai-chat': toChatRequest,
  'anthropic-messages': toMessagesRequest,
}

for (const wire of WIRES) {
  test(`${wire} takes what any window shows of any transcript`, () => {
    let windows = 0
    fc.assert(
      fc.property(
        fc.array(transcript, { minLength: 1, maxLength: 4 }),
        fc.constantFrom(...WINDOW_STRATEGIES),
        fc.integer({ min: 110, max: 600 }),
        fc.boolean(),
        fc.boolean(),
        (parts, strategy, target, hasAdded, isSummarised) => {
          const added = hasAdded ? [user('And now?')] : []
          const context = contextOf(parts.flat(), added)
          const chosen = chooseWindow(context, strategy, { target, most: target * 2 }, 10)
          if (chosen === null) return
          windows += 1
          const { kept, fromSeq, stays, leaves, resultBytes } = chosen
          const summary = { text: 'They met.', writtenBy: 'm', writtenAt: '2026-01-01T00:00:00.000Z' }
          const lead = windowLead(null, leaves, isSummarised ? summary : null)
          const before = stays.filter(({ seq }) => seq < fromSeq)
          assert.deepEqual(
            before.map(({ seq }) => seq),
            kept,
          )
          const shown = introduced([
            ...before.map(({ message }) => message),
            ...(lead === null ? [] : [lead]),
            ...cutResults(
              stays.slice(before.length).map(({ message }) => message),
              resultBytes,
            ),
            ...added,
          ])
          const dialect = resolveDialect(MODELS[wire], 'http://127.0.0.1:1', [])
          const request = requestOn(wire, shown)
          REFUSALS[wire](BUILD[wire](request, dialect))
          REFUSALS[wire](BUILD[wire]({ ...request, tools: [] }, { ...dialect, history: 'plain' }), {
            mistral: true,
          })
          // No turn is split: what follows an answer that is shown is shown up to the next turn.
          const last = context.messages.findLast(({ message }) => message.role === 'user')
          assert.ok(hasAdded || last === undefined || stays.includes(last), 'the last words of the user stay')
          assert.ok(100 + sum(context.added) + sum(stays) <= target * 2, 'it fits')
          const first = stays[before.length]
          assert.ok(
            first === undefined || first.message.role !== 'tool' || first.seq === 0,
            'no turn is split',
          )
        },
      ),
      { numRuns: 1_000 },
    )
    assert.ok(windows > 300, `only ${windows} windows`)
  })
}
