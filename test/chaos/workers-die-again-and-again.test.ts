import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import type { Script, ScriptedToolCall } from '../../src/dev/models/script.ts'
import { EVENT_CHANNEL } from '../../src/store/events.ts'
import { refundsOf } from '../runs/support/effects.ts'
import { type ChaosSystem, startChaosSystem } from './support/chaos-system.ts'
import { chargedRequests, checkBooks } from './support/check-books.ts'

const RUNS = 20
/** Changes of runs, as the store tells them, after which a worker is killed; there are about 20 in a run. */
const KILL_AFTER_CHANGES = [90, 180, 270]
/** An answer that was given to its end this long before a kill may have died with the worker. */
const ON_THE_WAY_MS = 2_000

const ORDER = { order_number: 'L-20871' }
const REFUND = { ...ORDER, currency: 'EUR', reason: 'goodwill', explanation: 'A small apology.' }
const TICKET = { topic: 'other', summary: 'Please call the customer.', urgency: 'normal' }

/** Reads, which go on inside the workflow task, and writes, which are activities. */
const PLAY: readonly ScriptedToolCall[] = [
  { tool: 'get_order', arguments: ORDER },
  { tool: 'issue_refund', arguments: { ...REFUND, amount_cents: 100 } },
  { tool: 'search_help', arguments: { query: 'late parcel' } },
  { tool: 'issue_refund', arguments: { ...REFUND, amount_cents: 200 } },
  { tool: 'get_order', arguments: ORDER },
  { tool: 'escalate_to_person', arguments: TICKET },
]
let asked = 0
const script: Script = ({ messages }) => {
  const next = PLAY[messages.filter(({ role }) => role === 'tool').length]
  // Slow enough for kills to meet calls in flight, before and within the answer, and never two runs in step.
  asked += 1
  const pace = { delayMs: 200 + ((asked * 137) % 600), chunkDelayMs: 100 }
  return { ...pace, text: next ? 'I go on with it.' : 'All done.', toolCalls: next ? [next] : [] }
}

let system: ChaosSystem
before(async () => {
  system = await startChaosSystem(script)
})
after(() => system.close())

test('20 runs at once come through three killed workers, and everything has happened once', async (t) => {
  const { caller, database, provider, startWorker } = system
  const killAt = KILL_AFTER_CHANGES.map(() => Promise.withResolvers<void>())
  let changes = 0
  const stop = await database.listen(EVENT_CHANNEL, () => {
    changes += 1
    const place = KILL_AFTER_CHANGES.indexOf(changes)
    killAt[place]?.resolve()
  })
  t.after(stop)

  const workers = [startWorker(), startWorker()]
  await Promise.all(workers)
  const input = 'My parcel came late.'
  const started = await Promise.all(
    Array.from({ length: RUNS }, () => caller.start({ agent: 'support', input })),
  )
  const ids = started.map(({ body }) => body.id)
  const kills: Date[] = []
  for (const { promise } of killAt) {
    await promise
    const doomed = workers.shift()
    assert.ok(doomed)
    kills.push(await (await doomed).kill())
    workers.push(startWorker())
  }

  const runs = await Promise.all(ids.map((id) => caller.untilEnd(id)))
  assert.deepEqual(
    runs.filter(({ status, output }) => status !== 'completed' || output !== 'All done.'),
    [],
  )
  const stored = new Set<string>()
  for (const id of ids) {
    const { storedModelCalls, toolCalls } = await checkBooks(system, id)
    assert.equal(storedModelCalls.length, PLAY.length + 1)
    assert.equal(toolCalls, PLAY.length)
    for (const { requestId } of storedModelCalls) stored.add(requestId)
    const refunds = await refundsOf(database, id)
    assert.deepEqual(
      refunds.toSorted((a, b) => a.key.localeCompare(b.key)),
      [
        { cents: 100, key: `${id}/2/0` },
        { cents: 200, key: `${id}/4/0` },
      ],
    )
  }
  assert.equal(stored.size, RUNS * (PLAY.length + 1), 'one answer stands for two calls')
  const [shop] = await database.query<{ refunded: number; tickets: number }>({
    text: `
      select (select refunded_cents from shop_orders where number = $1) as refunded,
        (select count(*)::integer from shop_tickets where run_id is not null) as tickets`,
    values: [ORDER.order_number],
  })
  assert.deepEqual(shop, { refunded: RUNS * 300, tickets: RUNS })

  const lost = chargedRequests(provider.requests).filter(({ requestId }) => !stored.has(requestId))
  const unexplained = lost.filter(
    ({ receivedAt, closedAt }) =>
      !kills.some((at) => receivedAt < at.getTime() && Number(closedAt) > at.getTime() - ON_THE_WAY_MS),
  )
  assert.deepEqual(unexplained, [], 'an answer was paid for, and neither stored nor lost with a worker')
  const broken = provider.requests.filter(({ closedEarly }) => closedEarly).length
  assert.ok(broken > 0, 'no kill met a model call: this proves too little')
  t.diagnostic(
    `kills ${kills.map((at) => `${((at.getTime() - Number(kills[0])) / 1_000).toFixed(1)} s`).join(', ')}; ` +
      `${provider.requests.length} requests, ${broken} of them broken off, ${lost.length} answers lost`,
  )
})
