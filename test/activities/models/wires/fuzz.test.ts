import assert from 'node:assert/strict'
import { randomInt } from 'node:crypto'
import { test } from 'node:test'
import type { Wire } from '../../../../src/contracts/models/model.ts'
import { planAnswer } from '../../../../src/testing/planned-answer.ts'
import type { ScriptedAnswer } from '../../../../src/testing/script.ts'
import { pick, type Random, randomFrom } from '../../../../src/testing/seeded.ts'
import { frameText } from '../../../../src/testing/sse-frame.ts'
import { anthropicMessagesWire } from '../../../../src/testing/wires/anthropic-messages.ts'
import { openaiChatWire } from '../../../../src/testing/wires/openai-chat.ts'
import { openaiResponsesWire } from '../../../../src/testing/wires/openai-responses.ts'
import { answered } from '../support/answering.ts'
import { WIRES } from '../support/ask.ts'
import { assertOurFailure, assertSound } from '../support/assert-sound.ts'
import { inPieces, mutate } from '../support/mutate.ts'

const CASES = 10_000

const PROVIDERS = {
  'openai-chat': openaiChatWire,
  'openai-responses': openaiResponsesWire,
  'anthropic-messages': anthropicMessagesWire,
} as const

const ANSWERS: readonly ScriptedAnswer[] = [
  { text: 'It is on its way: “tomorrow”, 50 % sure. 🚚' },
  {
    reasoning: 'Two look-ups are needed.',
    text: 'Let me look.',
    toolCalls: [
      { tool: 'look_up', arguments: { id: 'ord_1', note: 'naïve \n 🚚' } },
      { tool: 'look_up', arguments: { b: 1, a: [true, null, { deep: 0.5 }] } },
    ],
  },
  { text: 'So far', stop: 'max_output_tokens' },
  { text: 'No.', stop: 'refusal' },
]

const RETRY_AFTER = ['0', '-1', '7', '9'.repeat(310), 'NaN', 'Sat, 21 Nov 9999 10:00:03 GMT', 'soon']

function streamed(wire: Wire, answer: ScriptedAnswer): string {
  const planned = planAnswer('1', { model: 'm', messages: [] }, 2_000, answer)
  return PROVIDERS[wire]
    .streamed(planned)
    .map((frame) => frameText(frame))
    .join('')
}

function responseFor(streams: readonly string[], random: Random): Response {
  const body = inPieces(mutate(pick(random, streams), random), random)
  const status = random() < 0.02 ? pick(random, [400, 429, 500, 529]) : 200
  return new Response(body, {
    status,
    headers: {
      'content-type': pick(random, ['text/event-stream', 'text/event-stream', 'application/json']),
      'retry-after': pick(random, RETRY_AFTER),
      'x-request-id': 'req_1',
    },
  })
}

for (const wire of WIRES) {
  test(`${wire}: whatever is sent comes out as a sound answer or as one of our failures`, async () => {
    const streams = ANSWERS.map((answer) => streamed(wire, answer))
    const base = randomInt(2 ** 31)
    let answers = 0
    for (let n = 0; n < CASES; n += 1) {
      const seed = base + n
      const outcome = await answered(wire, responseFor(streams, randomFrom(seed))).then(
        (answer) => ({ check: () => assertSound(answer), isAnswer: true }),
        (error: unknown) => ({ check: () => assertOurFailure(error), isAnswer: false }),
      )
      try {
        outcome.check()
      } catch (error) {
        throw new Error(`seed ${seed}`, { cause: error })
      }
      if (outcome.isAnswer) answers += 1
    }
    // A fuzz in which all is refused at the first look would show nothing.
    assert.ok(answers > CASES / 4 && answers < CASES * 0.95, `${answers} answers of ${CASES}, seed ${base}`)
  })
}
