import assert from 'node:assert/strict'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { type TestContext, test } from 'node:test'
import { createBeginWithinLimit } from '../../../../src/activities/models/context/begin-within-limit.ts'
import { loadTokenizer } from '../../../../src/activities/models/context/count-tokens.ts'
import { createModelAdapters } from '../../../../src/activities/models/create-model-adapters.ts'
import type { KnownModelCall } from '../../../../src/activities/models/find-planned-call.ts'
import type { RequestPreamble } from '../../../../src/activities/models/request-preamble.ts'
import type { PlannedWindow } from '../../../../src/contracts/models/context.ts'
import type { PlannedModel } from '../../../../src/contracts/models/model.ts'
import type { Message } from '../../../../src/contracts/runs/message.ts'
import type { RunPlan } from '../../../../src/contracts/runs/plan.ts'
import type { BegunModelCall, UncountedRequest } from '../../../../src/store/models/begin-model-call.ts'
import { samplePlan } from '../../../store/support/samples.ts'
import { NO_DATABASE } from '../../../support/no-database.ts'
import { testLogger } from '../../../support/test-runtime.ts'
import { MODELS, providersAt } from '../support/ask.ts'

const BOOKED: BegunModelCall = {
  attempt: 1,
  shared: false,
  maxOutputTokens: 100,
  transcript: [],
  neverUsed: [],
}
const PREAMBLE: RequestPreamble = { system: 'You help.', tools: [], output: null, tokens: 600, key: 'key' }
const GPT: PlannedModel = { ...MODELS['openai-responses'], contextTokens: 10_000, maxOutputTokens: 2_000 }
const CLAUDE: PlannedModel = {
  ...MODELS['anthropic-messages'],
  contextTokens: 10_000,
  maxOutputTokens: 2_000,
}
const planWith = (window: PlannedWindow): RunPlan => ({ ...samplePlan, window })

const callOf = (model: PlannedModel): KnownModelCall => ({
  run: { runId: 'run_1', tenant: 'acme', principal: 'ann' },
  step: 1,
  hop: 0,
  seq: 1,
  agent: 'support',
  prompt: { name: 'support', version: 'v1' },
  model,
  tools: [],
})

/** Exactly so many tokens by our own count, with nothing that the provider has counted. */
const words = (tokens: number): Message => ({ role: 'user', text: ' word'.repeat(tokens) })

interface Begin {
  readonly model?: PlannedModel
  readonly plan?: RunPlan | null
  /** Upper bound of the request's tokens. */
  readonly bound: number
  readonly request?: Partial<UncountedRequest>
  readonly url?: string
}

/** What comes of a request, and the limits that it was booked with. */
async function begin({
  model = GPT,
  plan = samplePlan,
  bound,
  request = {},
  url = 'http://127.0.0.1:1',
}: Begin) {
  const limits: (number | undefined)[] = []
  const adapterFor = createModelAdapters(providersAt(url))
  const uncounted = { transcript: [], contextTokens: null, unmeasured: 0, ...request }
  const beginWithinLimit = createBeginWithinLimit({ adapterFor, database: NO_DATABASE, logger: testLogger })
  const begun = await beginWithinLimit(
    { input: callOf(model), preamble: PREAMBLE, plan },
    async (limit?: number) => {
      limits.push(limit)
      return limit !== undefined && bound > limit ? { uncounted } : BOOKED
    },
  )
  return { limits, tooLong: 'tooLong' in begun ? begun.tooLong : null }
}

test('a request whose upper bound is short enough is booked at once', async () => {
  assert.deepEqual(await begin({ bound: 8_000 }), { limits: [8_000], tooLong: null })
})

