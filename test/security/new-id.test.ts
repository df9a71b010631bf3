import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ID_CHARACTERS, newId } from '../../src/security/new-id.ts'

test('an id is its prefix and 26 characters of the alphabet', () => {
  for (let i = 0; i < 1_000; i++) assert.match(newId('run'), new RegExp(`^run_${ID_CHARACTERS}$`))
})

test('ids sort by the millisecond they were made in', () => {
  const times = [0, 1, 31, 32, 1_000, 1_795_252_078_288, 1_795_252_078_289, 2 ** 48 - 1]
  const ids = times.map((time) => newId('run', time))
  assert.deepEqual([...ids].sort(), ids)
})

test('ids of one millisecond differ', () => {
  const ids = new Set(Array.from({ length: 10_000 }, () => newId('run', 5)))
  assert.equal(ids.size, 10_000)
})
