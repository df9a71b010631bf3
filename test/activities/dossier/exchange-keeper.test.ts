import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { createExchangeKeeper } from '../../../src/activities/dossier/exchange-keeper.ts'
import { forAttempt, keepingExchanges } from '../../../src/activities/dossier/exchange-scope.ts'
import { recordingFetch } from '../../../src/activities/dossier/recording-fetch.ts'
import { DOSSIER } from '../../../src/policies/operations/dossier.ts'
import type { Database, Statement } from '../../../src/store/database/database.ts'
import { statementFailed } from '../../../src/store/database/outage.ts'

/* What the keeper asks of the store, and what it does where the store is slow, away, or refuses. */

const URL = 'http://provider.example/v1/responses'
const request = (text: string) => ({ method: 'POST', body: JSON.stringify({ input: text }) })
const fetchAnswer = recordingFetch(async () => new Response('data: an answer'))

/** Asks once for an attempt of this run, and reads the answer. */
async function ask(runId: string, text = 'Hello', get = fetchAnswer): Promise<string> {
  const attempt = { runId: `run_${runId}`, step: 1, hop: 0, attempt: 1, purpose: 'answer' } as const
  return forAttempt(attempt, async () => (await get(URL, request(text))).text())
}

interface Kept {
  readonly runs: readonly string[]
  readonly parts: readonly string[]
  readonly ids: readonly string[]
  /** Whether the end of each was known. */
  readonly ends: readonly boolean[]
}

interface Store {
  /** Statements that have a run of this name are refused. */
  readonly refuses?: string
  /** A statement is taken when the store is told to go on. */
  readonly waits?: boolean
  /** So many statements find the store away. */
  readonly away?: number
  readonly underWayAfterMs?: number
}

/** A database that says what it has been asked to keep. */
function storeOf({ refuses = '', waits = false, away = 0, underWayAfterMs = 60_000 }: Store = {}) {
  const kept: Kept[] = []
  let isAwayFor = away
  const wrote = Promise.withResolvers<void>()
  const go = Promise.withResolvers<void>()
  const begun = Promise.withResolvers<void>()
  if (!waits) go.resolve()
  const query = async ({ values = [] }: Statement) => {
    const facts = JSON.parse(String(values.find((value) => typeof value === 'string'))) as {
      readonly runId: string
      readonly id: string
      readonly tookMs: number | null
    }[]
    begun.resolve()
    await go.promise
    if (isAwayFor > 0) {
      isAwayFor -= 1
      throw statementFailed(Object.assign(new Error('connection lost'), { code: 'ECONNRESET' }))
    }
    if (facts.some(({ runId }) => runId === `run_${refuses}`)) throw new Error('refused')
    kept.push({
      runs: facts.map(({ runId }) => runId.slice(4)),
      parts: values[3] as string[],
      ids: facts.map(({ id }) => id),
      ends: facts.map(({ tookMs }) => tookMs !== null),
    })
    wrote.resolve()
    return []
  }
  const logged: { readonly err?: Error; readonly runIds?: readonly string[] }[] = []
  const keeper = createExchangeKeeper(
    {
      database: { query } as unknown as Database,
      logger: { warn: (line: object) => void logged.push(line) } as never,
      worker: 'worker',
    },
    { waitingBytes: DOSSIER.waitingBytes, underWayAfterMs, againAfterMs: 1 },
  )
  return { keeper, kept, logged, begun: begun.promise, wrote: wrote.promise, go: () => go.resolve() }
}

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
