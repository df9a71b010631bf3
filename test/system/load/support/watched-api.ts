import pino from 'pino'
import { buildServer } from '../../../../src/api/server.ts'
import { openPostgres } from '../../../../src/store/database/postgres.ts'
import { NO_TELEMETRY } from '../../../../src/telemetry/telemetry.ts'
import { recordingTemporal } from '../../../api/support/recording-temporal.ts'
import office from '../../../support/office.ts'
import { NO_OUTSIDE } from '../../../support/test-app.ts'

/*
 * An API as a process of its own that measures how long its event loop was held up, by the processor time of its thread between two turns of
 * the loop: what other processes take from it does not count. It is given the store's URL as a message, and answers with its own; to `measure` it
 * answers with the longest turn since the last time.
 */

const logger = pino({ level: 'silent' })
let longestMs = 0
let beforeMs = 0

function usedMs(): number {
  const { user, system } = process.threadCpuUsage()
  return (user + system) / 1_000
}

function turn(): void {
  const now = usedMs()
  longestMs = Math.max(longestMs, now - beforeMs)
  beforeMs = now
  setImmediate(turn)
}

async function listen(databaseUrl: string): Promise<void> {
  const server = buildServer({
    app: office,
    outside: NO_OUTSIDE,
    database: openPostgres({ url: databaseUrl, logger }),
    temporal: recordingTemporal().client,
    taskQueue: 'test',
    auth: 'none',
    secret: null,
    logger,
    telemetry: NO_TELEMETRY,
  })
  const url = await server.listen({ host: '127.0.0.1', port: 0 })
  beforeMs = usedMs()
  turn()
  process.send?.(url)
}

process.on('message', (message) => {
  if (message !== 'measure') {
    void listen(String(message))
    return
  }
  process.send?.(longestMs)
  longestMs = 0
})
