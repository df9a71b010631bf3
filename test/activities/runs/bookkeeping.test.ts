import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { createBookkeeping } from '../../../src/activities/runs/bookkeeping.ts'
import { findRun } from '../../../src/store/runs/runs.ts'
import { eventsOf, transcriptOf } from '../../store/support/histories.ts'
import { startRun } from '../../store/support/samples.ts'
import { openPgliteTestDatabase } from '../../support/pglite.ts'
import type { TestDatabase } from '../../support/test-database.ts'
import { acceptedAs } from '../support/accepted.ts'

let store: TestDatabase
before(async () => {
  store = await openPgliteTestDatabase()
})
after(() => store.close())

test('a handoff is the result of its call, and told as what it is', async () => {
  const run = await startRun(store.database)
  const { noteToolResults } = createBookkeeping(store)
  const handoff = { index: 0, seq: 1, callId: 'call_0', tool: 'handoff_to_billing', handoff: 'billing' }
  const denied = {
    index: 1,
    seq: 2,
    callId: 'call_1',
    tool: 'issue_refund',
    code: 'tool_denied',
    rule: 'never',
  } as const
  const input = { run, step: 1, notes: [handoff, denied] }
  await noteToolResults(input, acceptedAs(run))
  await noteToolResults(input, acceptedAs(run))
  const [, handed, refused = ''] = await transcriptOf(store.database, run)
  assert.equal(handed, '1 tool {"handed_to":"billing"}')
  assert.match(refused, /tool_denied/)
  const told = (await eventsOf(store.database, run)).slice(2)
  assert.deepEqual(
    told.map(({ type, data }) => [type, data]),
    [
      [
        'agent.handed_off',
        { step: 1, index: 0, call_id: 'call_0', tool: 'handoff_to_billing', to: 'billing' },
      ],
      [
        'tool.failed',
        {
          step: 1,
          index: 1,
          call_id: 'call_1',
          tool: 'issue_refund',
          status: 'failed',
          code: 'tool_denied',
          rule: 'never',
        },
      ],
    ],
  )
})

test('what becomes of a budget is on the record', async () => {
  const run = await startRun(store.database)
  const reached = { scope: 'run', limit: 'tokens', allowed: 10, used: 9 } as const
  const waits = { reached, expiresAt: '2026-11-28T10:00:00.000Z' }
  const { recordBudget } = createBookkeeping(store)
  await recordBudget(
    { run, progress: 1, notices: ['reached'], limits: { maxTokens: 10 }, reached, waits },
    acceptedAs(run),
  )
  const row = await findRun(store.database, run.tenant, run.runId)
  assert.deepEqual(row?.requiredAction, { type: 'budget', ...waits })
})
