import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createFairQueue } from '../../../src/activities/traffic/fair-queue.ts'

function queueOf(...calls: readonly string[]) {
  const queue = createFairQueue<string>()
  for (const call of calls) {
    const [tenant = '', agent = ''] = call.split('/')
    queue.add({ tenant, agent }, call)
  }
  return queue
}

function drain(queue: ReturnType<typeof queueOf>): string[] {
  const order: string[] = []
  for (let call = queue.next(); call !== undefined; call = queue.next()) order.push(call)
  return order
}

test('tenants take turns, whatever many calls one of them has', () => {
  const queue = queueOf('a/x/1', 'a/x/2', 'a/x/3', 'a/x/4', 'b/x/1', 'c/x/1', 'c/x/2')
  assert.deepEqual([queue.size, queue.tenants], [7, 3])
  assert.deepEqual(drain(queue), ['a/x/1', 'b/x/1', 'c/x/1', 'a/x/2', 'c/x/2', 'a/x/3', 'a/x/4'])
  assert.deepEqual([queue.size, queue.tenants], [0, 0])
})

test('agents take turns in the turns of their tenant', () => {
  const queue = queueOf('a/x/1', 'a/x/2', 'a/x/3', 'a/y/1', 'b/x/1', 'b/x/2')
  assert.deepEqual(drain(queue), ['a/x/1', 'b/x/1', 'a/y/1', 'b/x/2', 'a/x/2', 'a/x/3'])
})

test('a call that comes again and again does not get ahead of one that waits', () => {
  const queue = queueOf('a/x/1', 'b/x/1')
  const served: (string | undefined)[] = []
  for (let n = 2; n < 6; n += 1) {
    served.push(queue.next())
    queue.add({ tenant: 'a', agent: 'x' }, `a/x/${n}`)
  }
  assert.deepEqual(served, ['a/x/1', 'b/x/1', 'a/x/2', 'a/x/3'])
})

test('the newest call of whoever has most is dropped', () => {
  const queue = queueOf('a/x/1', 'a/y/1', 'a/y/2', 'b/x/1', 'b/x/2')
  assert.equal(queue.dropNewest(), 'a/y/2')
  assert.equal(queue.size, 4)
})

test('a call is taken out of the middle, and one that is gone changes nothing', () => {
  const queue = queueOf('a/x/1', 'a/x/2', 'b/x/1')
  queue.remove({ tenant: 'a', agent: 'x' }, 'a/x/1')
  queue.remove({ tenant: 'a', agent: 'x' }, 'a/x/1')
  queue.remove({ tenant: 'd', agent: 'x' }, 'd/x/1')
  assert.equal(queue.size, 2)
  assert.deepEqual(drain(queue), ['a/x/2', 'b/x/1'])
  assert.equal(createFairQueue().dropNewest(), undefined)
})
