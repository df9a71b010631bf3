import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { before, test } from 'node:test'
import type { ScheduleId } from '../../../src/contracts/schedules/schedule.ts'
import { findRunsHeldInVain } from '../../../src/store/budgets/held-runs.ts'
import { isInForce, putKillSwitch, removeKillSwitch } from '../../../src/store/budgets/kill-switches.ts'
import type { Database } from '../../../src/store/database/database.ts'
import { beginModelCall } from '../../../src/store/models/begin-model-call.ts'
import { claimStarts } from '../../../src/store/schedules/claim-starts.ts'
import { noteDueStart } from '../../../src/store/schedules/scheduled-starts.ts'
import { insertSchedule } from '../../../src/store/schedules/schedules.ts'
import {
  findTenant,
  insertTenant,
  listSuspended,
  resumeTenant,
  suspendTenant,
  takeUpTenant,
} from '../../../src/store/tenants/tenants.ts'
import { findStandingThreads, takeNextTurn } from '../../../src/store/threads/turns.ts'
import { forEachDatabase } from '../../support/database.ts'
import { beginCall, startRun } from '../support/samples.ts'
import { openThread } from '../threads/support/thread-room.ts'

forEachDatabase((_, open) => {
  let db: Database
  before(async () => {
    db = await open()
  })

  async function newTenant(): Promise<string> {
    const id = randomUUID()
    assert.ok(await insertTenant(db, { id, name: null, metadata: {} }))
    return id
  }
  const suspend = (tenant: string) => suspendTenant(db, { tenant, by: 'olga', reason: null })

  test('a suspension keeps its first author and reason, and a tenant is created once', async () => {
    const tenant = await newTenant()
    assert.equal(await insertTenant(db, { id: tenant, name: 'Again', metadata: {} }), null)
    await takeUpTenant(db, tenant)
    const first = await suspendTenant(db, { tenant, by: 'olga', reason: 'Unpaid.' })
    const again = await suspendTenant(db, { tenant, by: 'otto', reason: 'Abuse.' })
    assert.deepEqual(again, first)
    assert.deepEqual(
      [first?.suspension?.by, first?.suspension?.reason, first?.name],
      ['olga', 'Unpaid.', null],
    )
    assert.deepEqual(await listSuspended(db), [tenant])
    assert.equal((await resumeTenant(db, tenant))?.suspension, null)
    assert.deepEqual([await listSuspended(db), await suspend('nobody')], [[], null])
    assert.equal((await findTenant(db, tenant))?.suspension, null)
  })

  test('no model call begins for a suspended tenant, and its own kill switch outlasts the suspension', async () => {
    const tenant = await newTenant()
    const run = await startRun(db, { tenant })
    const other = await startRun(db, { tenant: await newTenant() })
    await suspend(tenant)
    const held = { withheld: { scope: 'tenant', limit: 'kill_switch', allowed: 0, used: 0 } }
    assert.deepEqual(await beginModelCall(db, beginCall(run)), held)
    assert.ok('attempt' in (await beginModelCall(db, beginCall(other))))

    const own = { tenant, scope: 'tenant', subject: tenant } as const
    await putKillSwitch(db, { ...own, by: 'ann', reason: 'Enough.' })
    await resumeTenant(db, tenant)
    assert.equal(await isInForce(db, own), true)
    assert.deepEqual(await beginModelCall(db, beginCall(run)), held)
    await removeKillSwitch(db, own)
    assert.equal(await isInForce(db, own), false)
    assert.ok('attempt' in (await beginModelCall(db, beginCall(run))))
  })

  test('a run that waits for a suspension which is over is found', async () => {
    const tenant = await newTenant()
    const run = await startRun(db, { tenant })
    await db.query({
      text: `update runs set budget_wait = '{"reached":{"scope":"tenant","limit":"kill_switch"}}' where id = $1`,
      values: [run.runId],
    })
    const found = async () => (await findRunsHeldInVain(db)).filter(({ id }) => id === run.runId)
    await suspend(tenant)
    assert.deepEqual(await found(), [])
    await resumeTenant(db, tenant)
    assert.deepEqual(
      (await found()).map(({ off }) => off),
      [['tenant', 'agent']],
    )
  })

  test('a turn that waits does not begin while the tenant is suspended, and is found afterwards', async () => {
    const tenant = await newTenant()
    const thread = await openThread(db, tenant)
    const first = await thread.accepted('One.')
    const second = await thread.accepted('Two.')
    await suspend(tenant)
    await thread.end(first.run.id, 'Done.')
    const standing = async () =>
      (await findStandingThreads(db, 1_000)).some(({ threadId }) => threadId === thread.threadId)
    assert.deepEqual([await takeNextTurn(db, thread.threadId), await standing()], [null, false])
    await resumeTenant(db, tenant)
    assert.equal(await standing(), true)
    assert.equal((await takeNextTurn(db, thread.threadId))?.id, second.run.id)
  })

  test('a start that is due says whether its tenant is suspended', async () => {
    const tenant = await newTenant()
    const id: ScheduleId = `sch_${randomUUID().replaceAll('-', '').slice(0, 26)}`
    await insertSchedule(db, {
      id,
      tenant,
      principal: 'ann',
      keyId: 'key',
      createdBy: { type: 'key', id: 'key', principal: 'ann' },
      timing: { type: 'interval', everyMs: 3_600_000, offsetMs: 0 },
      start: { agent: 'support', input: 'x' },
      overlap: 'allow_all',
      catchUpMs: 3_600_000,
      idempotencyKey: null,
      requestSha256: 'a',
    })
    await suspend(tenant)
    await noteDueStart(db, { scheduleId: id, at: new Date(Date.now() - 1_000).toISOString() })
    const [start] = await claimStarts(db, { limit: 1_000 })
    assert.deepEqual([start?.scheduleId, start?.isSuspended], [id, true])
  })
})
