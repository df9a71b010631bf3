import assert from 'node:assert/strict'
import { test } from 'node:test'
import OpenAI from 'openai'
import type { ResponseStreamEvent } from 'openai/resources/responses/responses'
import type { ScriptedReply } from '../../src/testing/script.ts'
import { startScriptedProvider } from '../../src/testing/start-scripted-provider.ts'

const TEXT = 'It takes a while, and then it is all there. '.repeat(12).trim()
const STORED = { model: 'm', input: 'x', background: true, store: true } as const

async function start(t: { after(fn: () => Promise<void>): void }, reply: ScriptedReply) {
  const provider = await startScriptedProvider({ script: () => reply })
  t.after(() => provider.close())
  const openai = new OpenAI({ apiKey: 'test', maxRetries: 0, logLevel: 'off', baseURL: `${provider.url}/v1` })
  return { provider, openai }
}

async function untilEnd(openai: OpenAI, id: string): Promise<OpenAI.Responses.Response> {
  for (;;) {
    const response = await openai.responses.retrieve(id)
    if (response.status !== 'queued' && response.status !== 'in_progress') return response
  }
}

async function all(stream: AsyncIterable<ResponseStreamEvent>): Promise<ResponseStreamEvent[]> {
  const events: ResponseStreamEvent[] = []
  for await (const event of stream) events.push(event)
  return events
}

const numbers = (events: readonly ResponseStreamEvent[]) => events.map((event) => event.sequence_number)

test('a response in the background is answered at once, and is whole when it is asked for later', async (t) => {
  const { openai, provider } = await start(t, { text: TEXT })
  const { id, status } = await openai.responses.create(STORED)
  assert.equal(status, 'queued')
  const response = await untilEnd(openai, id)
  assert.deepEqual([response.status, response.output_text], ['completed', TEXT])
  assert.deepEqual(provider.requests[0]?.charged?.outputTokens, response.usage?.output_tokens)
  assert.equal(provider.requests.length, 1)
  await assert.rejects(openai.responses.retrieve(id, { stream: true }), { status: 400 })
  await assert.rejects(openai.responses.retrieve('resp_none'), { status: 404 })
})

test('a client that disconnects stops nothing, and reads on from where it was', async (t) => {
  const { openai, provider } = await start(t, { text: TEXT, chunkDelayMs: 2 })
  const gone = new AbortController()
  const stream = await openai.responses.create({ ...STORED, stream: true }, { signal: gone.signal })
  const heard: ResponseStreamEvent[] = []
  for await (const event of stream) {
    heard.push(event)
    if (heard.length === 7) gone.abort()
  }
  const [created] = heard
  assert.ok(created?.type === 'response.created')
  const { id } = created.response
  const rest = await all(
    await openai.responses.retrieve(id, { stream: true, starting_after: heard.at(-1)?.sequence_number ?? 0 }),
  )
  assert.deepEqual(numbers([...heard, ...rest]), [...Array(heard.length + rest.length).keys()])
  const last = rest.at(-1)
  assert.ok(last?.type === 'response.completed')
  assert.equal(last.response.usage?.output_tokens, provider.requests[0]?.charged?.outputTokens)
  // The same again, from the beginning and after the end.
  assert.equal(
    (await all(await openai.responses.retrieve(id, { stream: true }))).length,
    heard.length + rest.length,
  )
  const row = provider.ledger()[0]
  assert.deepEqual([row?.received, row?.answered], [1, 1])
})

test('a lost connection leaves the response whole', async (t) => {
  const { openai } = await start(t, { text: TEXT, chunkDelayMs: 1, fault: 'reset' })
  const stream = await openai.responses.create({ ...STORED, stream: true })
  let id = ''
  await assert.rejects(async () => {
    for await (const event of stream) if (event.type === 'response.created') id = event.response.id
  })
  assert.equal((await untilEnd(openai, id)).output_text, TEXT)
})

test('a response that is cancelled ends so, and one that fails says why', async (t) => {
  const { openai, provider } = await start(t, { text: TEXT, chunkDelayMs: 10_000 })
  const { id } = await openai.responses.create({ ...STORED, stream: false })
  assert.equal((await openai.responses.cancel(id)).status, 'cancelled')
  assert.equal((await untilEnd(openai, id)).status, 'cancelled')
  assert.equal(provider.requests[0]?.charged, null)

  const failing = await start(t, {
    text: TEXT,
    fault: { streamError: { type: 'server_error', message: 'oops' } },
  })
  const events = await all(await failing.openai.responses.create({ ...STORED, stream: true }))
  const last = events.at(-1)
  assert.ok(last?.type === 'response.failed')
  assert.deepEqual(last.response.error, { code: 'server_error', message: 'oops' })
  assert.equal((await failing.openai.responses.cancel(last.response.id)).status, 'failed')
})

test('a status comes before any response', async (t) => {
  const { openai } = await start(t, { fault: { status: 429 } })
  await assert.rejects(openai.responses.create(STORED), { status: 429 })
})
