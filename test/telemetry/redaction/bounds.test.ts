import assert from 'node:assert/strict'
import { test } from 'node:test'
import { LOGGED_AT_MOST } from '../../../src/policies/operations/logs.ts'
import { createRedactor } from '../../../src/telemetry/redaction/redactor.ts'

const secret = 'S3CR3T-0123456789-abcdefghij-klmnopqrst-uvwxyz'
const { redact, redactValue } = createRedactor([secret])

test('a text that is cut in the middle of a secret shows no part of it', () => {
  for (
    let before = LOGGED_AT_MOST.textCharacters - 60;
    before < LOGGED_AT_MOST.textCharacters + 1_100;
    before += 7
  ) {
    for (const hidden of [secret, 'password="hunter2hunter2hunter2"', 'postgres://ann:hunter2@db']) {
      const shown = redact(`${'x'.repeat(before)} ${hidden} ${'y'.repeat(3_000)}`)
      assert.doesNotMatch(shown, /S3CR|hunter/)
      assert.ok(shown.length < LOGGED_AT_MOST.textCharacters + 40)
    }
  }
})

test('secrets that shrink to their markers bring no cut secret into view', () => {
  const text = 'sk-proj-abcdefghijklmnopqrstuvwxyz0123456789 '.repeat(500) + secret
  const cut = redact(text.slice(0, LOGGED_AT_MOST.textCharacters + 1_024 - 10 + secret.length))
  assert.doesNotMatch(cut, /S3CR|abcdefghij/)
})

const HOSTILE = [
  'a',
  'a@',
  'a.',
  '-',
  '+1 ',
  '0 ',
  '1-',
  '4111 ',
  '"',
  '\\',
  '\\"',
  'password',
  'password=',
  'token":"',
  '://a:',
  '://',
  'sk-',
  'eyJ-',
  'eyJaaaa.',
  'Bearer ',
  '-----BEGIN PRIVATE KEY-----',
  'DE89',
  'AB12 ',
  '{',
  '[',
  '(0',
  '%40',
  'é@',
  ' ',
  ':',
  '&sig=',
  '\ud800',
  'secret\\\\\\\\',
]

test('no text takes longer than its length allows', () => {
  redact('warm password=x up a@b.example 4111 1111 1111 1111')
  for (const piece of [
    ...HOSTILE,
    ...HOSTILE.map((one, at) => one + HOSTILE[(at * 7 + 3) % HOSTILE.length]),
  ]) {
    const text = piece.repeat(Math.ceil(1_000_000 / piece.length))
    // Processor time, since others may use the machine; by squares a text of this length would take minutes.
    const before = process.cpuUsage()
    redact(text)
    const { user } = process.cpuUsage(before)
    assert.ok(user < 2_000_000, `${JSON.stringify(piece)} took ${Math.round(user / 1_000)} ms`)
  }
})

test('values are bounded in depth, breadth, number and text', () => {
  let deep: unknown = 'bottom'
  for (let level = 0; level < 100_000; level++) deep = [deep]
  assert.equal(JSON.stringify(redactValue(deep)), '[[[[[[[["[deeper]"]]]]]]]]')

  const wide = redactValue(Object.fromEntries(Array.from({ length: 1_000 }, (_, at) => [`f${at}`, at])))
  assert.equal(Object.keys(wide as object).length, LOGGED_AT_MOST.entries + 1)

  const tree = Array.from({ length: 100 }, () =>
    Array.from({ length: 100 }, () => Array.from({ length: 100 }, () => 'x'.repeat(100))),
  )
  assert.ok(JSON.stringify(redactValue(tree)).length < 200_000)
  assert.ok(JSON.stringify(redactValue('x'.repeat(10_000_000))).length < 10_000)
})
