import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { createAdmitBudgetChange } from '../../../src/activities/budgets/admit-budget-change.ts'
import type { RunIdentity } from '../../../src/contracts/runs/run.ts'
import { openPgliteTestDatabase } from '../../support/pglite.ts'
import type { TestDatabase } from '../../support/test-database.ts'
import { acceptedAs } from '../support/accepted.ts'

let store: TestDatabase
before(async () => {
  store = await openPgliteTestDatabase()
})
after(() => store.close())

test('nobody changes the budget of a sub-agent: it is a part of its parent’s', async () => {
  const run: RunIdentity = { runId: 'run_1', tenant: 'acme', principal: 'ann' }
  const change = { id: 'once', add: { maxTokens: 1_000 }, by: 'bob' }
  const admitBudgetChange = createAdmitBudgetChange({ database: store.database, admits: () => true })
  assert.deepEqual(await admitBudgetChange({ run, change }, acceptedAs(run)), { admitted: true })
  const child: RunIdentity = { ...run, parentRunId: 'run_0' }
  assert.deepEqual(await admitBudgetChange({ run: child, change }, acceptedAs(child)), { admitted: false })
})
