import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { ModelFailure } from '../../src/activities/models/failures/model-failure.ts'
import { FAULT_KINDS, type FaultKind } from '../../src/testing/faults/fault-kinds.ts'
import { faults } from '../../src/testing/faults/faults.ts'
import type { ScriptedAnswer, ScriptedReply, ScriptedRequest } from '../../src/testing/script.ts'
import { HELLO, startAsking, WIRES } from '../activities/models/support/ask.ts'

const ANSWER: ScriptedAnswer = {
  text: 'It left Leipzig this morning; “tomorrow” it is with you. 🚚 '.repeat(4).trim(),
  toolCalls: [{ tool: 'look_up', arguments: { id: 'P-1', note: 'a, b\nc' } }],
  usage: { inputTokens: 500, outputTokens: 60 },
}

const request = (text: string): ScriptedRequest => ({
  wire: 'openai-chat',
  model: 'm',
  system: '',
  messages: [{ role: 'user', text }],
  tools: [],
  headers: {},
  body: {},
  signal: new AbortController().signal,
})

/** What a bad day makes of these questions, asked in this order. */
async function replies(options: Parameters<typeof faults>[0], questions: readonly string[]) {
  const script = faults(options)(() => ({ text: 'Yes.' }))
  const given = new Map<string, ScriptedReply>()
  for (const question of questions) given.set(question, await script(request(question)))
  return given
}

describe('a fault plan', () => {
  const questions = Array.from({ length: 400 }, (_, n) => `question ${n}`)

  test('gives the same faults for the same seed, in whatever order the requests come', async () => {
    const options = { seed: 7, rate: 0.5, kinds: [...FAULT_KINDS.broken, ...FAULT_KINDS.silent] }
    const one = await replies(options, questions)
    const other = await replies(options, questions.toReversed())
    assert.deepEqual(new Map([...other].toSorted()), new Map([...one].toSorted()))
    assert.notDeepEqual(await replies({ ...options, seed: 8 }, questions), one)
  })

  test('keeps to its rate, uses every kind, and says what it has done', async () => {
    const plan = faults({ seed: 1, rate: 0.25 })
    const script = plan(() => ({ text: 'Yes.' }))
    for (const question of [...questions, ...questions]) await script(request(question))
    const share = plan.injected.length / 800
    assert.ok(share > 0.2 && share < 0.3, `${share} of the requests`)
    const used = new Set(plan.injected.map(({ kind }) => kind))
    const usual = [...FAULT_KINDS.refused, ...FAULT_KINDS.broken, ...FAULT_KINDS.odd]
    assert.deepEqual([...used].toSorted(), usual.toSorted())
  })

  test('asks anew what becomes of a request that is made again', async () => {
    const script = faults({ seed: 3, rate: 0.5, kinds: ['hang'] })(() => ({ text: 'Yes.' }))
    const seen = new Set<boolean>()
    for (let n = 0; n < 20; n += 1) seen.add('fault' in (await script(request('the same'))))
    assert.equal(seen.size, 2)
  })

  test('leaves a failure of the script as it is', async () => {
    const failure = { fault: { status: 404 } } as const
    const script = faults({ seed: 1, rate: 1 })(() => failure)
    assert.equal(await script(request('hello')), failure)
  })

  test('refuses a rate that is no share, and a plan without kinds', () => {
    for (const rate of [-0.1, 1.1, Number.NaN]) assert.throws(() => faults({ seed: 1, rate }), /share/)
    assert.throws(() => faults({ seed: 1, rate: 1, kinds: [] }), /kind/)
  })
})

/** The real adapters in front of a provider that has this fault every time. */
const asking = (t: Parameters<typeof startAsking>[0], kind: FaultKind, clocks = {}) =>
  startAsking(
    t,
    faults({ seed: 11, rate: 1, kinds: [kind] })(() => ANSWER),
    clocks,
  )

for (const wire of WIRES) {
  describe(`${wire}: a provider`, { concurrency: 8 }, () => {
    for (const kind of FAULT_KINDS.odd) {
      test(`whose answers are odd (${kind}) is understood`, async (t) => {
        const { ask, provider } = await asking(t, kind)
        const { message, stop, usage } = await ask(wire)
        assert.equal(message.text, ANSWER.text)
        assert.equal(stop, 'tool_calls')
        assert.deepEqual(
          message.toolCalls.map(({ tool, arguments: args }) => [tool, args]),
          [['look_up', { id: 'P-1', note: 'a, b\nc' }]],
        )
        assert.equal(usage.outputTokens, kind === 'usage_missing' ? 0 : 60)
        assert.equal(provider.requests[0]?.charged?.outputTokens, 60)
      })
    }

    for (const kind of [...FAULT_KINDS.refused, ...FAULT_KINDS.broken]) {
      test(`that fails (${kind}) fails as one of ours, and may be asked again`, async (t) => {
        const { ask, provider } = await asking(t, kind)
        await assert.rejects(ask(wire, HELLO), (error: ModelFailure) => {
          assert.equal(error.name, 'ModelFailure')
          assert.notEqual(error.code, 'model_request_refused')
          return true
        })
        const [recorded] = provider.requests
        await recorded?.closed
        assert.equal(recorded?.charged, null)
        const isBroken = FAULT_KINDS.broken.includes(kind)
        assert.equal(recorded?.begun?.outputTokens, isBroken ? 60 : undefined)
      })
    }

    for (const kind of FAULT_KINDS.silent) {
      test(`that falls silent (${kind}) is given up by the clock`, async (t) => {
        const { ask } = await asking(t, kind, { firstEventMs: 500, idleMs: 100 })
        await assert.rejects(ask(wire), { code: kind === 'hang' ? 'model_timed_out' : 'model_stalled' })
      })
    }
  })
}

test('a piece that comes twice is in a chat’s text twice, and not in that of a response', async (t) => {
  const { ask } = await startAsking(t, { text: 'Once. ', fault: { pieceTwice: 0 } })
  assert.equal((await ask('openai-chat')).message.text, 'Once. Once. ')
  assert.equal((await ask('openai-responses')).message.text, 'Once. ')
})
