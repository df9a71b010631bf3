import assert from 'node:assert/strict'
import { test } from 'node:test'
import { cheaperHops, hopsAround, hopsOf, usualHops } from '../../../src/contracts/models/chains.ts'

const CHAINS = {
  chain: ['dear', 'dearer'],
  cheaperChain: ['cheap'],
  routes: [{ chain: ['small'] }, { chain: ['large', 'larger'], cheaperChain: ['mid'] }],
}

test('hops of an agent without routes are numbered as they always were: its chain, then its cheaper chain', () => {
  const { routes: _, ...own } = CHAINS
  assert.deepEqual(hopsOf(own), ['dear', 'dearer', 'cheap'])
  assert.deepEqual(usualHops(own, null), { first: 0, end: 2 })
  assert.deepEqual(cheaperHops(own, null), { first: 2, end: 3 })
  assert.deepEqual(hopsOf({ chain: ['dear'] }), ['dear'])
  assert.equal(cheaperHops({ chain: ['dear'] }, null), null)
})

test('every hop has its own number, and a cheaper chain stands above all that a step can change to it from', () => {
  const hops = hopsOf(CHAINS)
  const named = ({ first, end }: { first: number; end: number }) => hops.slice(first, end)
  assert.deepEqual(hops, ['dear', 'dearer', 'small', 'large', 'larger', 'cheap', 'mid'])
  assert.deepEqual(named(usualHops(CHAINS, 1)), ['large', 'larger'])
  for (const [route, cheaper] of [
    [null, ['cheap']],
    [0, ['cheap']],
    [1, ['mid']],
  ] as const) {
    const range = cheaperHops(CHAINS, route)
    assert.ok(range && range.first >= usualHops(CHAINS, route).end)
    assert.deepEqual(named(range), cheaper)
  }
})

test('a hop is of one chain', () => {
  assert.deepEqual(
    hopsOf(CHAINS).map((_, hop) => hopsAround(CHAINS, hop).first),
    [0, 0, 2, 3, 3, 5, 6],
  )
  assert.throws(() => hopsAround(CHAINS, 7), /No hop 7/)
})
