import assert from 'node:assert/strict'
import type { ServerResponse } from 'node:http'
import { before, it } from 'node:test'
import { createModelAdapters } from '../../../src/activities/models/create-model-adapters.ts'
import type { ModelClocks } from '../../../src/activities/models/wires/read-answer.ts'
import type { Wire } from '../../../src/contracts/models/model.ts'
import type { Message } from '../../../src/contracts/runs/message.ts'
import { MODEL_CLOCKS } from '../../../src/policies/models/models.ts'
import type { Database } from '../../../src/store/database/database.ts'
import type { ScriptedReply } from '../../../src/testing/script.ts'
import { startScriptedProvider } from '../../../src/testing/start-scripted-provider.ts'
import { forEachDatabase } from '../../support/database.ts'
import { HELLO, MODELS, providersAt, requestOn, WIRES } from '../models/support/ask.ts'
import { freedUrl, startRawServer } from '../models/support/raw-server.ts'
import { type KeptRun, keepRun } from './support/kept-exchanges.ts'
import { tapServer } from './support/tapped-server.ts'

/* What the dossier has is what a server on a socket has received and sent, byte by byte. */

const STEPS = 50
const RESULT = `{"text":"${'What the file says, \\"word\\" for word.\\n'.repeat(30)}","odd":"\\u0000 \\ud800 😀"}`
/** A whole chat answer without `[DONE]`. */
const FINISHED = `data: ${JSON.stringify({
  model: 'm',
  choices: [{ index: 0, delta: { content: 'Hello.' }, finish_reason: 'stop' }],
})}\n\n`
const KEY = 'sk-test-of-a-key-0123456789'

const lookUp = (step: number): ScriptedReply =>
  step < STEPS
    ? { text: `Step ${step}.`, toolCalls: [{ tool: 'look_up', arguments: { id: `${step}` } }] }
    : { text: 'Done.' }

/** Asks a model again and again, with its answers and their results behind what it was told before. */
async function converse(
  wire: Wire,
  url: string,
  { attempt }: KeptRun,
  steps = STEPS,
  clocks: ModelClocks = MODEL_CLOCKS,
): Promise<void> {
  const adapter = createModelAdapters(providersAt(url, KEY), { clocks })(MODELS[wire])
  const messages: Message[] = [...HELLO]
  for (let step = 1; step <= steps; step += 1) {
    const options = { signal: new AbortController().signal, onProgress: () => undefined }
    const { message } = await attempt(step, () => adapter.generate(requestOn(wire, messages), options))
    const results = message.toolCalls.map(({ callId, tool }) => ({
      role: 'tool' as const,
      callId,
      tool,
      content: `${step} ${RESULT}`,
      isError: false,
    }))
    messages.push(message, ...results)
  }
}

