import assert from 'node:assert/strict'
import { before, test } from 'node:test'
import { recordRefusal } from '../../../src/store/approvals/record-refusal.ts'
import type { Database } from '../../../src/store/database/database.ts'
import { closeRun } from '../../../src/store/runs/close-run.ts'
import { forEachDatabase } from '../../support/database.ts'
import { eventsOf, eventTypesOf } from '../support/histories.ts'
import { startRun } from '../support/samples.ts'

forEachDatabase((_, open) => {
  let db: Database
  before(async () => {
    db = await open()
  })

  test('a refused decision has one event for each person and problem, however often it is tried', async () => {
    const run = await startRun(db)
    const refusal = { run, approvalId: 'apr_1', by: 'eve', code: 'not_an_approver' } as const
    await Promise.all([1, 2, 3, 4, 5].map(() => recordRefusal(db, refusal)))
    await recordRefusal(db, { ...refusal, code: 'stale' })
    await recordRefusal(db, { ...refusal, by: 'bob' })
    const told = (await eventsOf(db, run)).slice(2)
    assert.deepEqual(
      told.map(({ type, data }) => [type, data['approval_id'], data['by'], data['code']]),
      [
        ['approval.refused', 'apr_1', 'eve', 'not_an_approver'],
        ['approval.refused', 'apr_1', 'eve', 'stale'],
        ['approval.refused', 'apr_1', 'bob', 'not_an_approver'],
      ],
    )
  })

  test('after the run’s last event there is none, yet the record has it', async () => {
    const run = await startRun(db)
    await closeRun(db, { run, status: 'cancelled', steps: 0, approvals: [], failedHops: [] })
    await recordRefusal(db, { run, approvalId: 'apr_1', by: 'eve', code: 'run_ended' })
    assert.equal((await eventTypesOf(db, run)).at(-1), 'run.cancelled')
    const rows = await db.query({
      text: 'select approval_id, by, code from approval_refusals where run_id = $1',
      values: [run.runId],
    })
    assert.deepEqual(rows, [{ approval_id: 'apr_1', by: 'eve', code: 'run_ended' }])
  })

  test('made-up names of any length and kind are kept short and stop nothing', async () => {
    const run = await startRun(db)
    await recordRefusal(db, { run, approvalId: '\0😀'.repeat(5_000), by: '', code: 'not_found' })
    const data = (await eventsOf(db, run)).at(-1)?.data
    assert.equal(data?.['by'], '')
    assert.ok(String(data?.['approval_id']).length <= 200)
  })
})
