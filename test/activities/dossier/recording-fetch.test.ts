import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { forAttempt, keepingExchanges } from '../../../src/activities/dossier/exchange-scope.ts'
import { recordingFetch } from '../../../src/activities/dossier/recording-fetch.ts'
import { ask, fetchAnswer, request, storeOf, URL } from './support/keeper.ts'

describe('a recorded request', () => {
  it('is not there where no dossiers are kept: the answer is passed on untouched', async () => {
    const answer = new Response('data: an answer')
    const get = recordingFetch(async () => answer)
    const asked = forAttempt({ runId: 'run_a', step: 1, hop: 0, attempt: 1, purpose: 'answer' }, () =>
      get(URL, request('Hello')),
    )
    assert.equal(await keepingExchanges(undefined, () => asked), answer)
  })

  it('keeps nothing of a request that is no attempt of a run, such as a count of tokens', async () => {
    const { keeper, kept } = storeOf()
    await keepingExchanges(keeper, async () => (await fetchAnswer(URL, request('Hello'))).text())
    await keeper.close()
    assert.deepEqual(kept, [])
  })

  it('tells apart two models that are asked at once', async () => {
    const { keeper, kept } = storeOf()
    await keepingExchanges(keeper, () => Promise.all([ask('a'), ask('b')]))
    await keeper.close()
    assert.deepEqual(
      kept.map(({ runs }) => [...runs].sort()),
      [['a', 'b']],
    )
  })
})

describe('a recorded answer', () => {
  /** An endless answer that counts what was asked of it, and hears of its end. */
  function endless() {
    const seen = { pulls: 0, cancelled: null as unknown }
    const body = new ReadableStream<Uint8Array>(
      {
        pull(controller) {
          seen.pulls += 1
          controller.enqueue(new Uint8Array([seen.pulls]))
        },
        cancel(reason) {
          seen.cancelled = reason
        },
      },
      { highWaterMark: 0 },
    )
    return { seen, get: recordingFetch(async () => new Response(body)) }
  }

  it('is read no further than its reader wants, and left where its reader leaves it', async () => {
    const { keeper, kept } = storeOf()
    const { seen, get } = endless()
    await keepingExchanges(keeper, () =>
      forAttempt({ runId: 'run_a', step: 1, hop: 0, attempt: 1, purpose: 'answer' }, async () => {
        const reader = (await get(URL, request('Hello'))).body?.getReader()
        assert.equal(seen.pulls, 0)
        assert.deepEqual((await reader?.read())?.value, new Uint8Array([1]))
        await reader?.cancel('enough')
      }),
    )
    assert.deepEqual(seen, { pulls: 1, cancelled: 'enough' })
    await keeper.close()
    assert.equal(kept.length, 1)
  })

  it('fails with the very error of the connection', async () => {
    const lost = new Error('connection lost')
    const get = recordingFetch(
      async () =>
        new Response(
          new ReadableStream({
            pull() {
              throw lost
            },
          }),
        ),
    )
    const { keeper } = storeOf()
    await assert.rejects(
      keepingExchanges(keeper, () => ask('a', 'Hello', get)),
      (error) => error === lost,
    )
  })
})
