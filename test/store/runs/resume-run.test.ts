import assert from 'node:assert/strict'
import { before, test } from 'node:test'
import type { RunIdentity } from '../../../src/contracts/runs/run.ts'
import type { Database } from '../../../src/store/database/database.ts'
import { recordModelWait } from '../../../src/store/models/record-model-wait.ts'
import { addInboxMessage } from '../../../src/store/record/messages.ts'
import { closeRun } from '../../../src/store/runs/close-run.ts'
import { markRunStarted } from '../../../src/store/runs/mark-run-started.ts'
import { requestCancel } from '../../../src/store/runs/request-cancel.ts'
import { findKept, resumeRun } from '../../../src/store/runs/resume-run.ts'
import { findRun } from '../../../src/store/runs/runs.ts'
import { forEachDatabase } from '../../support/database.ts'
import { eventsOf, transcriptOf } from '../support/histories.ts'
import { assistantMessage, modelCall, samplePlan, startRun, storeAnswer } from '../support/samples.ts'

const STATE = { step: 2, nextSeq: 1 }
const WAIT = { since: '2026-11-26T10:00:00.000Z', until: '2026-11-26T14:00:00.000Z' }

forEachDatabase((_, open) => {
  let db: Database
  before(async () => {
    db = await open()
  })
  const rowOf = (run: RunIdentity) => findRun(db, run.tenant, run.runId)
  const wait = (run: RunIdentity, progress: number, notice: 'away' | 'returned') =>
    recordModelWait(db, {
      run,
      progress,
      notices: [notice],
      step: 1,
      tries: 3,
      ...(notice === 'away' && {
        waits: WAIT,
        failedHops: [{ hop: 0, model: 'gpt-test', code: 'model_overloaded' }],
      }),
    })

  async function ended(): Promise<RunIdentity> {
    const run = await startRun(db)
    await end(run)
    return run
  }
  const end = (run: RunIdentity) =>
    closeRun(db, {
      run,
      status: 'incomplete',
      reason: 'models_unavailable',
      steps: 1,
      answer: { seq: 1, text: 'Later, please.' },
      approvals: [],
      failedHops: [],
      resumable: STATE,
    })
  const resume = ({ runId: id, tenant }: RunIdentity, limits = {}) =>
    resumeRun(db, { id, tenant, by: 'bob', ...limits })

  test('a run that waits for models says since when and how long, once for each notice', async () => {
    const run = await startRun(db)
    await wait(run, 1, 'away')
    await wait(run, 1, 'away')
    assert.deepEqual((await rowOf(run))?.waitingFor, { type: 'models', ...WAIT })
    await wait(run, 2, 'returned')
    await wait(run, 1, 'away')
    assert.equal((await rowOf(run))?.waitingFor, null)
    assert.deepEqual(
      (await eventsOf(db, run)).slice(2).map(({ type, data }) => [type, data]),
      [
        ['model.failed', { step: 1, hop: 0, model: 'gpt-test', code: 'model_overloaded' }],
        ['models.away', { step: 1, until: WAIT.until }],
        ['models.returned', { step: 1, tries: 4 }],
      ],
    )
  })

  test('whoever opens a run hears of a cancel that was asked for before, and of none that came too late for an end', async () => {
    const run = await ended()
    await resume(run)
    const open = () => markRunStarted(db, { run, plan: samplePlan })
    await requestCancel(db, run, 'ann')
    const opened = { started: true, cancelRequested: true, queuedMs: null }
    assert.deepEqual(await open(), opened, 'a resumed run was in no queue since it was accepted')
    const again = { started: false, cancelRequested: true, queuedMs: null }
    assert.deepEqual(await open(), again, 'an attempt whose answer was lost is repeated')

    const late = await startRun(db)
    await requestCancel(db, late, 'ann')
    await end(late)
    await resume(late)
    const { cancelRequested } = await markRunStarted(db, { run: late, plan: samplePlan })
    assert.equal(cancelRequested, false)
  })

  test('a run that ends waits for nothing any more', async () => {
    const run = await startRun(db)
    await wait(run, 1, 'away')
    await closeRun(db, { run, status: 'cancelled', steps: 1, approvals: [], failedHops: [] })
    await wait(run, 3, 'away')
    assert.equal((await rowOf(run))?.waitingFor, null)
  })

  test('an ended run is resumed once, keeps what it began with, and its next answer stands where its end stood', async () => {
    const run = await ended()
    const before = await rowOf(run)
    assert.deepEqual([await resume(run), await resume(run)], [true, false])
    const queued = await rowOf(run)
    assert.deepEqual(
      [queued?.status, queued?.reason, queued?.output, queued?.completedAt, queued?.resumes],
      ['queued', null, null, null, 1],
    )
    const kept = await findKept(db, { id: run.runId, tenant: run.tenant })
    assert.deepEqual(kept, { state: STATE, resume: { by: 'bob', unread: [] } })
    await markRunStarted(db, { run, plan: samplePlan })
    assert.equal(await findKept(db, { id: run.runId, tenant: run.tenant }), null, 'it has begun')
    assert.equal((await rowOf(run))?.startedAt, before?.startedAt)
    await storeAnswer(db, modelCall(run, { step: 2, message: assistantMessage('Here it is.') }))
    assert.deepEqual(await transcriptOf(db, run), ['0 user Where is my order?', '1 assistant Here it is.'])
    await closeRun(db, {
      run,
      status: 'completed',
      steps: 2,
      answer: { seq: 1 },
      approvals: [],
      failedHops: [],
    })
    assert.equal((await rowOf(run))?.output, 'Here it is.')
    assert.equal(await resume(run), false)
  })

  test('the step that no model answered is asked and answered anew, from the first hop on', async () => {
    const run = await startRun(db)
    await storeAnswer(db, modelCall(run, { hop: 1, message: assistantMessage('', ['look']) }))
    await closeRun(db, {
      run,
      status: 'incomplete',
      reason: 'models_unavailable',
      steps: 2,
      answer: { seq: 3, text: 'Later, please.' },
      approvals: [],
      failedHops: [],
      resumable: STATE,
    })
    await resume(run)
    await markRunStarted(db, { run, plan: samplePlan })
    const answer = modelCall(run, { step: 2, seq: 3, message: assistantMessage('Here it is.') })
    await storeAnswer(db, answer)
    assert.equal((await transcriptOf(db, run)).at(-1), '3 assistant Here it is.')
  })

  test('a resumed run begins with the messages that no model was shown, those included that came while it ended', async () => {
    const run = await startRun(db)
    const add = (id: string) =>
      addInboxMessage(db, { id, tenant: run.tenant, runId: run.runId, text: id, by: 'bob' })
    await add('msg_2')
    await add('msg_1')
    await storeAnswer(db, modelCall(run, { seq: 2, inbox: ['msg_2'] }))
    await add('msg_0')
    await end(run)
    await resume(run)
    await add('msg_3')
    const kept = await findKept(db, { id: run.runId, tenant: run.tenant })
    assert.deepEqual(kept?.resume.unread, ['msg_1', 'msg_0', 'msg_3'])
  })

  test('a cancel that came too late for the end which is undone is not taken for one of the resumed run', async () => {
    const run = await startRun(db)
    await requestCancel(db, run, 'eve')
    await end(run)
    await resume(run)
    await requestCancel(db, run, 'bob')
    await closeRun(db, {
      run,
      status: 'cancelled',
      reason: 'cancel_requested',
      steps: 1,
      approvals: [],
      failedHops: [],
    })
    const told = (await eventsOf(db, run)).slice(-2)
    assert.deepEqual(
      told.map(({ type, data }) => [type, data['by']]),
      [
        ['cancel.requested', 'bob'],
        ['run.cancelled', 'bob'],
      ],
    )
  })

  test('limits that it is resumed on are those in force, and on the record', async () => {
    const run = await ended()
    await resume(run, { limits: { maxTokens: 500 } })
    assert.deepEqual((await rowOf(run))?.budget.limits, { maxTokens: 500 })
    const last = (await eventsOf(db, run)).at(-1)
    assert.deepEqual([last?.type, last?.data], ['run.resumed', { by: 'bob', limits: { max_tokens: 500 } }])
  })

  test('another tenant resumes nothing, and a run that was not resumed has begun with nothing', async () => {
    const run = await ended()
    assert.equal(await resume({ ...run, tenant: 'other' }), false)
    assert.equal(await findKept(db, { id: run.runId, tenant: run.tenant }), null)
  })
})
