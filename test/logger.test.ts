import assert from 'node:assert/strict'
import { Writable } from 'node:stream'
import { test } from 'node:test'
import { visible } from '../src/contracts/operator-text.ts'
import { createLogger } from '../src/logger.ts'

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
    const logger = createLogger({ level: 'info', format: 'pretty' }, destination)
    const error = new Error(`the provider said ${foreign}`, { cause: new Error(`because ${foreign}`) })
    logger.info({ name: `x${foreign}y`, deep: { list: [foreign] }, err: error }, `said ${foreign}`)
    const printed = text()
    assert.ok(!printed.includes(foreign), JSON.stringify(printed))
    assert.ok(printed.includes(`said ${visible(foreign)}`), JSON.stringify(printed))
    assert.match(printed, /\n {4,}at /, 'a stack keeps its frames')
    assert.match(printed, /caused by: Error: because/)
  }
})

test('other text is printed as it is', () => {
  const { destination, text } = recorder()
  createLogger({ level: 'info', format: 'pretty' }, destination).info('Grüße, 日本, 😀 and C:\\new')
  assert.ok(text().includes('Grüße, 日本, 😀 and C:\\new'))
})

test('a line for programs is JSON, with credentials left out', () => {
  const { destination, text } = recorder()
  createLogger({ level: 'info', format: 'json' }, destination).info(
    { apiKey: 'k', err: { password: 'p' } },
    'a\nb',
  )
  const line = JSON.parse(text()) as Record<string, unknown>
  assert.equal(line['msg'], 'a\nb')
  assert.deepEqual([line['apiKey'], line['err']], ['[Redacted]', { password: '[Redacted]' }])
})

test('an error that cannot be changed is logged as well', () => {
  for (const error of [
    Object.freeze(new Error('frozen')),
    new Error('outer', { cause: Object.freeze(new Error('frozen')) }),
  ]) {
    const { destination, text } = recorder()
    createLogger({ level: 'info', format: 'json' }, destination).error({ err: error }, 'tool failed')
    const line = JSON.parse(text()) as { err: { stack: string } }
    assert.match(line.err.stack, /frozen/)
  }
})
