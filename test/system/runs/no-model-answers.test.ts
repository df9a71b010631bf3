import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import type { RunPlan, WhenNoModel } from '../../../src/contracts/runs/plan.ts'
import type { RunId } from '../../../src/contracts/runs/run.ts'
import { requestCancel } from '../../../src/store/runs/request-cancel.ts'
import { resumeRun } from '../../../src/store/runs/resume-run.ts'
import type { Script } from '../../../src/testing/script.ts'
import { notesOf } from '../../support/office/effects.ts'
import { noteAndRepeat } from '../../support/office/scripts.ts'
import { firstWords } from '../../support/office/words.ts'
import { clerkPlan } from '../../support/office.ts'
import { type Environment, startEnvironment } from '../../support/start-environment.ts'
import { type Caller, createCaller } from './support/caller.ts'

/* Every provider refuses, from the moment on at which the run has done something. */

const REFUSED = { fault: { status: 401, body: { error: { message: 'no' } } } }
const NOTED = '- take_note(content=Wants to talk to somebody.): ok'

describe('a run that no model answers', { concurrency: true }, () => {
  let environment: Environment
  let caller: Caller
  /** First words of runs to which the providers have come back. */
  const back = new Set<string>()

  const script: Script = (request) => {
    const { messages } = request
    const hasActed = messages.some(({ role }) => role === 'tool')
    return hasActed && !back.has(firstWords(messages)) ? REFUSED : noteAndRepeat(request)
  }

  before(async () => {
    environment = await startEnvironment({ script })
    caller = createCaller(environment.service.url)
  })
  after(() => environment.close())

  async function start(words: string, whenNoModel: WhenNoModel): Promise<string> {
    const plan: RunPlan = { ...clerkPlan(), whenNoModel }
    return (await environment.startPlan(plan, words)).runId
  }

  test('says what it has done, where its agent answers', async () => {
    const id = await start('answer', 'answer')
    const run = await caller.untilEnd(id)
    assert.deepEqual([run.status, run.reason], ['incomplete', 'models_unavailable'])
    assert.equal(run.output, `${clerkPlan().degradedAnswer}\n\nDone so far:\n${NOTED}`)
    assert.equal((await caller.messages(id)).at(-1)?.content, run.output)
  })

  test('waits, where its agent waits, and goes on by itself when one answers', async () => {
    const id = await start('wait', { waitMs: 600_000 })
    const { until } = await caller.until(id, 'models.away')
    const waiting = await caller.run(id)
    assert.equal(waiting.status, 'in_progress')
    assert.ok(waiting.waiting_for?.type === 'models')
    assert.equal(waiting.waiting_for.until, until)
    back.add('wait')
    const run = await caller.untilEnd(id)
    assert.deepEqual([run.status, run.waiting_for], ['completed', undefined])
    assert.equal((await notesOf(environment.database, id)).length, 1)
    const told = (await caller.events(id)).map(({ type }) => type)
    assert.deepEqual(
      told.filter((type) => type.startsWith('model')),
      [
        'model.completed',
        'model.failed',
        'model.failed',
        'models.away',
        'model.completed',
        'models.returned',
      ],
    )
  })

  test('can be spoken to and cancelled while it waits', async () => {
    const [spoken, cancelled] = await Promise.all([
      start('spoken', { waitMs: 600_000 }),
      start('cancelled', { waitMs: 600_000 }),
    ])
    await Promise.all([spoken, cancelled].map((id) => caller.until(id, 'models.away')))
    assert.equal((await caller.say(spoken, 'Are you still there?')).status, 202)
    await caller.cancel(cancelled)
    back.add('spoken')
    assert.equal((await caller.untilEnd(cancelled)).status, 'cancelled')
    const run = await caller.untilEnd(spoken)
    assert.equal(run.status, 'completed')
    assert.match(run.output ?? '', /Are you still there\?/)
  })

  test('ends as an agent that answers when it has waited long enough', async () => {
    const id = await start('in vain', { waitMs: 2_000 })
    const run = await caller.untilEnd(id)
    assert.deepEqual(
      [run.status, run.reason, run.waiting_for],
      ['incomplete', 'models_unavailable', undefined],
    )
    assert.ok(run.output?.endsWith(NOTED))
  })

  test('is cancelled though the cancel reached the execution before the one that goes on with it', async () => {
    const id = await start('cancelled early', 'answer')
    await caller.untilEnd(id)
    const asked = (await caller.messages(id)).length
    // As if the execution that has ended the run were still open: it hears of the cancel, and the next one begins after it.
    const run = { runId: id as RunId, tenant: 'default', principal: 'local' }
    await resumeRun(environment.database, { id: run.runId, tenant: run.tenant, by: 'local' })
    await requestCancel(environment.database, run, 'ann')
    assert.equal((await caller.resume(id)).status, 202)
    assert.equal((await caller.untilEnd(id)).status, 'cancelled')
    assert.equal((await caller.messages(id)).length, asked, 'nothing was asked any more')
    const told = (await caller.events(id)).map(({ type, data }) => [type, 'by' in data ? data.by : undefined])
    assert.deepEqual(told.slice(-4), [
      ['run.resumed', 'local'],
      ['cancel.requested', 'ann'],
      ['run.started', undefined],
      ['run.cancelled', 'ann'],
    ])
  })

  test('goes on after its end when it is resumed, as the same run, and does nothing again', async () => {
    const id = await start('resumed', 'answer')
    const ended = await caller.untilEnd(id)
    const lastSeq = (await caller.messages(id)).length
    back.add('resumed')
    const both = await Promise.all([caller.resume(id), caller.resume(id)])
    for (const { status, body } of both)
      assert.deepEqual([status, body.id, body.output], [202, id, undefined])
    const run = await caller.untilEnd(id)
    assert.deepEqual([run.status, run.started_at], ['completed', ended.started_at])
    assert.equal((await notesOf(environment.database, id)).length, 1)
    // The answer stands where the words about its end stood.
    const messages = await caller.messages(id)
    assert.deepEqual([messages.length, messages.at(-1)?.content], [lastSeq, run.output])
    const told = (await caller.events(id)).map(({ type, data }) => [type, data['by']])
    assert.deepEqual(
      told.filter(([type]) => type === 'run.resumed'),
      [['run.resumed', 'local']],
    )
    const again = await caller.resume(id)
    assert.deepEqual([again.status, again.body.code], [409, 'run_not_resumable'])
  })
})
