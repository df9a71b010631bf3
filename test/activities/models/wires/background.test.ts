import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { test } from 'node:test'
import { createModelAdapters } from '../../../../src/activities/models/create-model-adapters.ts'
import { ModelFailure } from '../../../../src/activities/models/failures/model-failure.ts'
import type { ModelAnswer } from '../../../../src/activities/models/wires/model-adapter.ts'
import type { ModelClocks } from '../../../../src/activities/models/wires/read-answer.ts'
import type { RecordedRequest } from '../../../../src/testing/recorded-request.ts'
import type { Script, ScriptedReply } from '../../../../src/testing/script.ts'
import { HELLO, MODELS, providersAt, requestOn, startAsking } from '../support/ask.ts'
import { startRawServer } from '../support/raw-server.ts'

const WIRE = 'openai-responses'
const MODEL = { ...MODELS[WIRE], background: true as const }
const REQUEST = { ...requestOn(WIRE, HELLO), model: MODEL }
const CLOCKS = { firstEventMs: 20_000, idleMs: 20_000, usageMs: 20_000, closeMs: 20_000 }
const TEXT = 'Your order is on its way, and will be there before the snow is.'

interface Heard {
  readonly ids: string[]
  text: string
}

/** The adapter of a model in the background, and what its caller hears. */
function adapterAt(url: string, clocks: Partial<ModelClocks> = {}) {
  const adapter = createModelAdapters(providersAt(url), { clocks: { ...CLOCKS, ...clocks } })(MODEL)
  const heard: Heard = { ids: [], text: '' }
  const options = (signal = new AbortController().signal) => ({
    signal,
    onNamed: (id: string) => void heard.ids.push(id),
    onProgress: (delta: string) => {
      heard.text += delta
    },
  })
  return {
    heard,
    ask: (signal?: AbortSignal): Promise<ModelAnswer> => adapter.generate(REQUEST, options(signal)),
    read: (id: string) => adapter.background?.read(REQUEST, id, options()) ?? assert.fail('no background'),
    cancel: (id: string) =>
      adapter.background?.cancel(id, AbortSignal.timeout(5_000)) ?? assert.fail('no background'),
  }
}

const bodyOf = (request: RecordedRequest | undefined) => (request?.body ?? {}) as Record<string, unknown>

async function start(t: Parameters<typeof startAsking>[0], script: Script | ScriptedReply) {
  const { provider } = await startAsking(t, script)
  return { provider, ...adapterAt(provider.url, { idleMs: 200 }) }
}

test('an answer in the background is stored at the provider, and its id is known before it ends', async (t) => {
  const { provider, ask, heard } = await start(t, { text: TEXT })
  const { message, usage } = await ask()
  assert.deepEqual([message.text, heard.text], [TEXT, TEXT])
  assert.equal(heard.ids.length, 1)
  const [request] = provider.requests
  const { background, store, include } = bodyOf(request)
  assert.deepEqual(
    { background, store, include },
    {
      background: true,
      store: true,
      include: ['reasoning.encrypted_content'],
    },
  )
  assert.deepEqual(usage, request?.charged)
})

for (const fault of ['reset', 'truncate', 'stall'] as const) {
  test(`${fault} in the middle: the rest is read, nothing twice, and the model is asked once`, async (t) => {
    const { provider, ask, heard } = await start(t, { text: TEXT, fault })
    const { message } = await ask()
    assert.deepEqual([message.text, heard.text], [TEXT, TEXT])
    assert.equal(provider.requests.length, 1)
  })
}

