import assert from 'node:assert/strict'
import { test } from 'node:test'
import { decodeCursor, encodeCursor } from '../../src/api/cursor.ts'
import { newId } from '../../src/api/new-id.ts'

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
