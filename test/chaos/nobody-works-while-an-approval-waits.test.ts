import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { refundsOf } from '../runs/support/effects.ts'
import { REFUND, refundAndRepeat } from '../runs/support/scripts.ts'
import { type ChaosSystem, startChaosSystem } from './support/chaos-system.ts'
import { checkBooks } from './support/check-books.ts'

let system: ChaosSystem
before(async () => {
  system = await startChaosSystem(refundAndRepeat)
})
after(() => system.close())

test('a decision taken while every worker is dead counts once there is one again', async () => {
  const { caller, database, startWorker } = system
  const doomed = await startWorker()
  const { id } = (await caller.start({ agent: 'support', input: 'A refund, please.' })).body
  const approval = await caller.untilWaiting(id)
  await doomed.kill()

  const waiting = await caller.run(id)
  assert.deepEqual([waiting.status, waiting.reason], ['requires_action', 'approval'])
  const decided = await caller.decide(approval, { decision: 'approve', comment: 'Go ahead.' })
  assert.deepEqual([decided.status, decided.body.status], [202, 'pending'])

  await startWorker()
  const run = await caller.untilEnd(id)
  assert.equal(run.status, 'completed')
  assert.deepEqual(await refundsOf(database, id), [{ cents: REFUND['amount_cents'], key: `${id}/1/0` }])
  assert.equal((await caller.approval(approval.id)).status, 'approved')
  const again = await caller.decide(approval, { decision: 'approve', comment: 'Go ahead.' })
  assert.equal(again.status, 200, 'the decision, sent once more, is not recognised')
  const { events } = await checkBooks(system, id)
  assert.equal(events.filter(({ type }) => type === 'approval.decided').length, 1)
})
