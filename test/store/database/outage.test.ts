import assert from 'node:assert/strict'
import { test } from 'node:test'
import pino from 'pino'
import { connectionFailed, isOutage, statementFailed } from '../../../src/store/database/outage.ts'
import { createOutageWatch } from '../../../src/store/database/outage-watch.ts'
import { openPostgres } from '../../../src/store/database/postgres.ts'

const withCode = (code: string) => Object.assign(new Error('no'), { code })

test('a server that stops, fails over, is full or cannot be reached is an outage', () => {
  const codes = [
    '57P01',
    '57P03',
    '08006',
    '25006',
    '53300',
    '53100',
    '55P03',
    '40P01',
    'ECONNRESET',
    'EHOSTUNREACH',
  ]
  for (const code of codes) assert.ok(isOutage(statementFailed(withCode(code))), code)
  for (const message of ['Connection terminated unexpectedly', 'Query read timeout']) {
    assert.ok(isOutage(statementFailed(new Error(message))), message)
  }
  assert.ok(isOutage(connectionFailed(new Error('whatever a connection fails with'))))
})

test('a statement that the server refuses is none', () => {
  for (const code of ['22P02', '23505', '42601', '57014', 'ERR_INVALID_ARG_TYPE']) {
    assert.ok(!isOutage(statementFailed(withCode(code))), code)
  }
})

test('what another service does to a tool is no outage of the store, though it has the same code', () => {
  assert.ok(!isOutage(withCode('ECONNREFUSED')))
  assert.ok(!isOutage(new TypeError('fetch failed', { cause: withCode('ECONNRESET') })))
})

test('a tool that wraps what the store said still has met an outage', () => {
  const cause = statementFailed(withCode('ECONNREFUSED'))
  assert.ok(isOutage(new Error('No invoice could be read.', { cause })))
})

test('the log has a line when the store goes away and one when it is back, however many meet it', () => {
  const lines: string[] = []
  const logger = pino({ level: 'info' }, { write: (line) => lines.push(JSON.parse(line).msg) })
  const watch = createOutageWatch(logger)
  watch.answered()
  for (let n = 0; n < 5; n += 1) watch.lost(new Error('gone'))
  for (let n = 0; n < 5; n += 1) watch.answered()
  assert.deepEqual(lines, [
    'The store is away. What needs it is repeated until it is back.',
    'The store is back.',
  ])
})

test('a server that is not there is an outage for whoever asks it', async () => {
  const database = openPostgres({
    url: 'postgres://postgres@127.0.0.1:1/none',
    logger: pino({ level: 'silent' }),
  })
  const failed = await database.query({ text: 'select 1' }).catch((error: unknown) => error)
  const inTransaction = await database.transaction(async () => undefined).catch((error: unknown) => error)
  assert.ok(isOutage(failed) && isOutage(inTransaction))
  await database.close()
})
