import assert from 'node:assert/strict'
import { Writable } from 'node:stream'
import { test } from 'node:test'
import Fastify from 'fastify'
import { visible } from '../../../src/contracts/operator-text.ts'
import { areaOf } from '../../../src/telemetry/logs/area-of.ts'
import { createLogger } from '../../../src/telemetry/logs/create-logger.ts'

const LEVELS = { base: 'info', areas: {} } as const
const PRETTY = { levels: LEVELS, format: 'pretty', secrets: [] } as const
const JSON_LINES = { levels: LEVELS, format: 'json', secrets: [] } as const

/** What is printed, the colours of pino-pretty left out. */
function recorder() {
  let text = ''
  const destination = new Writable({
    write(chunk: Buffer, _encoding, done) {
      text += chunk.toString()
      done()
    },
  })
  return { destination, text: () => text }
}

const FOREIGN = [
  '\u001b[2J',
  '\u009b2J',
  '\u0085',
  '\r',
  '\n[12:00:00] INFO: all is well',
  '\u202e',
  '\u2066',
  '\u2028',
  '\u0000',
]

test('a line for people shows what foreign text would do to a terminal', () => {
  for (const foreign of FOREIGN) {
    const { destination, text } = recorder()
    const logger = createLogger(PRETTY, destination)
    const error = new Error(`the provider said ${foreign}`, { cause: new Error(`because ${foreign}`) })
    logger.info({ label: `x${foreign}y`, deep: { list: [foreign] }, err: error }, `said ${foreign}`)
    const printed = text()
    assert.ok(!printed.includes(foreign), JSON.stringify(printed))
    assert.ok(printed.includes(`said ${visible(foreign)}`), JSON.stringify(printed))
    assert.match(printed, /\n {4,}at /, 'a stack keeps its frames')
    assert.match(printed, /caused by: Error: because/)
  }
})

test('other text is printed as it is', () => {
  const { destination, text } = recorder()
  createLogger(PRETTY, destination).info('Grüße, 日本, 😀 and C:\\new')
  assert.ok(text().includes('Grüße, 日本, 😀 and C:\\new'))
})

test('a line for programs is JSON, with credentials left out', () => {
  const { destination, text } = recorder()
  createLogger(JSON_LINES, destination).info({ apiKey: 'k', err: { password: 'p' } }, 'a\nb')
  const line = JSON.parse(text()) as Record<string, unknown>
  assert.equal(line['msg'], 'a\nb')
  assert.deepEqual([line['apiKey'], line['err']], ['[secret]', { password: '[secret]' }])
})

test('an error that cannot be changed is logged as well', () => {
  for (const error of [
    Object.freeze(new Error('frozen')),
    new Error('outer', { cause: Object.freeze(new Error('frozen')) }),
  ]) {
    const { destination, text } = recorder()
    createLogger(JSON_LINES, destination).error({ err: error }, 'tool failed')
    const line = JSON.parse(text()) as { err: { stack: string } }
    assert.match(line.err.stack, /frozen/)
  }
})

test('an area has the level that LOG_LEVEL gives it, and so have the children of its logger', () => {
  const { destination, text } = recorder()
  const levels = { base: 'warn', areas: { models: 'debug', http: 'silent' } } as const
  const logger = createLogger({ levels, format: 'json', secrets: [] }, destination)
  logger.info('no: the base')
  areaOf(logger, 'models').debug('yes: models')
  areaOf(logger, 'models').child({ runId: 'run_1' }).debug('yes: a child')
  areaOf(logger, 'http').fatal('no: http')
  areaOf(logger, 'http').child({ requestId: 'req_1' }, { serializers: {} }).fatal('no: a request')
  areaOf(logger, 'tools').info('no: tools')
  areaOf(logger, 'tools').warn('yes: tools')
  const lines = text()
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as { area: string; msg: string })
  assert.deepEqual(
    lines.map(({ area, msg }) => [area, msg]),
    [
      ['models', 'yes: models'],
      ['models', 'yes: a child'],
      ['tools', 'yes: tools'],
    ],
  )
})

test('the server’s own lines go through the same serialiser', async () => {
  const { destination, text } = recorder()
  const logger = createLogger({ ...JSON_LINES, secrets: ['the-secret-of-it'] }, destination)
  const server = Fastify({ loggerInstance: areaOf(logger, 'http') })
  server.get('/', async (request) => {
    request.log.info(
      { err: new Error('the-secret-of-it'), headers: { authorization: 'x' } },
      'said the-secret-of-it',
    )
    return {}
  })
  await server.inject('/')
  await server.close()
  assert.match(text(), /"msg":"said \[secret\]"/)
  assert.match(text(), /"err":\{"type":"Error","message":"\[secret\]","stack":"Error: \[secret\]\\n/)
  assert.doesNotMatch(text(), /the-secret-of-it/)
})

test('the message of an error goes on with that of its cause, without doubled punctuation, and the provider’s status is kept', () => {
  const { destination, text } = recorder()
  const error = new Error('The provider refused our credentials.', { cause: new Error('401 Wrong key.') })
  createLogger(JSON_LINES, destination).warn({ err: error }, 'model call failed')
  assert.equal(JSON.parse(text()).err.message, 'The provider refused our credentials. 401 Wrong key.')
})
