import assert from 'node:assert/strict'
import { before, test } from 'node:test'
import {
  listKillSwitches,
  putKillSwitch,
  removeKillSwitch,
} from '../../../src/store/budgets/kill-switches.ts'
import type { Database } from '../../../src/store/database/database.ts'
import { beginModelCall } from '../../../src/store/models/begin-model-call.ts'
import { findOpenRunsOf } from '../../../src/store/runs/unfinished-runs.ts'
import { forEachDatabase } from '../../support/database.ts'
import { beginCall, begun, startRun } from '../support/samples.ts'

forEachDatabase((_, open) => {
  let db: Database
  let tenants = 0
  before(async () => {
    db = await open()
  })

  const newTenant = () => `tenant${++tenants}`

  test('a kill switch stops what begins after it, and says who and why', async () => {
    const tenant = newTenant()
    const run = await startRun(db, { tenant })
    const key = { tenant, scope: 'agent', subject: 'support' } as const
    const set = await putKillSwitch(db, { ...key, by: 'ann', reason: 'It sends too much.' })
    assert.deepEqual(await putKillSwitch(db, { ...key, by: 'bob', reason: 'Me too.' }), set)
    assert.deepEqual(await beginModelCall(db, beginCall(run)), {
      withheld: { scope: 'agent', limit: 'kill_switch', allowed: 0, used: 0 },
    })
    // Whoever speaks, and whoever the run was started with.
    const other = await startRun(db, { tenant, agent: 'triage' })
    assert.ok('withheld' in (await beginModelCall(db, beginCall(other, { agent: 'support' }))))
    await begun(db, other, { agent: 'triage' })
    await begun(db, await startRun(db))
    await putKillSwitch(db, { tenant, scope: 'tenant', subject: tenant, by: 'ann', reason: 'All of it.' })
    assert.deepEqual(
      (await listKillSwitches(db, tenant)).map(({ scope, by }) => [scope, by]),
      [
        ['agent', 'ann'],
        ['tenant', 'ann'],
      ],
    )
    const stopped = await beginModelCall(db, beginCall(other, { agent: 'triage', step: 2, seq: 2 }))
    assert.deepEqual('withheld' in stopped && stopped.withheld.scope, 'tenant')
    assert.equal(
      (await removeKillSwitch(db, { tenant, scope: 'tenant', subject: tenant }))?.reason,
      'All of it.',
    )
    assert.deepEqual(await removeKillSwitch(db, key), set)
    assert.equal(await removeKillSwitch(db, key), null)
    await begun(db, run)
    assert.deepEqual(
      (await findOpenRunsOf(db, tenant)).map(({ id }) => id),
      [run.runId, other.runId],
    )
    assert.deepEqual(
      (await findOpenRunsOf(db, tenant, 'triage')).map(({ id }) => id),
      [other.runId],
    )
  })
})
