import assert from 'node:assert/strict'
import { before, test } from 'node:test'
import { REQUEST_LIMITS } from '../../../src/policies/api.ts'
import type { Database } from '../../../src/store/database/database.ts'
import { addInboxMessage } from '../../../src/store/record/messages.ts'
import { closeRun } from '../../../src/store/runs/close-run.ts'
import { recordDropped } from '../../../src/store/runs/record-dropped.ts'
import { countSignal, forgetSignals } from '../../../src/store/runs/unanswered-signals.ts'
import { forEachDatabase } from '../../support/database.ts'
import { eventsOf } from '../support/histories.ts'
import { startRun } from '../support/samples.ts'

const { unreadMessages, signalsOfMessage } = REQUEST_LIMITS

forEachDatabase((_, open) => {
  let db: Database
  before(async () => {
    db = await open()
  })

  test('more messages than a run may have unread are not taken, however many come at once', async () => {
    const run = await startRun(db)
    const at = { tenant: run.tenant, runId: run.runId, text: 'hello', by: run.principal }
    const answers = await Promise.all(
      Array.from({ length: unreadMessages + 20 }, (_one, index) =>
        addInboxMessage(db, { ...at, id: `m${index}` }),
      ),
    )
    assert.equal(answers.filter((answer) => answer === 'added').length, unreadMessages)
    assert.equal(answers.filter((answer) => answer === 'full').length, 20)
    const taken = `m${answers.indexOf('added')}`
    assert.equal(await addInboxMessage(db, { ...at, id: taken }), 'exists')
  })

  test('the signal of a message is sent again a few times, and not without end', async () => {
    const run = await startRun(db)
    const message = { tenant: run.tenant, runId: run.runId, id: 'm1', text: 'hello', by: run.principal }
    assert.equal(await addInboxMessage(db, message), 'added')
    for (let again = 0; again < signalsOfMessage; again += 1) {
      assert.equal(await addInboxMessage(db, message), 'exists')
    }
    assert.equal(await addInboxMessage(db, message), 'known')
    assert.equal(await addInboxMessage(db, { ...message, text: 'other' }), 'differs')
  })

  test('a run that ends tells which messages no model was shown, before its last event', async () => {
    const run = await startRun(db)
    for (const id of ['m1', 'm2']) {
      await addInboxMessage(db, {
        tenant: run.tenant,
        runId: run.runId,
        id,
        text: 'hello',
        by: run.principal,
      })
    }
    await closeRun(db, {
      run,
      status: 'cancelled',
      reason: 'cancel_requested',
      steps: 0,
      approvals: [],
      failedHops: [],
    })
    const [unread, last] = (await eventsOf(db, run)).slice(-2)
    assert.deepEqual(
      [unread?.type, unread?.data],
      ['message.unread', { unread: 2, message_ids: ['m1', 'm2'] }],
    )
    assert.equal(last?.type, 'run.cancelled')
  })

  test("one person's signals are bounded, another's are not, and an answer of the run forgets them", async () => {
    const run = await startRun(db)
    const ann = { runId: run.runId, tenant: run.tenant, by: 'ann' }
    const counted = await Promise.all([1, 2, 3, 4, 5].map(() => countSignal(db, ann, 3)))
    assert.equal(counted.filter(Boolean).length, 3)
    assert.equal(await countSignal(db, { ...ann, by: 'bob' }, 3), true)
    await forgetSignals(db, run.runId)
    assert.equal(await countSignal(db, ann, 3), true)
  })

  test('how much a run has dropped has one event for each number', async () => {
    const run = await startRun(db)
    for (const dropped of [1, 1, 7, 3]) await recordDropped(db, { run, dropped })
    const told = (await eventsOf(db, run)).filter(({ type }) => type === 'submission.dropped')
    assert.deepEqual(
      told.map(({ data }) => data),
      [{ dropped: 1 }, { dropped: 7 }],
    )
  })
})
