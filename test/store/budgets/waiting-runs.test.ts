import assert from 'node:assert/strict'
import { before, test } from 'node:test'
import type { BudgetKey } from '../../../src/store/budgets/budget-key.ts'
import { findRunsWaitingForBudget } from '../../../src/store/budgets/waiting-runs.ts'
import type { Database } from '../../../src/store/database/database.ts'
import { forEachDatabase } from '../../support/database.ts'
import { startRun } from '../support/samples.ts'

forEachDatabase((_, open) => {
  let db: Database
  before(async () => {
    db = await open()
  })

  test('runs that wait for a shared budget are found by it', async () => {
    const tenant = 'acme'
    const waits = async (reached: object, changes = {}) => {
      const run = await startRun(db, { tenant, ...changes })
      await db.query({
        text: `update runs set budget_wait = $2 where id = $1`,
        values: [run.runId, JSON.stringify({ reached, expiresAt: '' })],
      })
      return run.runId
    }
    const ann = await waits({ scope: 'principal', period: 'day' })
    const bob = await waits({ scope: 'principal', period: 'day' }, { principal: 'bob' })
    await waits({ scope: 'principal', period: 'month' })
    await waits({ scope: 'run' })
    const found = async (key: Pick<BudgetKey, 'scope' | 'subject'>) =>
      (await findRunsWaitingForBudget(db, { tenant, period: 'day', ...key })).map(({ id }) => id)
    assert.deepEqual(await found({ scope: 'principal', subject: 'ann' }), [ann])
    assert.deepEqual(await found({ scope: 'principal', subject: '*' }), [ann, bob])
    assert.deepEqual(await found({ scope: 'tenant', subject: tenant }), [])
  })
})
