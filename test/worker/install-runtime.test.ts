import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer } from 'node:net'
import { test } from 'node:test'
import { Runtime } from '@temporalio/worker'
import { type CoreAddress, freeCoreAddress } from '../../src/worker/core-metrics.ts'
import { installRuntimeWithMetrics } from '../../src/worker/install-runtime.ts'
import { testLogger } from '../support/test-runtime.ts'

const listener = { began: () => undefined, ended: () => undefined }

test('core gives its metrics on another port where a process has taken the first one in the meantime', async (t) => {
  const first = await freeCoreAddress()
  const other = createServer().listen(Number(first.split(':')[1]), '127.0.0.1')
  await once(other, 'listening')
  t.after(() => other.close())
  const second = await freeCoreAddress()
  const addresses: CoreAddress[] = [first, second]
  const look = async () => addresses.shift() ?? assert.fail('a third port is looked for')
  const { metricsAt } = await installRuntimeWithMetrics(testLogger, listener, look)
  t.after(() => Runtime.instance().shutdown())
  assert.equal(metricsAt, second)
  assert.equal((await fetch(`http://${second}/metrics`)).status, 200)
})
