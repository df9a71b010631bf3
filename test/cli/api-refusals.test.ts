import assert from 'node:assert/strict'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { after, before, test } from 'node:test'
import { asking } from '../../src/cli/store/local-access.ts'

/* What keys and reports tell of a problem, where they ask the API of a stack that is up. */

const PROBLEM = {
  code: 'invalid_request',
  detail: 'The body is not valid.',
  errors: [{ pointer: '/groups/0', detail: 'Must be a\u001b[31m name.' }],
}
const server = createServer((_request, response) => {
  response.writeHead(400, { 'content-type': 'application/problem+json' }).end(JSON.stringify(PROBLEM))
})
let url: string

before(async () => {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
})
after(() => server.close())

test('a refusal says what is wrong with which part', async () => {
  const list = asking(url, null)(({ request }) => request('GET /v1/keys'))
  await assert.rejects(list, {
    name: 'CommandError',
    exitCode: 4,
    message: 'The body is not valid.\n  /groups/0: Must be a\\u001b[31m name.',
  })
})

test('an API that does not answer is said to be elsewhere', async () => {
  const nobody = asking('http://127.0.0.1:1', null)(({ request }) => request('GET /v1/keys'))
  await assert.rejects(nobody, {
    exitCode: 5,
    message: /has the store open, but its API does not answer at http:\/\/127\.0\.0\.1:1/,
  })
})
