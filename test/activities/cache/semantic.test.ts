import assert from 'node:assert/strict'
import { after, afterEach, before, beforeEach, test } from 'node:test'
import { createEmbeddings } from '../../../src/activities/models/embeddings/create-embeddings.ts'
import { CallRefused, type TrafficGate } from '../../../src/activities/traffic/traffic.ts'
import { EMBEDDINGS } from '../../../src/policies/models/answer-cache.ts'
import { cacheOverview } from '../../../src/store/cache/cache-overview.ts'
import { purgeAnswers } from '../../../src/store/cache/remove-answers.ts'
import type { Database } from '../../../src/store/database/database.ts'
import { findRun } from '../../../src/store/runs/runs.ts'
import { assertBooks } from '../../store/support/books.ts'
import { forEachDatabase } from '../../support/database.ts'
import { answered, answerOf, budgetOf, cachedAgent, SEMANTIC } from './support/cached-agent.ts'
import {
  alike,
  type EmbeddingsServer,
  startEmbeddingsServer,
  withVector,
} from './support/embeddings-server.ts'

const HOW = 'How do I reset my password?'
const WHICH_WAY = 'I forgot it all and need help getting in again.'

forEachDatabase((_, open) => {
  let db: Database
  let server: EmbeddingsServer
  before(async () => {
    db = await open()
  })
  beforeEach(async () => {
    server = await startEmbeddingsServer(alike())
  })
  afterEach(() => server.close())
  after(() => assertBooks(db))

  const attemptsOf = (runId: string) =>
    db.query({
      text: `select provider, model, status, code, cost_micro_usd, input_tokens, unknown_tokens from model_attempts
        where run_id = $1 order by attempt`,
      values: [runId],
    })
  const plain = { code: null, unknown_tokens: 0 }
  const ofModel = {
    ...plain,
    provider: 'openai',
    model: 'gpt-test',
    status: 'ok',
    cost_micro_usd: 120,
    input_tokens: 100,
  }
  const ofEmbedding = {
    ...plain,
    provider: 'embeddings',
    model: 'test-embed',
    status: 'ok',
    cost_micro_usd: 0,
    input_tokens: 7,
  }

  test('an embedding passes the gates of the traffic; one that is held back is not asked for, and the model is', async () => {
    const outcomes: string[] = []
    let isShut = false
    const gate: TrafficGate = {
      async enter({ provider }) {
        if (isShut && provider === 'embeddings') throw new CallRefused('model_limit_reached', 1_000)
        return { leave: async ({ kind }) => void outcomes.push(`${provider} ${kind}`) }
      },
    }
    const agent = cachedAgent(db, [answerOf('Like this.'), answerOf('Once more.')], server.embeddings, gate)
    const whose = { tenant: 'gates', cache: SEMANTIC }
    await (await agent.start({ ...whose, question: HOW })).call()
    assert.deepEqual(outcomes, ['embeddings answered', 'openai answered'])
    isShut = true
    const second = await agent.start({ ...whose, question: WHICH_WAY })
    assert.equal(answered(await second.call()).preview, 'Once more.')
    assert.deepEqual(await attemptsOf(second.run.runId), [ofModel])
  })

  test('a question of the same meaning is given the answer; the embedding is booked', async () => {
    const agent = cachedAgent(db, [answerOf('Like this.')], server.embeddings)
    const whose = { tenant: 'same meaning', cache: SEMANTIC }
    const first = await agent.start({ ...whose, question: HOW })
    await first.call()
    server.answer = alike({ cosine: 0.995 })
    const second = await agent.start({ ...whose, question: WHICH_WAY })
    const decision = answered(await second.call({ budget: budgetOf({ maxTokens: 10_000 }) }))
    assert.deepEqual(
      [decision.preview, decision.cached?.hit, decision.cached?.savedMicroUsd],
      ['Like this.', 'semantic', 120],
    )
    assert.deepEqual(await attemptsOf(first.run.runId), [ofEmbedding, ofModel])
    assert.deepEqual(await attemptsOf(second.run.runId), [ofEmbedding])
    assert.deepEqual(decision.spent, { costMicroUsd: 0, unknownMicroUsd: 0, tokens: 7, modelCalls: 1 })
    await assertBooks(db, 'same meaning')

    // Asked again in these words, it is found without an embedding, and stays what it is.
    const third = await agent.start({ ...whose, question: WHICH_WAY })
    assert.equal(answered(await third.call()).cached?.hit, 'semantic')
    assert.deepEqual([server.inputs, await attemptsOf(third.run.runId)], [[HOW, WHICH_WAY], []])
    const [overview] = await cacheOverview(db, 'same meaning')
    assert.deepEqual([overview?.semanticHits, overview?.misses, overview?.entries], [2, 1, 2])
    assert.equal(await purgeAnswers(db, { tenant: 'same meaning', agent: 'support' }), 2)
  })

  test('copies of an answer are as old as it is, and are compared with nothing', async () => {
    const agent = cachedAgent(db, [answerOf('Like this.'), answerOf('Anew.')], server.embeddings)
    const whose = { tenant: 'copies', cache: SEMANTIC }
    const age = (minutes: number) =>
      db.query({
        text: `update cache_entries set created_at = created_at - $1::integer * interval '1 minute',
          expires_at = expires_at - $1::integer * interval '1 minute' where tenant = 'copies'`,
        values: [minutes],
      })
    await (await agent.start({ ...whose, question: HOW })).call()
    await age(50)
    server.answer = alike({ cosine: 0.92 })
    const copied = await agent.start({ ...whose, question: WHICH_WAY })
    assert.equal(answered(await copied.call()).cached?.hit, 'semantic')
    const times = await db.query({
      text: `select distinct created_at, expires_at from cache_entries where tenant = 'copies'`,
    })
    assert.equal(times.length, 1)
    await db.query({ text: `delete from cache_entries where tenant = 'copies' and via is null` })
    // As like to the copy's question as that one is to the first.
    const further = await agent.start({ ...whose, question: 'Nothing works, whatever I type into the form.' })
    assert.equal(answered(await further.call()).preview, 'Anew.')
    await age(11)
    await db.query({ text: `delete from cache_leases where tenant = 'copies'` })
    server.answer = alike({ cosine: 0 })
    const tooLate = cachedAgent(db, [answerOf('Newly made.')], server.embeddings)
    const late = await tooLate.start({ ...whose, question: WHICH_WAY })
    assert.equal(answered(await late.call()).preview, 'Newly made.')
  })

  const DIFFERENT: readonly [what: string, one: string, other: string][] = [
    ['another number', 'What is 15% of 240?', 'What is 15% of 250?'],
    ['another name', 'Do you ship to Canada?', 'Do you ship to Mexico?'],
    ['a negation', 'Why is my card accepted?', 'Why is my card not accepted?'],
    ['other quoted words', 'What does "idempotent" mean?', 'What does "immutable" mean?'],
    ['the other direction', 'Convert USD to EUR', 'Convert EUR to USD'],
    ['the opposite', 'How do I import contacts?', 'How do I export contacts?'],
    ['another thing', 'How do I cancel my order?', 'How do I track my order?'],
  ]
  for (const [what, one, other] of DIFFERENT) {
    test(`a question with ${what} is not given the answer, however alike the embeddings are`, async () => {
      const agent = cachedAgent(db, [answerOf('One.'), answerOf('Two.')], server.embeddings)
      const whose = { tenant: `guard: ${what}`, cache: SEMANTIC }
      await (await agent.start({ ...whose, question: one })).call()
      const second = await agent.start({ ...whose, question: other })
      assert.equal(answered(await second.call()).preview, 'Two.')
    })
  }

  test('a question below the threshold, of another principal or after other messages is not given the answer', async () => {
    const own = { ...SEMANTIC, scope: 'principal' as const }
    for (const [what, cosine, whose] of [
      ['below', 0.89, {}],
      ['principal', 1, { cache: own, principal: 'bob' }],
      ['model', 1, { plan: { prompt: { name: 'support', version: 'v2' } } }],
    ] as const) {
      const agent = cachedAgent(db, [answerOf('One.'), answerOf('Two.')], server.embeddings)
      const base = { tenant: `not ${what}`, cache: what === 'principal' ? own : SEMANTIC }
      server.answer = alike()
      await (await agent.start({ ...base, question: HOW })).call()
      server.answer = alike({ cosine })
      const second = await agent.start({ ...base, ...whose, question: WHICH_WAY })
      assert.equal(answered(await second.call()).preview, 'Two.', what)
    }
  })

  test('vectors of another length are another space: nothing is compared, and nothing fails', async () => {
    const agent = cachedAgent(db, [answerOf('One.'), answerOf('Two.')], server.embeddings)
    const whose = { tenant: 'dimensions', cache: SEMANTIC }
    await (await agent.start({ ...whose, question: HOW })).call()
    server.answer = alike({ dimensions: 17 })
    assert.equal(
      answered(await (await agent.start({ ...whose, question: WHICH_WAY })).call()).preview,
      'Two.',
    )
  })

  test('a server that gives every text one vector tells no questions apart: the model is asked', async () => {
    server.answer = withVector(new Array(384).fill(0.05))
    const agent = cachedAgent(db, [answerOf('Red.'), answerOf('Two tons.')], server.embeddings)
    const whose = { tenant: 'one vector', cache: SEMANTIC }
    await (await agent.start({ ...whose, question: 'Which colour has the same box?' })).call()
    const other = await agent.start({ ...whose, question: 'How heavy is a same lorry?' })
    assert.equal(answered(await other.call()).preview, 'Two tons.')
  })

  const BAD: readonly [what: string, answer: EmbeddingsServer['answer'], billed: boolean][] = [
    ['an error', (_, response) => response.writeHead(500).end('{}'), false],
    ['no JSON', (_, response) => response.end('<html>'), true],
    ['no vector', (_, response) => response.end('{"data":[]}'), true],
    ['words for numbers', (_, response) => response.end('{"data":[{"embedding":["a"]}]}'), true],
    ['a vector without a direction', withVector(new Array(16).fill(0)), true],
    ['an empty vector', withVector([]), true],
    ['a vector of two numbers', withVector([1, 2]), true],
    ['a vector that is too long', withVector(new Array(EMBEDDINGS.maxDimensions + 1).fill(1)), true],
    ['a body without an end', (_, response) => endless(response), true],
    ['a broken connection', (_, response) => response.destroy(), true],
    ['a redirect', (_, response) => response.writeHead(302, { location: '/elsewhere' }).end(), false],
  ]
  for (const [what, answer, billed] of BAD) {
    test(`where the server gives ${what}, the model is asked, and the server left alone for a while`, async () => {
      server.answer = answer
      const agent = cachedAgent(db, [answerOf('One.'), answerOf('Two.')], server.embeddings)
      const whose = { tenant: `bad: ${what}`, cache: SEMANTIC }
      const first = await agent.start({ ...whose, question: HOW })
      assert.equal(answered(await first.call()).preview, 'One.')
      const second = await agent.start({ ...whose, question: WHICH_WAY })
      assert.equal(answered(await second.call()).preview, 'Two.')
      assert.equal(server.inputs.length, 1)
      const [embedding] = (await attemptsOf(first.run.runId)) as [{ status: string; code: string }]
      assert.deepEqual(
        [embedding.status, embedding.code],
        [billed ? 'unknown' : 'failed', 'embedding_failed'],
      )
      // Found by the same words all the same.
      assert.equal(
        answered(await (await agent.start({ ...whose, question: HOW })).call()).cached?.hit,
        'exact',
      )
      await assertBooks(db, whose.tenant)
    })
  }

  test('a server that is away or silent costs a call at most its timeout', async () => {
    const silent = await startEmbeddingsServer(() => undefined)
    const away = createEmbeddings({ baseUrl: 'http://127.0.0.1:9/v1', apiKey: 'k', model: 'm', prefix: '' })
    for (const [what, embeddings] of [
      ['silent', silent.embeddings],
      ['away', away],
    ] as const) {
      const agent = cachedAgent(db, [answerOf('One.')], embeddings)
      const run = await agent.start({ tenant: what, cache: SEMANTIC, question: HOW })
      const startedAt = performance.now()
      assert.equal(answered(await run.call()).preview, 'One.')
      assert.ok(performance.now() - startedAt < EMBEDDINGS.timeoutMs + 2_000)
      await assertBooks(db, what)
    }
    await silent.close()
  })

  test('a budget that does not cover an embedding is left to the model', async () => {
    for (const [what, limits, asked] of [
      ['tokens', { maxTokens: 60 }, false],
      ['one call', { maxModelCalls: 1 }, true],
    ] as const) {
      const agent = cachedAgent(db, [answerOf('One.')], server.embeddings)
      const run = await agent.start({ tenant: `budget: ${what}`, cache: SEMANTIC, question: HOW })
      const outcome = await run.call({ budget: budgetOf(limits) })
      assert.equal('stop' in outcome, asked, what)
      assert.equal(server.inputs.length, 0)
      await assertBooks(db, `budget: ${what}`)
    }
  })

  test('a server that counts no tokens is booked with the most it can have read; a prefix comes before the text', async () => {
    const counting = await startEmbeddingsServer(alike({ tokens: null }), 'query: ')
    const agent = cachedAgent(db, [answerOf('One.')], counting.embeddings)
    const run = await agent.start({ tenant: 'uncounted', cache: SEMANTIC, question: HOW })
    await run.call()
    assert.deepEqual(counting.inputs, [`query: ${HOW}`])
    const row = await findRun(db, 'uncounted', run.run.runId)
    assert.equal(row?.usage.inputTokens, 100 + Buffer.byteLength(`query: ${HOW}`) + EMBEDDINGS.overheadTokens)
    await counting.close()
  })

  test('without a server, questions of nearly the same words are given the answer, and are told as lexical', async () => {
    const agent = cachedAgent(db, [answerOf('Like this.'), answerOf('Another.')])
    const whose = { tenant: 'lexical', cache: SEMANTIC }
    await (await agent.start({ ...whose, question: HOW })).call()
    const near = await agent.start({ ...whose, question: 'Please, how do I reset my password?' })
    assert.equal(answered(await near.call()).cached?.hit, 'lexical')
    const far = await agent.start({ ...whose, question: WHICH_WAY })
    assert.equal(answered(await far.call()).preview, 'Another.')
    const [overview] = await cacheOverview(db, 'lexical')
    assert.deepEqual([overview?.lexicalHits, overview?.semanticHits, overview?.misses], [1, 0, 2])
  })

  test('a question that is too long to compare is found by itself alone', async () => {
    const question = 'Why? '.repeat(500)
    const agent = cachedAgent(db, [answerOf('One.')], server.embeddings)
    const whose = { tenant: 'long', cache: SEMANTIC, question }
    await (await agent.start(whose)).call()
    assert.equal(answered(await (await agent.start(whose)).call()).cached?.hit, 'exact')
    assert.equal(server.inputs.length, 0)
  })
})

function endless(response: import('node:http').ServerResponse): void {
  response.writeHead(200, { 'content-type': 'application/json' })
  const send = () => {
    while (response.writable && response.write('x'.repeat(65_536)));
  }
  response.on('drain', send)
  send()
}