forEachDatabase((_, open) => {
  let database: Database
  before(async () => {
    database = await open()
  })

  async function storedBytes(runId: string): Promise<number> {
    const [row] = await database.query<{ bytes: number }>({
      text: `select
        (select coalesce(sum(octet_length(body) + octet_length(sha256)), 0) from wire_parts where run_id = $1)
        + (select sum(octet_length(request)) from wire_exchanges where run_id = $1) as bytes`,
      values: [runId],
    })
    return Number(row?.bytes)
  }

  for (const wire of WIRES) {
    it(`${wire}: each request and answer of a growing conversation is there as it was`, async (t) => {
      const provider = await startScriptedProvider({
        script: ({ messages }) => lookUp(messages.filter(({ role }) => role === 'assistant').length + 1),
      })
      t.after(() => provider.close())
      const { url, tapped } = await tapServer(t, provider.url)
      const kept = await keepRun(database)
      await converse(wire, url, kept)
      const exchanges = await kept.exchanges()
      assert.equal(exchanges.length, STEPS)
      exchanges.forEach(({ request, answer, requestBytes, answerBytes, ...exchange }, at) => {
        const seen = tapped[at] ?? assert.fail()
        assert.ok(seen.request.equals(Buffer.from(request ?? '')), `the request of step ${at + 1}`)
        assert.ok(answer?.equals(seen.answer), `the answer of step ${at + 1}`)
        assert.deepEqual([requestBytes, answerBytes], [seen.request.length, seen.answer.length])
        assert.deepEqual(
          [exchange.step, exchange.status, exchange.isWhole, exchange.method],
          [at + 1, 200, true, 'POST'],
        )
        assert.ok(exchange.headMs !== null && exchange.headMs <= (exchange.firstByteMs ?? -1))
        assert.ok((exchange.firstByteMs ?? 0) <= (exchange.tookMs ?? -1))
      })
    })

    it(`${wire}: what is stored of the requests grows with the conversation, and not with its square`, async (t) => {
      const provider = await startScriptedProvider({
        script: ({ messages }) => lookUp(messages.filter(({ role }) => role === 'assistant').length + 1),
      })
      t.after(() => provider.close())
      const bytes: number[] = []
      for (const steps of [12, 24, 48]) {
        const kept = await keepRun(database)
        await converse(wire, provider.url, kept, steps)
        await kept.keeper.close()
        bytes.push(await storedBytes(kept.run.runId))
      }
      const [few = 0, more = 0, many = 0] = bytes
      t.diagnostic(`${wire}: ${few}, ${more} and ${many} bytes of 12, 24 and 48 steps`)
      // Twice as many steps add twice as much; with the square it would be four times.
      assert.ok((many - more) / (more - few) < 2.5, `${bytes}`)
    })
  }

  it('has the beginning of what a provider says in place of an answer', async (t) => {
    const body = `{"error":{"message":"${'x'.repeat(40_000)}"}}`
    const url = await startRawServer(t, (_, response) => {
      response.writeHead(429, {
        'content-type': 'application/json',
        'retry-after': '7',
        'x-request-id': 'req_1',
        'x-ratelimit-remaining-tokens': '0',
        'set-cookie': 'a=b',
      })
      response.end(body)
    })
    const kept = await keepRun(database)
    await assert.rejects(converse('openai-responses', `${url}`, kept, 1), { code: 'model_rate_limited' })
    const [exchange] = await kept.exchanges()
    assert.equal(exchange?.status, 429)
    assert.equal(exchange.answer?.toString(), body.slice(0, 16_384))
    assert.equal(exchange.answerBytes, body.length)
    const { date, ...headers } = exchange.answerHeaders
    assert.ok(date)
    assert.deepEqual(headers, {
      'content-type': 'application/json',
      'retry-after': '7',
      'x-ratelimit-remaining-tokens': '0',
      'x-request-id': 'req_1',
    })
    assert.match(exchange.request ?? '', /Where is my order\?/)
  })

  it('has a request that nobody has answered', async () => {
    const kept = await keepRun(database)
    await assert.rejects(converse('anthropic-messages', await freedUrl(), kept, 1), {
      code: 'model_unreachable',
    })
    const [exchange] = await kept.exchanges()
    assert.deepEqual(
      [exchange?.status, exchange?.answer, exchange?.headMs, exchange?.isWhole],
      [null, null, null, false],
    )
    assert.match(exchange?.request ?? '', /Where is my order\?/)
  })

  it('has what has come of an answer that breaks off', async (t) => {
    const provider = await startScriptedProvider({
      script: () => ({ text: 'A long answer.', fault: 'reset' }),
    })
    t.after(() => provider.close())
    const kept = await keepRun(database)
    await assert.rejects(converse('openai-chat', provider.url, kept, 1))
    const [exchange] = await kept.exchanges()
    assert.deepEqual([exchange?.status, exchange?.isWhole], [200, false])
    assert.match(exchange?.answer?.toString() ?? '', /^data: /)
  })

  for (const [what, end] of [
    ['ends in good order', (response) => response.end()],
    ['breaks off', (response) => response.destroy()],
    ['stays open', () => undefined],
  ] as const satisfies readonly (readonly [string, (response: ServerResponse) => unknown])[]) {
    it(`has all of a chat answer whose connection ${what} behind its finish reason, and says so`, async (t) => {
      const url = await startRawServer(t, (_, response) => {
        response.writeHead(200, { 'content-type': 'text/event-stream' })
        response.write(FINISHED, () => end(response))
      })
      const kept = await keepRun(database)
      await converse('openai-chat', url, kept, 1, { ...MODEL_CLOCKS, usageMs: 50 })
      const [exchange] = await kept.exchanges()
      assert.deepEqual([exchange?.status, exchange?.isWhole], [200, true])
      assert.equal(exchange?.answer?.toString(), FINISHED)
    })
  }

  for (const wire of WIRES) {
    it(`${wire}: never has the key, neither of the request nor where a server repeats it`, async (t) => {
      const url = await startRawServer(t, (incoming, response) => {
        const { authorization = '', 'x-api-key': key = '' } = incoming.headers
        const said = JSON.stringify({ error: { message: `Bad key: ${authorization}${key}` } })
        response.writeHead(401, { 'content-type': 'application/json', 'x-request-id': `req ${KEY}` })
        // The key comes in two pieces.
        const middle = said.indexOf(KEY) + 5
        response.write(said.slice(0, middle), () => setImmediate(() => response.end(said.slice(middle))))
      })
      const kept = await keepRun(database)
      await assert.rejects(converse(wire, url, kept, 1), { code: 'model_unauthorized' })
      const [exchange] = await kept.exchanges()
      assert.match(exchange?.answer?.toString() ?? '', /Bad key: (Bearer )?\*{27}"/)
      const rows = await database.query<{ row: string }>({
        text: `select exchange::text || coalesce(encode(answer, 'escape'), '') as row from wire_exchanges as exchange
          where run_id = $1 union all select body from wire_parts where run_id = $1`,
        values: [kept.run.runId],
      })
      assert.ok(rows.length > 1)
      for (const { row } of rows) assert.ok(!row.includes(KEY))
      assert.ok(!JSON.stringify(exchange).includes(KEY))
    })
  }
})