test('whoever knows the id reads all of an answer, while it goes on and after its end', async (t) => {
  const { provider } = await start(t, {
    text: TEXT,
    toolCalls: [{ tool: 'look_up', arguments: { id: '1' } }],
    chunkDelayMs: 20,
  })
  const { heard, read } = adapterAt(provider.url)
  const asked = new AbortController()
  const leaving = adapterAt(provider.url)
  const left = leaving.ask(asked.signal)
  while (leaving.heard.text === '') await new Promise((resolve) => setImmediate(resolve))
  asked.abort(new Error('the worker dies'))
  await assert.rejects(left, /the worker dies/)

  const [id = ''] = leaving.heard.ids
  const during = await read(id)
  assert.deepEqual([during?.message.text, heard.text, during?.stop], [TEXT, TEXT, 'tool_calls'])
  assert.deepEqual((await read(id))?.message, during?.message)
  assert.equal(provider.requests.length, 1)
  assert.deepEqual(during?.usage, provider.requests[0]?.charged)
})

test('an answer that is not there is null, and costs nothing', async (t) => {
  const { provider, read } = await start(t, { text: TEXT })
  assert.equal(await read('resp_of_nobody'), null)
  assert.equal(provider.requests.length, 0)
})

test('an answer is stopped, and one that has ended says what it has used', async (t) => {
  const { provider, ask, heard, cancel } = await start(t, ({ messages }) => ({
    text: TEXT,
    chunkDelayMs: messages.length > 1 ? 60_000 : 0,
  }))
  await ask()
  assert.deepEqual(await cancel(heard.ids[0] ?? ''), provider.requests[0]?.charged)
  await assert.rejects(cancel('resp_of_nobody'), { status: 404 })
})

/** A response as OpenAI has it, with these fields. */
const response = (fields: object) => ({
  id: 'resp_1',
  object: 'response',
  model: 'gpt-5.5',
  status: 'completed',
  output: [{ type: 'message', role: 'assistant', content: [{ type: 'output_text', text: TEXT }] }],
  usage: { input_tokens: 40, output_tokens: 9 },
  ...fields,
})
const problem = (message: string) => JSON.stringify({ error: { message, type: 'invalid_request_error' } })

test('an answer that is too old to be streamed is looked at until it has ended', async (t) => {
  const seen: string[] = []
  const states = ['queued', 'in_progress', 'completed']
  const url = await startRawServer(t, (request, answer): void => {
    seen.push(`${request.method} ${request.url?.replace(/include[^&]*&?/, '')}`)
    if (request.url?.includes('stream=true')) {
      answer.writeHead(400, { 'content-type': 'application/json' })
      answer.end(problem('This response can no longer be streamed because it is more than 5 minutes old'))
      return
    }
    const status = states.shift()
    answer.writeHead(200, { 'content-type': 'application/json' })
    answer.end(JSON.stringify(response(status === 'completed' ? {} : { status, output: [], usage: null })))
  })
  const answer = await adapterAt(url).read('resp_1')
  assert.equal(answer?.message.text, TEXT)
  assert.equal(answer?.usage.inputTokens, 40)
  assert.equal(seen.length, 4)
  assert.ok(seen.every((line) => line.startsWith('GET /v1/responses/resp_1?')))
})

test('an answer that has failed or was cancelled meanwhile is a failure with what it has used', async (t) => {
  const fields: Record<string, object> = {
    failed: { status: 'failed', error: { code: 'server_error', message: 'x' }, output: [] },
    cancelled: { status: 'cancelled', output: [] },
  }
  const url = await startRawServer(t, (request, answer) => {
    answer.writeHead(200, { 'content-type': 'application/json' })
    const [, id = ''] = /responses\/(\w+)/.exec(request.url ?? '') ?? []
    answer.end(JSON.stringify(response(fields[id] ?? {})))
  })
  for (const [id, code] of [
    ['failed', 'model_overloaded'],
    ['cancelled', 'model_answer_malformed'],
  ] as const) {
    await assert.rejects(adapterAt(url).read(id), (error) => {
      assert.ok(error instanceof ModelFailure)
      assert.deepEqual([error.code, error.usage?.inputTokens], [code, 40])
      return true
    })
  }
})

