import assert from 'node:assert/strict'
import { test } from 'node:test'
import { readTraceparent } from '../../../../src/api/http/requests/read-traceparent.ts'

const TRACE = '4bf92f3577b34da6a3ce929d0e0e4736'
const SPAN = '00f067aa0ba902b7'

test('a caller’s trace is read with its span and its flag', () => {
  assert.deepEqual(readTraceparent(`00-${TRACE}-${SPAN}-01`), { traceId: TRACE, spanId: SPAN, sampled: true })
  assert.equal(readTraceparent(`00-${TRACE}-${SPAN}-00`)?.sampled, false)
  assert.equal(readTraceparent(`00-${TRACE}-${SPAN}-02`)?.sampled, false, 'other flags say nothing of it')
  assert.equal(readTraceparent(`00-${TRACE}-${SPAN}-03`)?.sampled, true)
})

test('a later version is read as far as it is known', () => {
  assert.equal(readTraceparent(`cc-${TRACE}-${SPAN}-01-what-the-future-brings`)?.traceId, TRACE)
  assert.equal(readTraceparent(`cc-${TRACE}-${SPAN}-01`)?.traceId, TRACE)
  assert.equal(readTraceparent(`cc-${TRACE}-${SPAN}-01.more`), null)
})

test('a header that the standard calls invalid is ignored', () => {
  const invalid = [
    undefined,
    '',
    'junk',
    [`00-${TRACE}-${SPAN}-01`, `00-${TRACE}-${SPAN}-01`],
    `00-${TRACE}-${SPAN}`,
    `00-${TRACE}-${SPAN}-01-more`,
    `ff-${TRACE}-${SPAN}-01`,
    `00-${'0'.repeat(32)}-${SPAN}-01`,
    `00-${TRACE}-${'0'.repeat(16)}-01`,
    `00-${TRACE.toUpperCase()}-${SPAN}-01`,
    `00-${TRACE.slice(1)}-${SPAN}-01`,
    `00-${TRACE}-${SPAN}-0`,
    `00-${TRACE}-${SPAN}-0g`,
    `00_${TRACE}_${SPAN}_01`,
  ]
  for (const header of invalid) assert.equal(readTraceparent(header), null, String(header))
})
