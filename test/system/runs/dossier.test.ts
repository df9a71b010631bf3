import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { z } from 'zod'
import { type TraceResource, trace as traceSchema } from '../../../src/api/dossier/trace.schema.ts'
import { defineAgent, defineApp, defineTool, handoff } from '../../../src/index.ts'
import type { Script } from '../../../src/testing/script.ts'
import { recordingTemporal } from '../../api/support/recording-temporal.ts'
import { startApi, type TestApi } from '../../api/support/start-api.ts'
import { type Environment, startEnvironment } from '../../support/start-environment.ts'
import { createCaller } from './support/caller.ts'

/* Runs in which much happens, and what their dossiers tell of it once the worker is gone. */

const pay = defineTool({
  name: 'pay',
  description: 'Pays somebody.',
  input: z.strictObject({ to: z.string(), cents: z.int() }),
  effect: 'irreversible',
  idempotency: 'key',
  approval: { rules: [{ name: 'above-50', when: { argument: 'cents', above: 5_000 }, verdict: 'ask' }] },
  facts: () => ({ balance_cents: 9_000 }),
  execute: ({ to, cents }) => ({ paid: to, cents }),
})

const models = ['openai/first', 'anthropic/second'] as const

const app = defineApp({
  name: 'desk',
  agents: [
    defineAgent({
      name: 'desk',
      version: 'v1',
      instructions: 'Take requests.',
      models,
      tools: [handoff({ to: 'till' })],
    }),
    defineAgent({
      name: 'till',
      version: 'v1',
      purpose: 'Pays.',
      instructions: 'Pay.',
      startable: false,
      models,
      tools: [pay],
    }),
    defineAgent({
      name: 'faq',
      version: 'v1',
      instructions: 'Answer.',
      models,
      cache: { exact: { ttlMs: 600_000 } },
    }),
  ],
  models: { prices: models.map((model) => ({ model, input: 1_000_000, output: 2_000_000 })) },
})

const usage = { inputTokens: 100, outputTokens: 10 }

/** The first model is busy once, and in the second step it refuses the request; then the second one answers. */
function script(): Script {
  let isBusy = true
  return ({ model, messages, tools }) => {
    const [first] = messages
    if (first?.role === 'user' && first.text.startsWith('When')) return { text: 'At nine.', usage }
    const hasPaid = messages.some((message) => message.role === 'tool' && message.tool === 'pay')
    if (hasPaid) return { text: 'Ann is paid.', usage }
    if (tools.includes('pay')) {
      if (model === 'first')
        return { fault: { status: 401, body: { error: { message: 'Your key is not known.' } } } }
      return {
        text: 'I pay her.',
        toolCalls: [{ tool: 'pay', arguments: { to: 'ann', cents: 6_000 } }],
        usage,
      }
    }
    if (isBusy) {
      isBusy = false
      return {
        fault: { status: 503, headers: { 'retry-after': '0' }, body: { error: { message: 'Busy.' } } },
      }
    }
    return { toolCalls: [{ tool: 'handoff_to_till', arguments: { reason: 'money' } }], usage }
  }
}

/** The story without what differs from one run of the test to the next. */
function masked(story: string): string {
  return story
    .replaceAll(/\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{3}/g, 'DAY TIME')
    .replaceAll(/\d\d:\d\d:\d\d\.\d{3}/g, 'TIME')
    .replaceAll(/\d+(\.\d+)? m?s\b/g, 'N ms')
    .replaceAll(/[\d,]+ bytes/g, 'N bytes')
    .replaceAll(/run_\w+/g, 'RUN')
    .replaceAll(/\breq_\w+/g, 'REQ')
    .replaceAll(/127\.0\.0\.1:\d+/g, 'HOST')
}

const STORY = `\
Run RUN of desk v1, for local: completed
accepted DAY TIME, ended after N ms
3 model calls, 1 tool call, 300 tokens in, 30 out, $0.000360

Input
           Pay Ann.

TIME  queued     for desk, by local
TIME  started    desk v1, prompt v1

Step 1, desk: N ms, $0.000120
TIME  asks       openai first (hop 0, attempt 1)
                         POST http://HOST/v1/responses, N bytes
                         503 after N ms, first byte after N ms, whole after N ms, N bytes, request REQ, asks to wait N ms
                         "{"error":{"message":"Busy."}}"
                         failed: model_overloaded, cost nothing
TIME  asks       openai first (hop 0, attempt 2)
                         POST http://HOST/v1/responses, N bytes
                         200 after N ms, first byte after N ms, whole after N ms, N bytes, request REQ
                         answered: 100 tokens in, 10 out, cost $0.000120
TIME  answers    first after N ms, and calls tools
TIME  call       handoff_to_till {"reason":"money"}
TIME  handoff    to till

Step 2, till: N ms, $0.000120
TIME  asks       openai first (hop 0, attempt 3)
                         POST http://HOST/v1/responses, N bytes
                         401 after N ms, first byte after N ms, whole after N ms, N bytes, request REQ
                         "{"error":{"message":"Your key is not known."}}"
                         failed: model_unauthorized, cost nothing
TIME  asks       anthropic second (hop 1, attempt 4)
                         POST http://HOST/v1/messages, N bytes
                         200 after N ms, first byte after N ms, whole after N ms, N bytes, request REQ
                         answered: 100 tokens in, 10 out, cost $0.000120
TIME  answers    second after N ms, and calls tools
                         "I pay her."
TIME  call       pay {"to":"ann","cents":6000}
                         facts: {"balance_cents":9000}
                         the rules want a person to decide
TIME  approval   of pay is asked for (rule above-50)
                         may be given by everybody who decides approvals
TIME  decision   local: approve, "She is owed it."
TIME  approval   of pay: approved, after N ms
TIME  result     pay (irreversible): done after N ms
                         "{"paid":"ann","cents":6000}"

Step 3, till: N ms, $0.000120
TIME  asks       openai first (hop 0, attempt 5)
                         POST http://HOST/v1/responses, N bytes
                         200 after N ms, first byte after N ms, whole after N ms, N bytes, request REQ
                         answered: 100 tokens in, 10 out, cost $0.000120
TIME  answers    first after N ms, to the end
                         "Ann is paid."
TIME  ends       completed

Output
           Ann is paid.
`

