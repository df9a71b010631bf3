import assert from 'node:assert/strict'
import { once } from 'node:events'
import { connect } from 'node:net'
import { test } from 'node:test'
import { promisify } from 'node:util'
import { LOAD_SHEDDING } from '../../../../src/policies/api-limits.ts'
import type { Fact } from '../../../../src/telemetry/facts.ts'
import { createTelemetry } from '../../../../src/telemetry/telemetry.ts'
import { changedDatabase } from '../../../support/changed-database.ts'
import { openPgliteTestDatabase } from '../../../support/pglite.ts'
import { until } from '../../../support/until.ts'
import { recordingTemporal } from '../../support/recording-temporal.ts'
import { buildApi } from '../../support/start-api.ts'

/** The statements of the requests below, and none of the upkeep's. */
const OF_REQUESTS = /insert into threads|with page as/

test('requests whose clients have left are carried out and told, and are no work any more', async (t) => {
  const store = await openPgliteTestDatabase()
  const goOn = Promise.withResolvers<void>()
  let held = 0
  const database = changedDatabase(store.database, (one) => ({
    query: async (statement) => {
      if (OF_REQUESTS.test(statement.text)) {
        held += 1
        await goOn.promise
      }
      return one.query(statement)
    },
  }))
  const told: Fact[] = []
  const telemetry = createTelemetry([{ take: (fact) => void told.push(fact) }])
  const server = buildApi(database, recordingTemporal().client, 'test', { telemetry })
  const url = await server.listen({ host: '127.0.0.1', port: 0 })
  t.after(async () => {
    goOn.resolve()
    await server.close()
    await store.close()
  })

  // As many as are under way before reads are refused.
  const lists = LOAD_SHEDDING.first.work.begin - 1
  const body = '{"title":"Left"}'
  const requests = [
    `POST /v1/threads HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\ncontent-length: ${body.length}\r\n\r\n${body}`,
    ...Array.from({ length: lists }, () => 'GET /v1/runs HTTP/1.1\r\nhost: localhost\r\n\r\n'),
  ]
  const sockets = requests.map((bytes) => {
    const socket = connect({ host: '127.0.0.1', port: Number(new URL(url).port) })
    socket.write(bytes)
    return socket
  })
  await until('all of them at work', async () => held === requests.length)
  for (const [at, socket] of sockets.entries()) {
    const closed = once(socket, 'close')
    if (at % 2 === 0) socket.resetAndDestroy()
    else socket.destroy()
    await closed
  }
  const connections = promisify(server.server.getConnections.bind(server.server))
  await until('no connection', async () => (await connections()) === 0)
  goOn.resolve()

  const answered = () => told.filter((fact) => fact.type === 'request.answered')
  await until('all of them told', async () => answered().length === requests.length)
  const ofThreads = answered().filter(({ route }) => route === '/v1/threads')
  assert.deepEqual(
    ofThreads.map(({ method, status }) => [method, status]),
    [['POST', 201]],
  )
  const [row] = await store.database.query<{ count: number }>({
    text: 'select count(*)::integer as count from threads',
  })
  assert.equal(row?.count, 1)
  assert.equal((await fetch(`${url}/v1/runs`)).status, 200)
  assert.equal(answered().length, requests.length + 1)
})
