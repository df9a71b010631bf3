import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { BookedCall } from './support/models/booked-call.ts'
import { type Billed, compareLedger } from './support/models/compare-ledger.ts'

/* What compares the books with the providers' has to notice when they differ. */

const PLACE = 'Run 1 gpt-5.5'
const call = (change: Partial<BookedCall>): BookedCall => ({
  runId: 'run_1',
  model: 'gpt-5.5',
  status: 'ok',
  code: null,
  requestId: 'req_1',
  responseId: null,
  costMicroUsd: 700,
  unknownMicroUsd: 0,
  ...change,
})
const lost = (unknownMicroUsd: number) =>
  call({ status: 'unknown', requestId: null, costMicroUsd: null, unknownMicroUsd })
const bill = (change: Partial<Billed>): Billed => ({
  requestId: 'req_1',
  place: PLACE,
  chargedMicroUsd: 700,
  atRiskMicroUsd: 0,
  ...change,
})
const NOT_CHARGED = { chargedMicroUsd: 0, atRiskMicroUsd: 0 }
const BROKEN_OFF = { chargedMicroUsd: 0, atRiskMicroUsd: 700 }

type Books = readonly [calls: readonly BookedCall[], bills: readonly Billed[]]
const compare = ([calls, bills]: Books) => compareLedger(calls, bills, () => PLACE)

const RIGHT: Readonly<Record<string, Books>> = {
  'an answer at its price': [[call({})], [bill({})]],
  'an answer that another attempt has read on': [
    [call({ requestId: 'req_9', responseId: 'resp_1' })],
    [bill({})],
  ],
  'a request that was turned away': [[call({ status: 'failed', costMicroUsd: 0 })], [bill(NOT_CHARGED)]],
  'an answer without counts, covered': [[call({ costMicroUsd: null, unknownMicroUsd: 900 })], [bill({})]],
  'an answer that nobody has seen the end of, covered': [[lost(900)], [bill({})]],
  'an attempt whose request has not arrived': [[lost(900)], []],
}
for (const [what, books] of Object.entries(RIGHT)) {
  test(`${what} is in order`, () => assert.deepEqual(compare(books).faults, []))
}

const WRONG: Readonly<Record<string, readonly [RegExp, Books]>> = {
  'another price': [/another price/, [[call({ costMicroUsd: 699 })], [bill({})]]],
  'nothing booked for what broke off': [
    /another price/,
    [[call({ status: 'failed', costMicroUsd: 0 })], [bill(BROKEN_OFF)]],
  ],
  'a cost that nobody has charged': [/nobody has charged/, [[call({ requestId: null })], []]],
  'an attempt that is open': [/still open/, [[call({ status: 'open' })], [bill({})]]],
  'a request that is booked twice': [/booked twice/, [[call({}), call({})], [bill({})]]],
  'a request of another run': [/booked elsewhere/, [[call({})], [bill({ place: 'Run 2 gpt-5.5' })]]],
  'a request that is not booked': [/not booked/, [[], [bill(NOT_CHARGED)]]],
  'too little set aside for an answer without counts': [
    /more is charged/,
    [[call({ costMicroUsd: null, unknownMicroUsd: 699 })], [bill({})]],
  ],
  'too little set aside for an answer that is lost': [/set aside/, [[lost(699)], [bill({})]]],
}
for (const [what, [told, books]] of Object.entries(WRONG)) {
  test(`${what} is noticed`, () => assert.match(compare(books).faults.join('\n'), told))
}

test('says what was charged for answers that are lost', () => {
  const { unseen, unseenMicroUsd } = compare([
    [lost(900), lost(900)],
    [bill({}), bill({ requestId: 'req_2' })],
  ])
  assert.deepEqual([unseen, unseenMicroUsd], [2, 1_400])
})
