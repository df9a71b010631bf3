import assert from 'node:assert/strict'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { test } from 'node:test'
import { createHttpCaller } from '../../src/local/test-system/http-caller.ts'

test('a list is read to its last page, with the query that its path has', async () => {
  const asked: string[] = []
  await using server = createServer((request, response) => {
    asked.push(request.url ?? '')
    const isLast = request.url?.includes('after=') === true
    response.end(JSON.stringify({ data: [asked.length], next: isLast ? null : 'a b&c' }))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  const caller = createHttpCaller(`http://127.0.0.1:${port}`, 'key')
  assert.deepEqual(await caller.list('/v1/runs?status=queued'), [1, 2])
  assert.deepEqual(asked, [
    '/v1/runs?status=queued&limit=100',
    '/v1/runs?status=queued&limit=100&after=a+b%26c',
  ])
})
