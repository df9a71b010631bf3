import assert from 'node:assert/strict'
import { before, test } from 'node:test'
import type { AssistantMessage } from '../../../src/contracts/runs/message.ts'
import type { RunIdentity } from '../../../src/contracts/runs/run.ts'
import type { Database } from '../../../src/store/database/database.ts'
import { closeRun } from '../../../src/store/runs/close-run.ts'
import { findLastWords } from '../../../src/store/runs/last-words.ts'
import { resumeRun } from '../../../src/store/runs/resume-run.ts'
import { findRun } from '../../../src/store/runs/runs.ts'
import { forEachDatabase } from '../../support/database.ts'
import { eventsOf, transcriptOf } from '../support/histories.ts'
import { assistantMessage, decisionOf, modelCall, startRun, storeAnswer } from '../support/samples.ts'

forEachDatabase((_, open) => {
  let db: Database
  before(async () => {
    db = await open()
  })

  /** A run whose one answer is this. */
  async function answeredWith(message: AssistantMessage): Promise<RunIdentity> {
    const run = await startRun(db)
    await storeAnswer(db, modelCall(run, { message }))
    return run
  }

  async function closedWith(run: RunIdentity, change: object = {}) {
    const end = { run, status: 'completed', steps: 1, approvals: [], failedHops: [] } as const
    await closeRun(db, { ...end, answer: { seq: 1 }, ...change })
    const row = await findRun(db, run.tenant, run.runId)
    return [row?.output, row?.outputFits]
  }

  test('the output is what the answer comes to, and the row says whether it fits', async () => {
    const part = assistantMessage('"b"}')
    assert.deepEqual(await closedWith(await answeredWith(assistantMessage('Hello.'))), ['Hello.', false])
    const fits = { ...assistantMessage('{}'), fits: true } as const
    assert.deepEqual(await closedWith(await answeredWith(fits)), ['{}', true])
    const joined = { ...part, output: '{"a":"b"}', fits: true } as const
    const run = await answeredWith(joined)
    assert.deepEqual((await findLastWords(db, run))?.text, '{"a":"b"}')
    assert.deepEqual(await closedWith(run), ['{"a":"b"}', true])
    const end = (await eventsOf(db, run)).at(-1)
    assert.equal(end?.data['output'], '{"a":"b"}')
  })

  test('our own words at the end of a run fit nothing', async () => {
    const run = await answeredWith({ ...assistantMessage('{}'), fits: true })
    const answer = { seq: 2, text: 'The time was up.' }
    assert.deepEqual(await closedWith(run, { status: 'expired', reason: 'deadline', answer }), [
      'The time was up.',
      false,
    ])
  })

  test('a message about an answer stands after it, and the event says what does not fit', async () => {
    const run = await startRun(db)
    const message = assistantMessage('{"cents":"5"}')
    const note = { role: 'user', text: 'Not so.', about: 'output_invalid' } as const
    const call = modelCall(run, {
      message,
      notes: [{ seq: 2, message: note }],
      misfits: ['/cents'],
      decision: decisionOf(message, { fault: { problem: 'output_invalid', misfits: 1 } }),
    })
    const stored = await storeAnswer(db, call)
    assert.deepEqual(stored.fault, { problem: 'output_invalid', misfits: 1 })
    assert.equal((await transcriptOf(db, run)).length, 3)
    const told = (await eventsOf(db, run)).find(({ type }) => type === 'model.completed')
    assert.deepEqual([told?.data['problem'], told?.data['problem_at']], ['output_invalid', ['/cents']])
  })

  test('a resumed run has no output until it ends again', async () => {
    const run = await answeredWith({ ...assistantMessage('{}'), fits: true })
    await closedWith(run, { status: 'incomplete', reason: 'budget', resumable: { step: 1 } })
    assert.equal(await resumeRun(db, { id: run.runId, tenant: run.tenant, by: 'bob' }), true)
    const row = await findRun(db, run.tenant, run.runId)
    assert.deepEqual([row?.output, row?.outputFits], [null, false])
  })
})
