import assert from 'node:assert/strict'
import { before, test } from 'node:test'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { ModelFailure } from '../../../src/activities/models/failures/model-failure.ts'
import { CACHE_LEASES } from '../../../src/policies/models/answer-cache.ts'
import { cacheOverview } from '../../../src/store/cache/cache-overview.ts'
import type { Database } from '../../../src/store/database/database.ts'
import { eventsOf } from '../../store/support/histories.ts'
import { assistantMessage } from '../../store/support/samples.ts'
import { forEachDatabase } from '../../support/database.ts'
import { answered, answerOf, cachedAgent, isAwaited, LOOK_UP } from './support/cached-agent.ts'

forEachDatabase((_, open) => {
  let db: Database
  before(async () => {
    db = await open()
  })

  /** A model that answers when it is told to. */
  function held(text: string) {
    const asked = Promise.withResolvers<void>()
    const told = Promise.withResolvers<void>()
    const answer = async () => {
      asked.resolve()
      await told.promise
      return answerOf(text)
    }
    return { answer, asked: asked.promise, tell: told.resolve }
  }

  test('fifty equal questions at once ask once, and all are answered', async () => {
    const model = held('Once.')
    // Two agents stand for two workers: they share the store and nothing else.
    const workers = [cachedAgent(db, [model.answer]), cachedAgent(db, [])] as const
    const whose = { tenant: 'crowd' }
    const leader = await workers[0].start(whose)
    const leads = leader.call()
    await model.asked
    const followers = await Promise.all(
      Array.from({ length: 49 }, (_, index) => workers[index % 2 === 0 ? 0 : 1].start(whose)),
    )
    for (const { call } of followers) await assert.rejects(call(), isAwaited)
    assert.equal((await cacheOverview(db, 'crowd'))[0]?.waiting, 49)
    model.tell()
    assert.equal(answered(await leads).cached, undefined)
    const decisions = await Promise.all(followers.map(({ untilAnswered }) => untilAnswered()))
    assert.ok(decisions.every(({ preview, cached }) => preview === 'Once.' && cached?.hit === 'exact'))
    const event = (await eventsOf(db, followers[0]?.run ?? assert.fail())).at(-1)
    assert.ok(Number(event?.data['waited_ms']) >= 0)
    const [overview] = await cacheOverview(db, 'crowd')
    assert.deepEqual([overview?.exactHits, overview?.misses, overview?.waiting], [49, 1, 0])
  })

  test('of calls that begin at the same moment one asks', async () => {
    const model = held('Once.')
    const agent = cachedAgent(db, [model.answer])
    const runs = await Promise.all(Array.from({ length: 20 }, () => agent.start({ tenant: 'same moment' })))
    const all = runs.map(({ untilAnswered }) => untilAnswered())
    await model.asked
    model.tell()
    await Promise.all(all)
    assert.equal(agent.asked.length, 1)
  })

  test('where the one that asks has died, another takes its place, and its own next attempt does so at once', async () => {
    const model = held('Too late.')
    const agent = cachedAgent(db, [model.answer, answerOf('From the next one.')])
    const whose = { tenant: 'died' }
    const dead = await agent.start(whose)
    const lost = dead.call()
    await model.asked
    const follower = await agent.start(whose)
    await assert.rejects(follower.call(), isAwaited)
    // The lease of a worker that renews it no more.
    await db.query({
      text: `update cache_leases set expires_at = now() - interval '1 second' where tenant = 'died'`,
    })
    assert.equal(answered(await follower.call({}, 2)).preview, 'From the next one.')
    model.tell()
    assert.equal(answered(await lost).preview, 'Too late.')
    const later = await agent.start(whose)
    assert.equal(
      answered(await later.call()).preview,
      'From the next one.',
      'who has lost the lead keeps nothing',
    )

    const gone = held('Unheard.')
    const restarted = cachedAgent(db, [gone.answer, answerOf('Again.')])
    const run = await restarted.start({ tenant: 'restarted' })
    const unheard = run.call()
    await gone.asked
    assert.equal(answered(await run.call({}, 2)).preview, 'Again.')
    gone.tell()
    await unheard
  })

  test('where the one that asks fails, one of the others asks next', async () => {
    const failing = Promise.withResolvers<void>()
    const agent = cachedAgent(db, [
      async () => {
        await failing.promise
        throw new ModelFailure('model_overloaded', { billed: 'no' })
      },
      answerOf('Now.'),
    ])
    const whose = { tenant: 'fails' }
    const leader = await agent.start(whose)
    const leads = leader.call()
    while (agent.asked.length === 0) await nextTurn()
    const follower = await agent.start(whose)
    await assert.rejects(follower.call(), isAwaited)
    failing.resolve()
    await assert.rejects(leads, { type: 'model_overloaded' })
    assert.equal(answered(await follower.call({}, 2)).preview, 'Now.')
    assert.equal(answered(await leader.call({}, 2)).cached?.hit, 'exact')
  })

  test('an answer that may not be shared makes nobody wait in line: the others ask by themselves, all at once', async () => {
    const calls = answerOf('', { message: assistantMessage('', ['get_order']), stop: 'tool_calls' })
    const gate = Promise.withResolvers<void>()
    const agent = cachedAgent(db, [
      async () => {
        await gate.promise
        return calls
      },
      calls,
      calls,
      calls,
    ])
    const whose = { tenant: 'not shared', plan: { tools: [LOOK_UP] } }
    const leads = (await agent.start(whose)).call()
    while (agent.asked.length === 0) await nextTurn()
    const followers = await Promise.all([1, 2, 3].map(() => agent.start(whose)))
    for (const { call } of followers) await assert.rejects(call(), isAwaited)
    gate.resolve()
    await leads
    for (const { call } of followers) assert.equal(answered(await call({}, 2)).stop, 'tool_calls')
    assert.equal(agent.asked.length, 4)
  })

  test('nobody waits longer than the table says', async () => {
    const model = held('At last.')
    const agent = cachedAgent(db, [model.answer, answerOf('By itself.')])
    const whose = { tenant: 'patience' }
    const leads = (await agent.start(whose)).call()
    await model.asked
    const follower = await agent.start(whose)
    await assert.rejects(follower.call(), isAwaited)
    await db.query({
      text: `update cache_look_ups set began_at = began_at - ($1::bigint + 1) * interval '1 millisecond' where tenant = 'patience'`,
      values: [CACHE_LEASES.mostWaitMs],
    })
    assert.equal(answered(await follower.call({}, 2)).preview, 'By itself.')
    model.tell()
    await leads
    assert.equal(answered(await (await agent.start(whose)).call()).preview, 'At last.')
  })
})
