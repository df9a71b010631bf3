import assert from 'node:assert/strict'
import { before, test } from 'node:test'
import type { Database } from '../../../src/store/database/database.ts'
import { countOpenRuns } from '../../../src/store/runs/count-open-runs.ts'
import { askApproval } from '../../api/support/ask-approval.ts'
import { acceptTestRun, playRun } from '../../api/support/play-run.ts'
import { forEachDatabase } from '../../support/database.ts'

forEachDatabase((_, open) => {
  let database: Database
  before(async () => {
    database = await open()
  })

  test('a store without runs has none to count', async () => {
    assert.deepEqual(await countOpenRuns(database, 100), { runs: [], approvals: [] })
  })

  test('open runs of all tenants are counted by agent and status, and the approvals that wait with their oldest age', async () => {
    await acceptTestRun(database, { agent: 'support' })
    await acceptTestRun(database, { tenant: 'other', agent: 'support' })
    const ended = await playRun(database)
    await ended.open()
    await ended.step()
    await ended.close()
    const { id } = await askApproval(database, { tenant: 'other' })
    await askApproval(database)
    await database.query({
      text: `update approvals set requested_at = now() - interval '1 hour' where id = $1`,
      values: [id],
    })

    const { runs, approvals } = await countOpenRuns(database, 100)
    assert.deepEqual(runs, [
      { agent: 'assistant', status: 'requires_action', runs: 2 },
      { agent: 'support', status: 'queued', runs: 2 },
    ])
    assert.deepEqual(
      approvals.map(({ agent, waiting }) => [agent, waiting]),
      [['assistant', 2]],
    )
    const age = approvals[0]?.oldestSeconds ?? 0
    assert.ok(age >= 3_600 && age < 3_700, String(age))
  })

  test('an approval of a sub-agent, which its parent waits for as well, is one', async () => {
    const { approvals: alone } = await countOpenRuns(database, 100)
    await database.query({
      text: `update runs set waits_for = (select array_agg(id) from approvals) where agent = 'support' and tenant = 'other'`,
    })
    const { approvals } = await countOpenRuns(database, 100)
    assert.equal(approvals[0]?.waiting, alone[0]?.waiting)
  })

  test('no more runs are looked at than are to be counted, the oldest first', async () => {
    const { runs, approvals } = await countOpenRuns(database, 2)
    assert.deepEqual(runs, [{ agent: 'support', status: 'queued', runs: 2 }])
    assert.equal(approvals[0]?.waiting, 2, 'of the sub-agent’s, by its parent')
  })
})
