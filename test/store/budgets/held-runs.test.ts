import assert from 'node:assert/strict'
import { before, test } from 'node:test'
import type { RunIdentity } from '../../../src/contracts/runs/run.ts'
import { findRunsHeldInVain, findSwitchesOver } from '../../../src/store/budgets/held-runs.ts'
import {
  type KillSwitchKey,
  putKillSwitch,
  removeKillSwitch,
} from '../../../src/store/budgets/kill-switches.ts'
import type { Database } from '../../../src/store/database/database.ts'
import { closeRun } from '../../../src/store/runs/close-run.ts'
import { forEachDatabase } from '../../support/database.ts'
import { identityOf, startChild } from '../support/children.ts'
import { samplePlan, startRun } from '../support/samples.ts'

forEachDatabase((_, open) => {
  let db: Database
  before(async () => {
    db = await open()
  })

  const { format: _format, approvalTerms: _terms, limits: _limits, budget: _budget, ...speaker } = samplePlan
  const plan = { ...samplePlan, specialists: { billing: speaker } }

  async function wait({ runId }: RunIdentity, reached: object): Promise<void> {
    await db.query({
      text: 'update runs set budget_wait = $2 where id = $1',
      values: [runId, JSON.stringify({ reached, expiresAt: '' })],
    })
  }
  const switchedOff = (scope: 'tenant' | 'agent') => ({ scope, limit: 'kill_switch', allowed: 0, used: 0 })
  const offOf = async ({ runId }: RunIdentity) =>
    (await findRunsHeldInVain(db)).find(({ id }) => id === runId)?.off
  const put = (key: KillSwitchKey) => putKillSwitch(db, { ...key, by: 'ann', reason: '' })

  test('a run waits in vain once no switch of the scope that it waits for is on', async () => {
    const tenant = 'waiting'
    const run = await startRun(db, { tenant, agent: 'support', plan })
    await put({ tenant: 'other', scope: 'agent', subject: 'support' })
    await put({ tenant, scope: 'agent', subject: 'assistant' })
    assert.equal(await offOf(run), undefined, 'it does not wait')
    await wait(run, { scope: 'tenant', limit: 'cost', period: 'day' })
    assert.equal(await offOf(run), undefined, 'it waits for something else')

    await wait(run, switchedOff('agent'))
    assert.deepEqual(await offOf(run), ['tenant', 'agent'])
    for (const subject of ['support', 'billing']) {
      const key = { tenant, scope: 'agent', subject } as const
      await put(key)
      assert.equal(await offOf(run), undefined, subject)
      assert.deepEqual(await findSwitchesOver(db, run.runId), [key])
      await removeKillSwitch(db, key)
    }
    await put({ tenant, scope: 'tenant', subject: tenant })
    assert.deepEqual(await offOf(run), ['agent'])

    await wait(run, switchedOff('tenant'))
    assert.equal(await offOf(run), undefined)
    await put({ tenant, scope: 'agent', subject: 'support' })
    await removeKillSwitch(db, { tenant, scope: 'tenant', subject: tenant })
    assert.deepEqual(await offOf(run), ['tenant'])

    await closeRun(db, { run, status: 'cancelled', steps: 1, approvals: [], failedHops: [] })
    assert.equal(await offOf(run), undefined, 'it has ended')
  })

  test('a sub-agent is held by the switch of whom it works for as well', async () => {
    const tenant = 'working'
    const run = await startRun(db, { tenant, agent: 'support', plan })
    const child = identityOf(await startChild(db, run))
    await wait(child, switchedOff('agent'))
    assert.deepEqual(await offOf(child), ['tenant', 'agent'])
    for (const subject of ['support', 'research']) {
      const key = { tenant, scope: 'agent', subject } as const
      await put(key)
      assert.equal(await offOf(child), undefined, subject)
      await removeKillSwitch(db, key)
    }
    await put({ tenant, scope: 'agent', subject: 'billing' })
    assert.deepEqual(await offOf(child), ['tenant', 'agent'])
  })
})
