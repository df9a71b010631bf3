import assert from 'node:assert/strict'
import { Writable } from 'node:stream'
import { test } from 'node:test'
import { areaOf } from '../../../src/telemetry/logs/area-of.ts'
import { createLogger } from '../../../src/telemetry/logs/create-logger.ts'

const SECRET = 'Zq7-application-secret-WxY'

/** Secrets and personal data, each with a part that must be in no line. */
const CANARIES: readonly (readonly [text: string, part: string])[] = [
  [SECRET, 'WxY'],
  ['Bearer canary.bearer-000111', 'canary'],
  ['Authorization: Basic Y2FuYXJ5OmNhbmFyeQ==', 'Y2Fu'],
  ['sk-proj-canary0123456789abcdef', 'canary'],
  ['hf_canary012345_0123456789abcdef', 'canary'],
  ['whsec_canary0123456789abcdef', 'canary'],
  ['eyJjYW5hcnkiOjF9.eyJjYW5hcnkiOjF9.Y2FuYXJ5', 'eyJ'],
  ['postgres://ann:canary@db/x', 'canary'],
  ['https://x.example/?api_key=canary&page=1', 'canary'],
  ['{"outer":"{\\"password\\":\\"canary\\"}"}', 'canary'],
  ['canary.lee+x@corp.example', 'canary'],
  ['+49 170 7654321', '7654321'],
  ['4111 1111 1111 1111', '4111'],
  ['DE89 3704 0044 0532 0130 00', '3704'],
]

class Carrier {
  readonly text: string
  constructor(text: string) {
    this.text = text
  }
}

/** Places where a text may turn up in what is logged. */
const PLACES: Record<string, (text: string) => readonly [object | undefined, string]> = {
  'the message': (text) => [undefined, `before ${text} after`],
  'a field': (text) => [{ text }, 'x'],
  'a field deep inside': (text) => [{ a: [{ b: { c: [text] } }] }, 'x'],
  'the name of a field': (text) => [{ a: { [text]: 1 } }, 'x'],
  'a header': (text) => [{ headers: { 'x-custom': text, authorization: text } }, 'x'],
  'an error': (text) => [{ err: new Error(text) }, 'x'],
  'an error without a message of the line': (text) => [
    new Error(`said ${text}`),
    undefined as unknown as string,
  ],
  'the cause of an error': (text) => [{ err: new Error('x', { cause: new Error(text) }) }, 'x'],
  'a cause that is no error': (text) => [
    { err: new Error('x', { cause: { response: { body: text } } }) },
    'x',
  ],
  'a field of an error': (text) => [
    { err: Object.assign(new Error('x'), { response: { body: text } }) },
    'x',
  ],
  'an error among several': (text) => [{ err: new AggregateError([new Error(text)], 'x') }, 'x'],
  'an error in another field': (text) => [{ problems: [new Error(text)] }, 'x'],
  'an object with a class': (text) => [{ it: new Carrier(text) }, 'x'],
  'what an object says of itself': (text) => [{ it: { toJSON: () => ({ text }) } }, 'x'],
  'a map and a set': (text) => [{ map: new Map([[text, text]]), set: new Set([text]) }, 'x'],
  'JSON in a text': (text) => [{ body: JSON.stringify({ a: text }) }, 'x'],
  'JSON in JSON in a text': (text) => [{ body: JSON.stringify(JSON.stringify({ a: { b: text } })) }, 'x'],
}

function record(log: (logger: ReturnType<typeof createLogger>) => void, format: 'json' | 'pretty'): string {
  let text = ''
  const destination = new Writable({
    write(chunk: Buffer, _encoding, done) {
      text += chunk.toString()
      done()
    },
  })
  log(createLogger({ levels: { base: 'info', areas: {} }, format, secrets: [SECRET] }, destination))
  // Digits of a time or a process's number can be those of a canary.
  return text.replace(/"time":\d+|"pid":\d+|^\S*\[\d\d:\d\d:\d\d\.\d+\]/gm, '')
}

for (const [place, made] of Object.entries(PLACES)) {
  for (const format of ['json', 'pretty'] as const) {
    test(`no secret and no personal data is in a ${format} line that has it in ${place}`, () => {
      for (const [canary, part] of CANARIES) {
        const [fields, message] = made(canary)
        const line = record(
          (logger) => (fields === undefined ? logger.info(message) : logger.info(fields, message)),
          format,
        )
        assert.notEqual(line, '')
        assert.ok(!line.includes(part), line)
      }
    })
  }
}

test('fields that a child logger puts on its lines are redacted, as deep as children go', () => {
  for (const [canary, part] of CANARIES) {
    const line = record((logger) => {
      const child = areaOf(logger, 'http')
        .child({ caller: canary })
        .child({ [canary]: [canary] }, {})
      child.setBindings({ requestId: 'req_1' })
      child.info('x')
    }, 'json')
    assert.ok(!line.includes(part), line)
    assert.match(line, /"requestId":"req_1"/)
  }
})

test('what is put into a message is redacted', () => {
  for (const [canary, part] of CANARIES) {
    const line = record((logger) => logger.info('said %s and %o', canary, { a: canary }), 'json')
    assert.ok(!line.includes(part), line)
    assert.match(line, /"msg":"said /)
  }
})
