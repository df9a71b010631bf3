import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ModelFailure } from '../../../../src/activities/models/failures/model-failure.ts'
import { toModelFailure } from '../../../../src/activities/models/failures/to-model-failure.ts'
import { askAt } from '../support/ask.ts'
import { freedUrl, startRawServer } from '../support/raw-server.ts'

const network = (code: string, syscall?: string) =>
  Object.assign(new Error(code), { code, ...(syscall !== undefined && { syscall }) })
const fetchFailed = (cause: Error) => new TypeError('fetch failed', { cause })
const refused = network('ECONNREFUSED', 'connect')

const TABLE: readonly (readonly [string, Error, 'no' | 'unknown'])[] = [
  ['a refused connection', fetchFailed(refused), 'no'],
  ['a name that is not known', fetchFailed(network('ENOTFOUND', 'getaddrinfo')), 'no'],
  ['a name server that does not answer', fetchFailed(network('EAI_AGAIN', 'getaddrinfo')), 'no'],
  ['a connection that takes too long to make', fetchFailed(network('UND_ERR_CONNECT_TIMEOUT')), 'no'],
  ['no address that answers', fetchFailed(new AggregateError([refused, refused])), 'no'],
  ['a reset', fetchFailed(network('ECONNRESET', 'read')), 'unknown'],
  ['a write that broke off', fetchFailed(network('EPIPE', 'write')), 'unknown'],
  ['a network that went away', fetchFailed(network('ETIMEDOUT', 'read')), 'unknown'],
  ['a socket that closed', fetchFailed(network('UND_ERR_SOCKET')), 'unknown'],
  [
    'addresses of which one broke off later',
    fetchFailed(new AggregateError([refused, network('ECONNRESET', 'read')])),
    'unknown',
  ],
  ['an error that says nothing', new Error('?'), 'unknown'],
]

for (const [what, error, billed] of TABLE) {
  test(`${what}: billed ${billed}`, () => {
    assert.equal(toModelFailure(error, { answering: false, hasBegun: false, requestId: null }).billed, billed)
  })
}

test('a host with several addresses, and nobody at any of them, bills nothing', async () => {
  const url = (await freedUrl()).replace('127.0.0.1', 'localhost')
  await assert.rejects(askAt(url)('openai-chat'), { code: 'model_unreachable', billed: 'no' })
})

test('a failed answer of a server that counts no tokens has no usage, which is not a usage of nothing', async (t) => {
  const chunk = { choices: [{ index: 0, delta: { content: 'Hi' }, finish_reason: 'network_error' }] }
  const url = await startRawServer(t, (_, response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' })
    response.end(`data: ${JSON.stringify(chunk)}\n\ndata: [DONE]\n\n`)
  })
  await assert.rejects(askAt(url)('openai-chat'), (error) => {
    assert.ok(error instanceof ModelFailure)
    assert.deepEqual([error.code, error.billed], ['model_answer_malformed', 'unknown'])
    assert.equal(error.usage, undefined)
    return true
  })
})

for (const [status, billed] of [
  [400, 'no'],
  [429, 'no'],
  [500, 'no'],
  [503, 'no'],
  [408, 'unknown'],
  [502, 'unknown'],
  [504, 'unknown'],
  [520, 'unknown'],
] as const) {
  test(`an answer of ${status}: billed ${billed}`, async (t) => {
    const url = await startRawServer(t, (_, response) => {
      response.writeHead(status, { 'content-type': 'text/html' })
      response.end('<h1>no</h1>')
    })
    await assert.rejects(askAt(url)('openai-chat'), { billed })
  })
}
