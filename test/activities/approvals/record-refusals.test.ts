import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { createRecordRefusals } from '../../../src/activities/approvals/record-refusals.ts'
import type { RecordRefusalInput } from '../../../src/contracts/runs/admission.ts'
import { eventsOf } from '../../store/support/histories.ts'
import { startRun } from '../../store/support/samples.ts'
import { openPgliteTestDatabase } from '../../support/pglite.ts'
import type { TestDatabase } from '../../support/test-database.ts'
import { acceptedAs } from '../support/accepted.ts'

let store: TestDatabase
before(async () => {
  store = await openPgliteTestDatabase()
})
after(() => store.close())

test('a refused signal of whatever shape is recorded', async () => {
  const run = await startRun(store.database)
  const { recordRefusal } = createRecordRefusals(store)
  const odd = { run, approvalId: undefined, by: 7, code: 'decision_unsigned' }
  await recordRefusal(odd as unknown as RecordRefusalInput, acceptedAs(run))
  assert.deepEqual((await eventsOf(store.database, run)).at(-1)?.data, {
    approval_id: 'undefined',
    by: '7',
    code: 'decision_unsigned',
  })
})

test('refusals are recorded in their order, and then how many submissions were dropped', async () => {
  const run = await startRun(store.database)
  const { recordRefusals } = createRecordRefusals(store)
  const refusals = [
    { approvalId: 'apr_1', by: 'bob', code: 'stale' },
    { approvalId: 'apr_1', by: 'eve', code: 'not_an_approver' },
  ] as const
  await recordRefusals({ run, refusals, dropped: 3 }, acceptedAs(run))
  const added = (await eventsOf(store.database, run)).slice(2)
  assert.deepEqual(
    added.map(({ type, data }) => [type, data['by'] ?? data['dropped']]),
    [
      ['approval.refused', 'bob'],
      ['approval.refused', 'eve'],
      ['submission.dropped', 3],
    ],
  )
})
