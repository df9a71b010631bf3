import assert from 'node:assert/strict'
import { test } from 'node:test'
import { connectionFailed } from '../../../src/store/database/outage.ts'
import { inTurnOf } from '../../../src/store/files/lock-files.ts'

/** Work that ends when it is told to. @param done where its beginning and end are noted */
function work(name: string, done: string[]) {
  const { promise, resolve, reject } = Promise.withResolvers<string>()
  const begin = () => {
    done.push(`${name} begins`)
    return promise.finally(() => done.push(`${name} ends`))
  }
  return { begin, end: () => resolve(name), fail: reject }
}

test('work of a tenant is done in its order, also after a failure, and no other tenant waits', async () => {
  const done: string[] = []
  const [first, second, third, other] = [work('1', done), work('2', done), work('3', done), work('b', done)]
  const failed = assert.rejects(inTurnOf('a', first.begin), /broken/)
  const others = [inTurnOf('a', second.begin), inTurnOf('a', third.begin)]
  const aside = inTurnOf('b', other.begin)
  third.end()
  second.end()
  other.end()
  assert.equal(await aside, 'b')
  assert.deepEqual(done, ['1 begins', 'b begins', 'b ends'])
  first.fail(new Error('broken'))
  await failed
  assert.deepEqual(await Promise.all(others), ['2', '3'])
  assert.deepEqual(done.slice(3), ['1 ends', '2 begins', '2 ends', '3 begins', '3 ends'])
})

test('what waits when the store goes away fails at once, and what comes later is done', async () => {
  const done: string[] = []
  const first = work('1', done)
  const all = [
    inTurnOf('a', first.begin),
    inTurnOf('a', work('2', done).begin),
    inTurnOf('a', work('3', done).begin),
  ]
  const ends = Promise.allSettled(all)
  first.fail(connectionFailed(new Error('away')))
  assert.ok((await ends).every(({ status }) => status === 'rejected'))
  assert.deepEqual(done, ['1 begins', '1 ends'])
  const later = work('4', done)
  later.end()
  assert.equal(await inTurnOf('a', later.begin), '4')
})
