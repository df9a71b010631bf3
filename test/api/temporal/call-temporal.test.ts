import assert from 'node:assert/strict'
import { createServer } from 'node:http2'
import type { AddressInfo } from 'node:net'
import { type TestContext, test } from 'node:test'
import { Client, Connection } from '@temporalio/client'
import { callsSettled, callTemporal } from '../../../src/api/temporal/call-temporal.ts'

/** What a watch is told of a call to this address that has so long. */
async function toldOf(t: TestContext, address: string, timeoutMs: number): Promise<string[]> {
  const connection = Connection.lazy({ address, tls: false })
  const client = new Client({ connection })
  t.after(async () => {
    await callsSettled(client)
    await connection.close()
  })
  const told: string[] = []
  const watch = { lost: () => void told.push('lost'), answered: () => void told.push('answered') }
  const describe = () => client.workflow.getHandle('a run').describe()
  await assert.rejects(callTemporal(client, timeoutMs, describe, watch), { code: 'unavailable' })
  return told
}

/** A port of loopback behind which a server takes calls and answers none, or nobody is. */
async function portOf(t: TestContext, who: 'slow' | 'nobody'): Promise<string> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  if (who === 'slow') t.after(() => server.close())
  else await new Promise((resolve) => server.close(resolve))
  return `127.0.0.1:${port}`
}

test('Temporal is away where no connection is made in time', async (t) => {
  assert.deepEqual(await toldOf(t, await portOf(t, 'nobody'), 500), ['lost'])
})

test('a call that takes too long is no outage', async (t) => {
  assert.deepEqual(await toldOf(t, await portOf(t, 'slow'), 1_000), [])
})

test('a call that was given up between two tries is waited for before its connection is closed', async (t) => {
  const connection = Connection.lazy({ address: await portOf(t, 'nobody'), tls: false })
  const client = new Client({ connection })
  const describe = () => client.workflow.getHandle('a run').describe()
  await assert.rejects(callTemporal(client, 500, describe), { code: 'unavailable' })
  await callsSettled(client)
  await connection.close()
  // The client's next try would throw here, in a timer.
  await new Promise((resolve) => setTimeout(resolve, LONGEST_PAUSE_MS))
})

/** Between two of the first tries. */
const LONGEST_PAUSE_MS = 1_500