test('the limit is what the model can read beside its answer, or less where the agent wants less', async () => {
  const { maxOutputTokens, contextTokens: _, ...listed } = CLAUDE
  const known = await begin({ model: { ...listed, maxOutputTokens }, bound: 1 })
  assert.deepEqual(known.limits, [198_000])
  const small = planWith({ maxTokens: 3_000, strategy: 'sliding' })
  assert.deepEqual((await begin({ plan: small, bound: 1 })).limits, [3_000])
  const unknown = await begin({ model: { ...listed, maxOutputTokens, model: 'nobody-knows' }, bound: 1e9 })
  assert.deepEqual(unknown, { limits: [undefined], tooLong: null })
  const wordy = await begin({ model: { ...GPT, maxOutputTokens: 10_000 }, bound: 1 })
  assert.deepEqual(wordy.limits, [5_000])
})

test('a run of an older plan is not held to a limit: its workflow does not know what to do then', async () => {
  for (const plan of [null, { ...samplePlan, format: 3 } as const]) {
    assert.deepEqual((await begin({ plan, bound: 1e9 })).limits, [undefined])
  }
})

test('a longer bound is counted: bytes are not tokens', async () => {
  const short = await begin({ bound: 20_000, request: { transcript: [words(4_000)] } })
  assert.deepEqual(short, { limits: [8_000, undefined], tooLong: null })
  const long = await begin({ bound: 60_000, request: { transcript: [words(12_000)] } })
  assert.deepEqual(long.limits, [8_000])
  assert.equal(long.tooLong?.limit, 8_000)
  assert.ok((long.tooLong?.tokens ?? 0) > 12_000 && (long.tooLong?.tokens ?? 0) < 13_500)
})

test('what the provider has counted of the last request is believed, and only what came after is counted', async () => {
  const request = { transcript: [words(50_000), words(100)], contextTokens: 5_000, unmeasured: 1 }
  assert.equal((await begin({ bound: 9_000, request })).tooLong, null)
  const more = { transcript: [words(1), words(4_000)], contextTokens: 5_000, unmeasured: 1 }
  assert.ok(((await begin({ bound: 9_000, request: more })).tooLong?.tokens ?? 0) > 9_000)
})

/** Anthropic's counter, and how often it was asked. */
async function startCounter(t: Pick<TestContext, 'after'>, status: number, body: unknown) {
  const asked: Record<string, unknown>[] = []
  const server = createServer(async (request, response) => {
    assert.equal(request.url, '/v1/messages/count_tokens')
    const chunks = await request.toArray()
    asked.push(JSON.parse(Buffer.concat(chunks).toString()))
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  t.after(() => server.close())
  return { asked, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` }
}

test('near the limit the provider’s own counter decides, where it has one', async (t) => {
  const count = await loadTokenizer()
  const near = words(6_000)
  assert.ok(count(near.role === 'user' ? near.text : '') >= 6_000)
  const says = await startCounter(t, 200, { input_tokens: 7_999 })
  const fits = await begin({ model: CLAUDE, bound: 30_000, request: { transcript: [near] }, url: says.url })
  assert.equal(fits.tooLong, null)
  assert.deepEqual(Object.keys(says.asked[0] ?? {}).sort(), ['messages', 'model', 'system'])
  const over = await startCounter(t, 200, { input_tokens: 8_001 })
  const long = await begin({ model: CLAUDE, bound: 30_000, request: { transcript: [near] }, url: over.url })
  assert.deepEqual(long.tooLong, { tokens: 8_001, limit: 8_000 })
  // Far from the limit nobody has to be asked.
  const far = await begin({
    model: CLAUDE,
    bound: 60_000,
    request: { transcript: [words(20_000)] },
    url: over.url,
  })
  assert.ok(far.tooLong)
  assert.equal(over.asked.length, 1)
})

for (const [status, body] of [
  [404, { type: 'error', error: { type: 'not_found_error', message: 'no' } }],
  [529, { type: 'error', error: { type: 'overloaded_error', message: 'later' } }],
  [200, { input_tokens: 'many' }],
] as const) {
  test(`a counter that does not count (${status}) leaves it to our own count`, async (t) => {
    const { asked, url } = await startCounter(t, status, body)
    const near = { transcript: [words(6_000)] }
    const { tooLong } = await begin({ model: CLAUDE, bound: 30_000, request: near, url })
    assert.equal(tooLong, null)
    assert.equal(asked.length, 1)
  })
}
