import assert from 'node:assert/strict'
import { after, before, describe, type TestContext, test } from 'node:test'
import { providerPage } from '../../../src/api/traffic/provider.schema.ts'
import { defineAgent, defineApp } from '../../../src/index.ts'
import type { RecordedRequest } from '../../../src/testing/recorded-request.ts'
import type { ScriptedReply } from '../../../src/testing/script.ts'
import { get, send } from '../../api/support/post.ts'
import { type Environment, startEnvironment } from '../../support/start-environment.ts'
import { type Caller, createCaller } from './support/caller.ts'

/*
 * Providers that answer 429 or 503 with a time to wait. No call of the model may come before that has passed, so each case has a model of
 * its own.
 */

/** A timer of Temporal's may be a second late, and the machine busy. */
const NOT_LATER_THAN_MS = 6_000
/** Calls whose attempt is booked when a pause begins are on their way. */
const ON_ITS_WAY_MS = 1_000
/** `npm run prove` has the whole minute. */
const STORM_MS = Number(process.env['STORM_S'] ?? 7) * 1_000
/** Each run may be refused once, all of them at the beginning, and a tenth is for the calls that go alone after each pause. */
const STORM_RUNS = Math.max(20, (3 * STORM_MS) / 1_000)

const ANSWER: ScriptedReply = { text: 'Here is your answer.' }
const refusal = (headers: Record<string, string>, status = 429): ScriptedReply => ({
  fault: { status, headers, body: { error: { message: 'no' } } },
})
/** Dates are whole seconds. */
const dateIn = (ms: number) => new Date(Math.ceil((Date.now() + ms) / 1_000) * 1_000)

interface Wait {
  /** A refusal, and when the model may be asked again. */
  refuse(): { readonly reply: ScriptedReply; readonly until: number }
}

/** When a refusal was given, and when the model may be asked again. */
interface Hint {
  readonly at: number
  readonly until: number
}

const WAITS = {
  seconds: {
    refuse: () => ({ reply: refusal({ 'retry-after': '4' }), until: Date.now() + 4_000 }),
  },
  milliseconds: {
    refuse: () => ({
      reply: refusal({ 'retry-after-ms': '3800', 'retry-after': '9' }),
      until: Date.now() + 3_800,
    }),
  },
  date: {
    refuse() {
      const date = dateIn(3_500)
      return { reply: refusal({ 'retry-after': date.toUTCString() }), until: date.getTime() }
    },
  },
  overload: {
    refuse: () => ({ reply: refusal({ 'retry-after': '2' }, 503), until: Date.now() + 2_000 }),
  },
} satisfies Record<string, Wait>
type Kind = keyof typeof WAITS
const KINDS = Object.keys(WAITS) as Kind[]

const MODELS = [
  ...KINDS.flatMap((kind) => [`openai/once-${kind}`, `openai/storm-${kind}`] as const),
  'openai/too-long',
  'openai/second',
] as const

const app = defineApp({
  name: 'waits',
  models: { prices: MODELS.map((model) => ({ model, input: 1_000_000, output: 1_000_000 })) },
  agents: [
    ...KINDS.flatMap((kind) => [
      agentOf(`once_${kind}`, [`openai/once-${kind}`]),
      agentOf(`storm_${kind}`, [`openai/storm-${kind}`]),
    ]),
    agentOf('too_long', ['openai/too-long', 'openai/second']),
  ],
})

function agentOf(name: string, models: readonly `${string}/${string}`[]) {
  return defineAgent({ name, version: 'v1', instructions: 'Answer.', models })
}

