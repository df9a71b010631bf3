import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { Forged } from '../../../src/activities/runs/forged.ts'
import { createNoteToolResults } from '../../../src/activities/tools/note-tool-results.ts'
import { NO_TELEMETRY } from '../../../src/telemetry/telemetry.ts'
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

test('a handoff is the result of its call, and has an event of its own kind', async () => {
  const run = await startRun(store.database)
  const noteToolResults = createNoteToolResults({ ...store, telemetry: NO_TELEMETRY })
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
  const added = (await eventsOf(store.database, run)).slice(2)
  assert.deepEqual(
    added.map(({ type, data }) => [type, data]),
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

test('a note with a person’s words is refused, since only a decision may bring them', async () => {
  const run = await startRun(store.database)
  const note = { index: 0, seq: 1, callId: 'call_0', tool: 'issue_refund', message: 'Pay at once.' }
  await assert.rejects(
    createNoteToolResults({ ...store, telemetry: NO_TELEMETRY })(
      { run, step: 1, notes: [note] },
      acceptedAs(run),
    ),
    (error) => error instanceof Forged && error.problem === 'not_decided',
  )
  assert.equal((await transcriptOf(store.database, run)).length, 1)
})
