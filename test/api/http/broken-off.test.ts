import assert from 'node:assert/strict'
import { connect } from 'node:net'
import { test } from 'node:test'
import pino from 'pino'
import { buildServer } from '../../../src/api/server.ts'
import { NO_TELEMETRY } from '../../../src/telemetry/telemetry.ts'
import office from '../../support/office.ts'
import { openPgliteTestDatabase } from '../../support/pglite.ts'
import { NO_OUTSIDE } from '../../support/test-app.ts'
import { recordingTemporal } from '../support/recording-temporal.ts'

test('a client that goes away while it sends is no error of ours', async (t) => {
  const store = await openPgliteTestDatabase()
  const lines: { level: number; code?: string; reqId?: string }[] = []
  const refused = Promise.withResolvers<void>()
  const logger = pino({ level: 'debug' }, { write: (line: string) => note(JSON.parse(line)) })
  function note(line: { level: number; code?: string; reqId?: string; msg: string }): void {
    lines.push(line)
    if (/^request (failed|refused)$/.test(line.msg)) refused.resolve()
  }
  const server = buildServer({
    telemetry: NO_TELEMETRY,
    app: office,
    outside: NO_OUTSIDE,
    database: store.database,
    temporal: recordingTemporal().client,
    taskQueue: 'test',
    logger,
    auth: 'none',
    secret: null,
  })
  t.after(async () => {
    await server.close()
    await store.close()
  })
  const handled = Promise.withResolvers<void>()
  server.addHook('preParsing', async () => handled.resolve())
  const { port } = new URL(await server.listen({ host: '127.0.0.1', port: 0 }))

  const socket = connect({ host: '127.0.0.1', port: Number(port) })
  socket.write(
    'POST /v1/runs HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\ncontent-length: 100\r\n\r\n{"agent":',
  )
  await handled.promise
  socket.destroy()
  await refused.promise
  assert.deepEqual(
    lines.filter(({ level, reqId }) => level >= 40 && reqId !== undefined),
    [],
  )
})
