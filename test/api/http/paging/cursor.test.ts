import assert from 'node:assert/strict'
import { test } from 'node:test'
import { decodeCursor, encodeCursor } from '../../../../src/api/http/paging/cursor.ts'
import { newId } from '../../../../src/security/new-id.ts'

const place = { createdAt: '2026-11-21T09:07:58.288Z', id: newId('run') }

test('a cursor leads back to its place', () => {
  assert.deepEqual(decodeCursor('run', encodeCursor(place)), place)
})

test("what a list did not give out is no cursor of it, another list's included", () => {
  const good = encodeCursor(place)
  const foreign = encodeCursor({ ...place, id: `apr_${'0'.repeat(26)}_1_0_0` })
  const noDay = encodeCursor({ ...place, createdAt: '2026-99-99T00:00:00.000Z' })
  for (const bad of ['', 'x', `${good}=`, good.slice(1), `${good}AAAA`, foreign, noDay]) {
    assert.throws(() => decodeCursor('run', bad), { code: 'invalid_cursor' }, bad)
  }
})

test('a day that the calendar does not have makes no cursor', () => {
  const days = ['2026-02-30', '2025-02-29', '2026-04-31', '0000-01-01', '2026-01-01T24:00:00.000Z']
  for (const day of days) {
    const createdAt = day.includes('T') ? day : `${day}T00:00:00.000000Z`
    const cursor = encodeCursor({ ...place, createdAt })
    assert.throws(() => decodeCursor('run', cursor), { code: 'invalid_cursor' }, day)
  }
  const leap = { ...place, createdAt: '2028-02-29T23:59:59.999999Z' }
  assert.deepEqual(decodeCursor('run', encodeCursor(leap)), leap)
})
