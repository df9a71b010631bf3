import assert from 'node:assert/strict'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { after, before, test } from 'node:test'
import { type CoreAddress, coreMetrics, freeCoreAddress } from '../../src/worker/core-metrics.ts'

const CORE = `# HELP temporal_request Count of client request successes by rpc name
# TYPE temporal_request counter
temporal_request{operation="GetSystemInfo"} 1
# HELP temporal_num_pollers Current number of active pollers per queue type
# TYPE temporal_num_pollers gauge
temporal_num_pollers{task_queue="q"} 10
`

let server: Server
let address: CoreAddress
let status = 200

before(async () => {
  server = createServer((_request, response) => {
    response.writeHead(status).end(CORE)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  address = `127.0.0.1:${(server.address() as AddressInfo).port}`
})
after(() => server.close())

test('core’s page is taken over with its names; its counters, which lack the suffix, have no type', async () => {
  assert.equal(
    await coreMetrics(address),
    CORE.replace('# TYPE temporal_request counter', '# TYPE temporal_request untyped'),
  )
})

test('a core that refuses or is gone leaves the page without its part', async () => {
  status = 500
  assert.equal(await coreMetrics(address), '')
  assert.equal(await coreMetrics(await freeCoreAddress()), '')
})