test('a refusal to read an answer does not say that the answer was not billed', async (t) => {
  const url = await startRawServer(t, (_, answer) => {
    answer.writeHead(401, { 'content-type': 'application/json' })
    answer.end(problem('Incorrect API key provided'))
  })
  await assert.rejects(adapterAt(url).read('resp_1'), (error) => {
    assert.ok(error instanceof ModelFailure)
    assert.deepEqual([error.code, error.billed], ['model_unauthorized', 'unknown'])
    return true
  })
})

test('a server that is away when the rest is asked for has billed the answer all the same', async (t) => {
  const url = await startRawServer(t, (_, answer) => {
    answer.writeHead(503, { 'content-type': 'application/json' })
    answer.end(problem('The server is overloaded'))
  })
  await assert.rejects(adapterAt(url).read('resp_1'), (error) => {
    assert.ok(error instanceof ModelFailure)
    assert.deepEqual([error.code, error.billed], ['model_overloaded', 'unknown'])
    return true
  })
})

test('an answer that is cut again and again is given up after the table’s number of times', async (t) => {
  const seen: string[] = []
  const url = await startRawServer(t, (request, answer) => {
    seen.push(String(request.method))
    answer.writeHead(200, { 'content-type': 'text/event-stream' })
    const created = { type: 'response.created', sequence_number: 0, response: { id: 'resp_1' } }
    answer.end(request.method === 'POST' ? `data: ${JSON.stringify(created)}\n\n` : '')
  })
  await assert.rejects(adapterAt(url).ask(), (error) => {
    assert.ok(error instanceof ModelFailure)
    assert.deepEqual([error.billed, error.usage], ['unknown', undefined])
    return true
  })
  assert.deepEqual(seen, ['POST', 'GET', 'GET', 'GET', 'GET', 'GET'])
})

/** Names an answer, and ends its stream. Whatever comes after that gets `rest`. */
function namesAnswer(rest: (answer: ServerResponse) => void) {
  return (request: IncomingMessage, answer: ServerResponse): void => {
    if (request.method === 'POST') {
      const created = { type: 'response.created', sequence_number: 0, response: { id: 'resp_1' } }
      answer.writeHead(200, { 'content-type': 'text/event-stream' })
      answer.end(`data: ${JSON.stringify(created)}\n\n`)
    } else rest(answer)
  }
}

const isBusy = (answer: ServerResponse) => {
  answer.writeHead(429, { 'content-type': 'application/json' })
  answer.end(
    JSON.stringify({ error: { message: 'Slow down', type: 'requests', code: 'rate_limit_exceeded' } }),
  )
}

test('a provider that is too busy to read an answer on from does not say that the answer was not billed', async (t) => {
  const url = await startRawServer(t, namesAnswer(isBusy))
  await assert.rejects(adapterAt(url).ask(), (error) => {
    assert.ok(error instanceof ModelFailure)
    assert.deepEqual([error.code, error.billed], ['model_rate_limited', 'unknown'])
    return true
  })
})

test('a provider that cannot be reached any more may bill an answer that it goes on with', async () => {
  const server = createServer(namesAnswer(() => assert.fail('it is gone'))).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.once('request', (_, answer: ServerResponse) => answer.once('finish', () => server.close()))
  server.keepAliveTimeout = 1
  await assert.rejects(adapterAt(`http://127.0.0.1:${port}`).ask(), (error) => {
    assert.ok(error instanceof ModelFailure)
    assert.deepEqual([error.code, error.billed], ['model_unreachable', 'unknown'])
    return true
  })
})

test('a server that knows no answers in the background is asked as any other, and nothing is stored there', async (t) => {
  const { provider, ask, heard } = await start(t, ({ body }) => {
    const refused = 'background' in (body as object)
    const error = { message: "Unknown parameter: 'background'.", type: 'invalid_request_error' }
    return refused ? { text: '', fault: { status: 400, body: { error } } } : { text: TEXT }
  })
  assert.equal((await ask()).message.text, TEXT)
  assert.deepEqual(heard.ids, [])
  assert.equal(bodyOf(provider.requests[1])['store'], false)
})
