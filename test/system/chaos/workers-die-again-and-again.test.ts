import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { EVENT_CHANNEL } from '../../../src/store/record/events.ts'
import type { Script, ScriptedToolCall } from '../../../src/testing/script.ts'
import { firstWords } from '../../support/office/words.ts'
import { startPlan } from '../../support/start-plan.ts'
import { type ChaosSystem, startChaosSystem } from './support/chaos-system.ts'
import { chargedRequests, checkBooks } from './support/check-books.ts'
import { ACCOUNT, allEffects, paymentsOf, totalOf } from './support/pay-desk/books.ts'
import { deskPlan } from './support/pay-desk/plans.ts'

const RUNS = 20
/** Changes of runs, as the store tells them, after which a worker is killed; there are about 30 in a run. */
const KILL_AFTER_CHANGES = [130, 260, 390]
/** An answer that was given to its end this long before a kill may have died with the worker. */
const ON_THE_WAY_MS = 2_000

const LOOK_UP: ScriptedToolCall = { tool: 'look_up', arguments: { account: ACCOUNT } }
const PAYMENT = { account: ACCOUNT, note: 'A small apology.' }
const TICKET = { topic: 'other', text: 'Please call the customer.', urgency: 'normal' }
const ASK: ScriptedToolCall = { tool: 'research', arguments: { task: 'Is every parcel late?' } }

/** A handoff, reads, which go on inside the workflow task, writes, which are activities, and a sub-agent. */
const PLAY: readonly ScriptedToolCall[] = [
  { tool: 'handoff_to_billing', arguments: { reason: 'A late parcel.' } },
  LOOK_UP,
  { tool: 'pay_out', arguments: { ...PAYMENT, cents: 100 } },
  LOOK_UP,
  { tool: 'pay_out', arguments: { ...PAYMENT, cents: 200 } },
  ASK,
  { tool: 'open_ticket', arguments: TICKET },
]
/** What the sub-agent does: its first words are its task, not the customer's. */
const RESEARCH: readonly ScriptedToolCall[] = [LOOK_UP]
const MODEL_CALLS = PLAY.length + 1 + RESEARCH.length + 1
const INPUT = 'My parcel came late.'
let asked = 0
const script: Script = ({ messages }) => {
  const play = firstWords(messages) === INPUT ? PLAY : RESEARCH
  const next = play[messages.filter(({ role }) => role === 'tool').length]
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
  const { caller, database, temporal, provider, startWorker } = system
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
  const started = await Promise.all(
    Array.from({ length: RUNS }, () => startPlan(database, temporal, deskPlan('support'), INPUT)),
  )
  const ids = started.map(({ runId }) => runId)
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
    const own = await checkBooks(system, id)
    const childs = await checkBooks(system, `${id}_${PLAY.indexOf(ASK) + 1}_0`)
    assert.equal(own.storedModelCalls.length, PLAY.length + 1)
    assert.equal(childs.storedModelCalls.length, RESEARCH.length + 1)
    // A handoff is no call of a tool, and the sub-agent's are the run's too.
    assert.deepEqual([own.toolCalls, childs.toolCalls], [PLAY.length - 1, RESEARCH.length])
    const run = await caller.run(id)
    assert.equal(run.usage.tool_calls, own.toolCalls + childs.toolCalls)
    assert.equal(run.usage.model_calls, MODEL_CALLS)
    for (const { requestId } of [...own.storedModelCalls, ...childs.storedModelCalls]) stored.add(requestId)
    assert.deepEqual(await paymentsOf(database, id), [
      { cents: 100, key: `${id}/3/0` },
      { cents: 200, key: `${id}/5/0` },
    ])
  }
  assert.equal(stored.size, RUNS * MODEL_CALLS, 'one answer stands for two calls')
  const effects = await allEffects(database)
  assert.equal(await totalOf(database, ACCOUNT), RUNS * 300)
  assert.equal(effects.filter(({ tool }) => tool === 'open_ticket').length, RUNS)
  assert.equal(effects.length, RUNS * 3)

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
