import assert from 'node:assert/strict'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { after, before, test } from 'node:test'
import { callApi } from '../../src/cli/demo/demo-api.ts'
import { createApiClient } from '../../src/cli/store/api-client.ts'

/* Commands that ask an API without the typed client: what they tell of a problem. */

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

const TEXT = 'The body is not valid.\n  /groups/0: Must be a\\u001b[31m name.'

test('keys and reports of a stack that is up say what is wrong with which part', async () => {
  await assert.rejects(createApiClient(url, null)('POST', '/v1/keys', {}), {
    message: `The API refused: ${TEXT}`,
  })
})

test('the demonstration says what is wrong with which part', async () => {
  await assert.rejects(callApi({ url, key: null, isLocalStack: false }, '/v1/runs', {}), {
    message: TEXT,
    code: 'invalid_request',
  })
})
