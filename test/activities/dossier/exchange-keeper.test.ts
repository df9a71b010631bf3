import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { keepingExchanges } from '../../../src/activities/dossier/exchange-scope.ts'
import { recordingFetch } from '../../../src/activities/dossier/recording-fetch.ts'
import { DOSSIER } from '../../../src/policies/operations/dossier.ts'
import { ask, storeOf } from './support/keeper.ts'

/* What the keeper asks of the store, and what it does where the store is slow, away, or refuses. */

describe('the keeper of exchanges', () => {
  it('writes an attempt with one statement, after its activity has ended', async () => {
    const { keeper, kept } = storeOf()
    await keepingExchanges(keeper, async () => {
      await ask('a')
      assert.deepEqual(kept, [])
    })
    await keeper.close()
    assert.deepEqual(
      kept.map(({ runs }) => runs),
      [['a']],
    )
  })

  it('keeps what was asked by an activity that fails, and the failure stays what it is', async () => {
    const { keeper, kept } = storeOf()
    const failed = keepingExchanges(keeper, async () => {
      await ask('a')
      throw new Error('the activity failed')
    })
    await assert.rejects(failed, /the activity failed/)
    await keeper.close()
    assert.equal(kept.length, 1)
  })

  it('writes together what comes while a statement is under way', async () => {
    const { keeper, kept, begun, go } = storeOf({ waits: true })
    await keepingExchanges(keeper, () => ask('a'))
    await begun
    for (const run of ['b', 'c', 'd']) await keepingExchanges(keeper, () => ask(run))
    go()
    await keeper.close()
    assert.deepEqual(
      kept.map(({ runs }) => runs),
      [['a'], ['b', 'c', 'd']],
    )
  })

  it('sends a part once for its run, and again for another run', async () => {
    const { keeper, kept } = storeOf()
    const long = 'A word after the other. '.repeat(20)
    for (const run of ['a', 'a', 'b']) {
      await keepingExchanges(keeper, () => ask(run, long))
      await keeper.close()
    }
    assert.deepEqual(
      kept.map(({ parts }) => parts.length),
      [1, 0, 1],
    )
  })

  it('costs a line in the log where the store refuses, and no answer', async () => {
    const { keeper, logged } = storeOf({ refuses: 'a' })
    assert.equal(await keepingExchanges(keeper, () => ask('a')), 'data: an answer')
    await keeper.close()
    assert.deepEqual(
      logged.map(({ err, runIds }) => [err?.message, runIds]),
      [['refused', ['run_a']]],
    )
  })

  it('loses one that the store refuses, and none that was to be written with it', async () => {
    const { keeper, kept, logged, begun, go } = storeOf({ refuses: 'c', waits: true })
    await keepingExchanges(keeper, () => ask('a'))
    await begun
    for (const run of ['b', 'c', 'd']) await keepingExchanges(keeper, () => ask(run))
    go()
    await keeper.close()
    assert.deepEqual(
      kept.flatMap(({ runs }) => runs),
      ['a', 'b', 'd'],
    )
    assert.deepEqual(
      logged.map(({ runIds }) => runIds),
      [['run_c']],
    )
  })

  it('writes the request of an answer that is long in coming, and then its end, without the request', async () => {
    const { keeper, kept, wrote } = storeOf({ underWayAfterMs: 0 })
    const long = 'A word after the other. '.repeat(20)
    const get = recordingFetch(async () => {
      await wrote
      return new Response('data: an answer')
    })
    await keepingExchanges(keeper, () => ask('a', long, get))
    await keeper.close()
    assert.deepEqual(
      kept.map(({ ends, parts }) => [ends, parts.length]),
      [
        [[false], 1],
        [[true], 0],
      ],
    )
    assert.deepEqual(kept[0]?.ids, kept[1]?.ids)
  })

  it('writes one that is over once, while its activity goes on', async () => {
    const { keeper, kept, wrote } = storeOf({ underWayAfterMs: 0 })
    await keepingExchanges(keeper, async () => {
      await ask('a')
      await wrote
    })
    await keeper.close()
    assert.deepEqual(
      kept.map(({ ends }) => ends),
      [[true]],
    )
  })

  it('waits for a store that is away, and writes then what it had', async () => {
    const { keeper, kept, logged, wrote } = storeOf({ away: 3 })
    await keepingExchanges(keeper, () => ask('a'))
    await wrote
    await keeper.close()
    assert.deepEqual(
      kept.map(({ runs }) => runs),
      [['a']],
    )
    assert.deepEqual(logged, [])
  })

  it('tries once more when it is closed, and then gives up', async () => {
    const { keeper, kept, logged, begun, go } = storeOf({ away: 3, waits: true })
    await keepingExchanges(keeper, () => ask('a'))
    await begun
    const closed = keeper.close()
    go()
    await closed
    assert.deepEqual(kept, [])
    assert.deepEqual(
      logged.map(({ err, runIds }) => [err?.message, runIds]),
      [['connection lost', ['run_a']]],
    )
  })

  it('drops what would fill the memory while the store is slow, with a line in the log', async () => {
    const { begun, go, ...store } = storeOf({ waits: true })
    await keepingExchanges(store.keeper, () => ask('a'))
    await begun
    const half = 'x'.repeat(DOSSIER.waitingBytes / 2)
    for (const run of ['b', 'c']) await keepingExchanges(store.keeper, () => ask(run, half))
    go()
    await store.keeper.close()
    assert.deepEqual(
      store.kept.map(({ runs }) => runs),
      [['a'], ['b']],
    )
    assert.deepEqual(
      store.logged.map(({ err, runIds }) => [err?.message, runIds]),
      [['too much waits to be written', ['run_c']]],
    )
  })
})
