import assert from 'node:assert/strict'
import { before, test } from 'node:test'
import { createRateLimits } from '../../../src/activities/traffic/rate-limits.ts'
import { CallRefused, type TrafficCall } from '../../../src/activities/traffic/traffic.ts'
import type { LimitRow } from '../../../src/app/define/model-definition.ts'
import { BUCKETS } from '../../../src/policies/models/provider-limits.ts'
import type { Database } from '../../../src/store/database/database.ts'
import { listBuckets } from '../../../src/store/traffic/list-buckets.ts'
import { startRun } from '../../store/support/samples.ts'
import { awayStore } from '../../support/away-store.ts'
import { forEachDatabase } from '../../support/database.ts'
import { testLogger } from '../../support/test-runtime.ts'
import { ANSWERED, callOf, failed } from './support/calls.ts'

forEachDatabase((_, open) => {
  let database: Database
  let models = 0
  before(async () => {
    database = await open()
  })

  /** A gate over a limit of a model that no other test has. */
  async function setting(limit: Omit<LimitRow, 'provider' | 'model'>, changes: Partial<TrafficCall> = {}) {
    models += 1
    const model = `gpt-${models}`
    const run = await startRun(database)
    await database.query({
      text: 'update runs set context_tokens = 0, context_seq = 1000 where id = $1',
      values: [run.runId],
    })
    const away = awayStore(database)
    const gate = createRateLimits({
      database: away.database,
      limits: [{ provider: 'openai', model, ...limit }],
      logger: testLogger,
    })
    const call = callOf({ run, model, ...changes })
    return {
      away,
      settle: () => gate.settle(),
      enter: (more: Partial<TrafficCall> = {}) => gate.enter({ ...call, ...more }),
      refusal: (more: Partial<TrafficCall> = {}) =>
        gate.enter({ ...call, ...more }).then(
          () => assert.fail('it was let through'),
          (error: unknown) => (error instanceof CallRefused ? error : assert.fail(String(error))),
        ),
      left: async (unit: 'requests' | 'tokens') =>
        Math.round(
          (await listBuckets(database, run.tenant)).find((one) => one.model === model && one.unit === unit)
            ?.level ?? Number.NaN,
        ),
    }
  }

  test('a call that no limit is for costs no statement', async () => {
    const { away, enter } = await setting({ requestsPerMinute: 1 })
    away.goAway()
    const pass = await enter({ model: 'free' })
    await pass.leave(ANSWERED)
    assert.deepEqual(away.refused, [])
  })

  test('a refusal says when there is room, and which limit it is', async () => {
    const { enter, refusal } = await setting({ requestsPerMinute: 6, tokensPerMinute: 600_000 })
    await enter()
    const { code, retryAfterMs, limit } = await refusal()
    assert.equal(code, 'model_limit_reached')
    assert.ok(retryAfterMs !== null && retryAfterMs > 5_000 && retryAfterMs <= 12_100, `${retryAfterMs}`)
    assert.match(limit ?? '', /^6 requests a minute of openai\/gpt-\d+$/)
  })

  test('refused calls come back one after the other', async () => {
    const { enter, refusal } = await setting({ requestsPerMinute: 6 })
    await enter()
    const returns: number[] = []
    for (let n = 0; n < 3; n += 1) returns.push((await refusal()).retryAfterMs ?? 0)
    // One in ten seconds, and a fifth more at most. A slow machine has used up some of it.
    const [first = 0, second = 0, third = 0] = returns
    assert.ok(first <= 12_000 && second > 15_000 && second <= 24_000 && third > 22_000, String(returns))
  })

  test('F13: a tenant that is at its own limit waits alone', async () => {
    const { enter, refusal } = await setting({ tenant: '*', requestsPerMinute: 6 })
    const of = (tenant: string) => ({ run: { ...callOf({ tenant }).run } })
    await enter(of('flood'))
    const floods = await Promise.all(Array.from({ length: 50 }, () => refusal(of('flood'))))
    assert.ok(floods.every(({ retryAfterMs }) => (retryAfterMs ?? 0) > 5_000))
    await enter(of('small'))
  })

  test('a call that its bucket cannot serve soon goes to the next model', async () => {
    const { enter, refusal } = await setting({ tokensPerMinute: 60 }, { maxOutputTokens: 600 })
    await enter()
    assert.equal((await refusal()).retryAfterMs, null)
  })

  test('a call that has waited long takes what is left', async () => {
    const { enter, refusal } = await setting({ tokensPerMinute: 6_000 }, { maxOutputTokens: 900 })
    await enter()
    await refusal({ waitedMs: BUCKETS.patienceMs - 1 })
    await enter({ waitedMs: BUCKETS.patienceMs })
  })

  for (const [what, outcome, back] of [
    ['has used less than was taken', ANSWERED, { requests: 0, tokens: 880 }],
    ['was not made', { kind: 'unused' }, { requests: 1, tokens: 1_000 }],
    ['was rate limited', failed('model_rate_limited', 1_000), { requests: 0, tokens: 1_000 }],
    ['could not reach the provider', failed('model_unreachable'), { requests: 1, tokens: 1_000 }],
    ['had no connection', failed('model_connect_timed_out'), { requests: 1, tokens: 1_000 }],
    ['broke off', failed('model_stalled'), { requests: 0, tokens: 0 }],
    ['was stopped', { kind: 'stopped' }, { requests: 0, tokens: 0 }],
  ] as const) {
    test(`a call that ${what} gives back ${back.requests} requests and ${back.tokens} tokens`, async () => {
      // So slow that nothing comes meanwhile, and so small that both buckets owe: what comes back is seen whole.
      const { enter, left, settle } = await setting({ requestsPerMinute: 1, tokensPerMinute: 1 })
      const pass = await enter()
      const before = { requests: await left('requests'), tokens: await left('tokens') }
      await pass.leave(outcome)
      await settle()
      const after = { requests: await left('requests'), tokens: await left('tokens') }
      assert.deepEqual(
        { requests: after.requests - before.requests, tokens: after.tokens - before.tokens },
        back,
      )
    })
  }

  test('a call that used more than was taken owes the rest', async () => {
    const { enter, left, settle } = await setting({ tokensPerMinute: 1 }, { maxOutputTokens: 10 })
    const pass = await enter()
    await pass.leave({ ...ANSWERED, usage: { ...ANSWERED.usage, outputTokens: 500 } })
    await settle()
    assert.equal(await left('tokens'), -600)
  })

  test('what a provider says is left is believed downwards', async () => {
    const { enter, left, settle } = await setting({ requestsPerMinute: 600, tokensPerMinute: 600_000 })
    const pass = await enter()
    await pass.leave({ ...ANSWERED, remaining: { requests: 0, tokens: 1_000_000 } })
    await settle()
    assert.ok((await left('requests')) < 80)
    assert.ok((await left('tokens')) > 90_000)
  })

  test('what a provider says is left is about no tenant', async () => {
    const { enter, left, settle } = await setting({ tenant: '*', tokensPerMinute: 600_000 })
    const pass = await enter()
    await pass.leave({ ...ANSWERED, remaining: { tokens: 0 } })
    await settle()
    assert.ok((await left('tokens')) > 90_000)
  })

  test('calls that end together give back together, in one statement', async () => {
    // So small that its bucket owes what was taken: what comes back is seen whole.
    const { away, enter, left, settle } = await setting({ tokensPerMinute: 1 })
    const pass = await enter()
    const before = await left('tokens')
    // Twice one call stands for two calls that have taken the same.
    const endTwoCalls = async () => {
      for (let calls = 0; calls < 2; calls += 1)
        await pass.leave({ ...ANSWERED, usage: { ...ANSWERED.usage, outputTokens: 500 } })
      await settle()
    }
    await endTwoCalls()
    assert.equal(await left('tokens'), before + 2 * 400)
    away.goAway()
    await endTwoCalls()
    assert.equal(away.refused.length, 1)
  })

  test('what calls give back is stored by itself', async (t) => {
    const { enter, left } = await setting({ requestsPerMinute: 1 })
    const pass = await enter()
    const before = await left('requests')
    await pass.leave({ kind: 'unused' })
    await t.waitFor(async () => assert.equal(await left('requests'), before + 1))
  })

  test('an answer is not lost over a settlement that fails', async () => {
    const { away, enter, settle } = await setting({ requestsPerMinute: 60 })
    const pass = await enter()
    away.goAway()
    await pass.leave(ANSWERED)
    await settle()
    assert.equal(away.refused.length, 1)
  })
})