describe('a provider that asks to wait', () => {
  let environment: Environment
  let caller: Caller
  const stormsUntil = new Map<string, number>()
  const hints = new Map<string, Hint[]>()
  const refusedOnce = new Set<string>()
  let isTooLong = true

  before(async () => {
    environment = await startEnvironment({ app, keepsPauses: true, script: ({ model }) => answerOf(model) })
    caller = createCaller(environment.service.url)
  })
  after(() => environment.close())

  function answerOf(model: string): ScriptedReply {
    if (model === 'too-long') return isTooLong ? refusal({ 'retry-after': '99999999' }) : ANSWER
    const [when = '', kind = ''] = model.split('-')
    const isRefused = when === 'once' ? !refusedOnce.has(model) : when === 'storm' && isStormy(model)
    if (!isRefused || !(kind in WAITS)) return ANSWER
    refusedOnce.add(model)
    const { reply, until } = WAITS[kind as Kind].refuse()
    hints.set(model, [...(hints.get(model) ?? []), { at: Date.now(), until }])
    return reply
  }

  /** A storm begins with its first request. */
  function isStormy(model: string): boolean {
    const until = stormsUntil.get(model) ?? Date.now() + STORM_MS
    stormsUntil.set(model, until)
    return Date.now() < until
  }

  const requestsOf = (model: string): readonly RecordedRequest[] =>
    environment.provider.requests.filter((request) => request.model === model)

  for (const kind of KINDS) {
    test(`is asked again when the time has passed that it gave as ${kind}, and not much later`, async (t) => {
      const { body } = await caller.start({ agent: `once_${kind}`, input: 'Hello.' })
      const run = await caller.untilEnd(body.id)
      assert.deepEqual([run.status, run.output], ['completed', 'Here is your answer.'])
      const requests = requestsOf(`once-${kind}`)
      const { at, until } = hints.get(`once-${kind}`)?.[0] ?? assert.fail('never refused')
      assert.equal(requests.length, 2)
      const again = requests[1]?.receivedAt ?? Number.NaN
      t.diagnostic(`asked for ${until - at} ms, waited ${again - at} ms`)
      assert.ok(again >= until, `asked again ${until - again} ms too early`)
      assert.ok(again < until + NOT_LATER_THAN_MS, `asked again only ${again - until} ms later`)
    })
  }

  test('for a long time is left at once for the next model, by every run', async () => {
    for (const code of ['model_rate_limited', 'model_held_back']) {
      const { body } = await caller.start({ agent: 'too_long', input: 'Hello.' })
      const run = await caller.untilEnd(body.id)
      assert.deepEqual([run.status, run.served_by], ['completed', 'second'])
      const failed = (await caller.events(run.id)).filter(({ type }) => type === 'model.failed')
      assert.deepEqual(
        failed.map(({ data }) => data),
        [{ step: 1, hop: 0, model: 'too-long', code }],
      )
    }
    assert.equal(requestsOf('too-long').length, 1, 'the second run does not ask it')
  })

  test('for a time that is wrong is asked again at once when an operator forces its breaker closed', async () => {
    const asked = requestsOf('too-long').length
    const heldUntil = async () => {
      const { body } = await get(caller.v1('/providers'))
      const models = providerPage.parse(body).data.flatMap((one) => one.models)
      return models.find(({ name }) => name === 'too-long')?.held_until
    }
    assert.ok(Date.parse((await heldUntil()) ?? '') > Date.now())
    isTooLong = false
    const path = caller.v1('/providers/openai/too-long/breaker')
    assert.equal((await send('PUT', path, { state: 'closed' })).status, 200)
    assert.equal(await heldUntil(), null)
    const { body } = await caller.start({ agent: 'too_long', input: 'Hello.' })
    const run = await caller.untilEnd(body.id)
    assert.deepEqual([run.status, run.served_by], ['completed', 'too-long'])
    assert.equal(requestsOf('too-long').length, asked + 1)
  })

  test('F13: storms of 429 with Retry-After in its three spellings cost few requests, and none before its time', async (t) => {
    await Promise.all((['seconds', 'milliseconds', 'date'] as const).map((kind) => weatherStorm(kind, t)))
  })

  async function weatherStorm(kind: Kind, t: TestContext): Promise<void> {
    const model = `storm-${kind}`
    const started = await Promise.all(
      Array.from({ length: STORM_RUNS }, () => caller.start({ agent: `storm_${kind}`, input: 'Hello.' })),
    )
    const runs = await Promise.all(started.map(({ body }) => caller.untilEnd(body.id)))
    assert.ok(runs.every(({ status }) => status === 'completed'))
    const requests = requestsOf(model)
    const given = hints.get(model) ?? []
    const first = given[0] ?? assert.fail('never refused')
    // The runs begin together. Those that have passed the gate when the first answer comes are on their way; afterwards one goes at a time.
    const isOfFirstWave = ({ at }: Hint) => at < first.until
    const onTheirWay = requests.filter(({ receivedAt }) => receivedAt > first.at && receivedAt < first.until)
    const early = requests.filter(({ receivedAt }) =>
      given.some(
        (hint) => receivedAt > hint.at + (isOfFirstWave(hint) ? ON_ITS_WAY_MS : 0) && receivedAt < hint.until,
      ),
    )
    const most = 1.1 * STORM_RUNS + STORM_RUNS
    t.diagnostic(
      `${kind}: ${STORM_RUNS} runs, ${STORM_MS / 1_000} s of storm: ${requests.length} requests (at most ${most}), ` +
        `${given.length} refused, ${onTheirWay.length} on their way at the first refusal, ${early.length} before their time`,
    )
    assert.deepEqual(
      early.map(({ receivedAt }) => receivedAt - first.at),
      [],
    )
    assert.ok(requests.length <= most, `${requests.length} requests`)
    const [{ attempts } = { attempts: 0 }] = await environment.database.query<{ attempts: number }>({
      text: 'select count(*)::integer as attempts from model_attempts where model = $1',
      values: [model],
    })
    assert.equal(attempts, requests.length, 'each request is booked, and nothing else')
  }
})