const FROM_THE_CACHE = `\
Run RUN of faq v1, for local: completed
accepted DAY TIME, ended after N ms
0 model calls, 0 tool calls, 0 tokens in, 0 out, $0.00

Input
           When do you open?

TIME  queued     for faq, by local
TIME  started    faq v1, prompt v1

Step 1, faq: N ms
TIME  cache      has the answer to the same request, which saves $0.000120
TIME  answers    first from the cache (exact), to the end
                         "At nine."
TIME  ends       completed

Output
           At nine.
`

for (const store of ['pglite', 'postgres'] as const) {
  describe(`the dossier on ${store}`, () => {
    let environment: Environment
    let api: TestApi
    let paid: string
    const asked: string[] = []

    before(async () => {
      environment = await startEnvironment({ app, script: script(), store })
      const caller = createCaller(environment.service.url)
      paid = (await caller.start({ agent: 'desk', input: 'Pay Ann.' })).body.id
      const approval = await caller.untilWaiting(paid)
      await caller.decide(approval, { decision: 'approve', comment: 'She is owed it.' })
      await caller.untilEnd(paid)
      for (let n = 0; n < 2; n += 1) {
        const { body } = await caller.start({ agent: 'faq', input: 'When do you open?' })
        await caller.untilEnd(body.id)
        asked.push(body.id)
      }
      // What is kept is written behind the run's back. A worker that stops writes it to the end.
      await environment.service.stop()
      api = await startApi(environment.database, recordingTemporal().client, 'test', { app })
    })
    after(async () => {
      await api.close()
      await environment.close()
    })

    const read = async (path: string, accept: string) => {
      const answer = await fetch(`${api.url}/v1/runs/${path}`, { headers: { accept } })
      assert.equal(answer.status, 200)
      return answer
    }
    const story = async (path: string) => (await read(path, 'text/plain')).text()
    const trace = async (path: string) =>
      (await read(path, 'application/json')).json() as Promise<TraceResource>

    test('tells of an approval, a fallback, a retry and a handoff what happened, when, and what it cost', async () => {
      assert.equal(masked(await story(`${paid}/trace`)), STORY)
    })

    test('has of one step what was sent and what came, word for word, and what it cost', async () => {
      const { steps } = await trace(`${paid}/trace?step=2`)
      const [step, ...others] = steps
      assert.deepEqual(others, [])
      assert.deepEqual([step?.step, step?.agent], [2, 'till'])
      const [refused, answered] = step?.model_calls.map(({ attempts }) => attempts[0]) ?? []
      assert.equal(
        refused?.exchanges[0]?.answer.text,
        JSON.stringify({ error: { message: 'Your key is not known.' } }),
      )
      const sent = answered?.exchanges[0]?.request.text ?? ''
      const received = environment.provider.requests.filter(({ model }) => model === 'second')
      assert.equal(sent, JSON.stringify(received[0]?.body))
      const came = answered?.exchanges[0]?.answer.text ?? ''
      assert.ok(came.startsWith('event: message_start\n'))
      assert.ok(came.includes('I pay her.'))
      const told = await story(`${paid}/trace?step=2`)
      assert.match(told, /sent:\n +{\n +"model": "first",/)
      assert.doesNotMatch(told, /^(Input|Output)$/m)
    })

    test('leaves what went over the wire out where all steps are asked for', async () => {
      const { steps } = await trace(`${paid}/trace`)
      const exchanges = steps.flatMap(({ model_calls }) =>
        model_calls.flatMap(({ attempts }) => attempts.flatMap(({ exchanges }) => exchanges)),
      )
      assert.equal(exchanges.length, 5)
      for (const { status, request, answer } of exchanges) {
        assert.deepEqual(Object.keys(request), ['bytes'])
        const ofErrors = status === 200 ? [] : ['excerpt']
        assert.deepEqual(Object.keys(answer), ['bytes', 'kept_bytes', ...ofErrors])
      }
    })

    test('is what the document says it is', async () => {
      for (const path of [paid, `${paid}/trace?step=2`, asked[1]]) {
        const found = await trace(path?.includes('?') ? path : `${path}/trace`)
        assert.deepEqual(traceSchema.parse(found), found)
      }
    })

    test('tells of an answer of the cache, for which no provider was asked', async () => {
      assert.equal(masked(await story(`${asked[1]}/trace`)), FROM_THE_CACHE)
    })
  })
}
