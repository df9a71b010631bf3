import assert from 'node:assert/strict'
import { test } from 'node:test'
import { temporaryDirectory } from '../../support/temporary-directory.ts'
import { copyBuild } from '../versioning/support/build-copy.ts'
import { jsonLines } from './support/on-call.ts'
import { answerByTools } from './support/scripts.ts'
import { assertQuiet, NEXT_DESK, openStage } from './support/stage.ts'
import { steadily } from './support/traffic.ts'

const directory = temporaryDirectory()

/**
 * The alert counts repeats, which come every 10 seconds in the end. On the rules' clock that is every 250 ms, and Temporal repeats at most once a
 * second: so there are three runs here in the place of one.
 */
const HASTY = {
  file: 'policies/activities.ts',
  from: 'maximumIntervalMs: 10_000 } as const',
  to: 'maximumIntervalMs: 1_000 } as const',
}

test('runs that cannot go on are found one by one, each with its cause, while others go on beside them', async (t) => {
  const build = copyBuild(HASTY)
  t.after(() => build.remove())
  await using stage = await openStage({
    directory,
    apiApp: NEXT_DESK,
    workerProgram: build.program,
    script: answerByTools,
    // The alert waits for 15 of them.
    minuteMs: 1_500,
  })
  const { database, prometheus, onCall, operator } = stage
  const traffic = steadily(1, () => stage.start('ann', { agent: 'support', input: 'Where is P-1001?' }))
  await using cleanup = new AsyncDisposableStack()
  cleanup.defer(() => traffic.stop())
  await prometheus.until('sum(holdfast_runs_ended_total{status="completed"}) > 4')
  await assertQuiet(stage, [])

  const startThree = async (principal: string, agent: string) => {
    const body = { agent, input: 'Where is P-1001?' }
    const started = await Promise.all([1, 2, 3].map(() => stage.start(principal, body)))
    return started.map((answer) => answer.body.id).sort()
  }
  // The API is ahead of the workers: none has the agent.
  const unknown = await startThree('ann', 'courier')
  // What Postgres says of a damaged page, whenever a model is to be asked for this principal.
  await database.query({
    text: `
      create function damaged() returns trigger language plpgsql security definer as $$
        begin raise 'invalid page in block 7 of relation base/16384/16402' using errcode = 'XX001'; end $$;
      create trigger damaged before insert on model_attempts for each row when (new.principal = 'bob')
        execute function damaged()`,
  })
  const damaged = await startThree('bob', 'support')

  const alert = await onCall.paged('HoldfastPoisonRun')
  await prometheus.until('count(ALERTS{alertname="HoldfastPoisonRun",alertstate="firing"}) == 2')
  const runbook = onCall.runbook(alert)
  const retries = await runbook.panel('Holdfast: operations', 'Retries')
  assert.deepEqual(
    retries.filter(({ value }) => value >= 10).map(({ labels }) => labels),
    [
      { activity: 'callModel', code: 'agent_unknown' },
      { activity: 'callModel', code: 'internal' },
    ],
  )
  const left = jsonLines(await runbook.run('left to a worker'))
  assert.deepEqual(
    left.map(({ runId, missing }) => [runId, missing]),
    unknown.map((id) => [id, ['print_label']]),
  )
  const faulty = jsonLines(await runbook.run('.attempt > 5', { NAME: 'callModel' }))
  assert.deepEqual(
    faulty.map(({ runId, code, err }) => [runId, code, err]),
    damaged.map((id) => [id, 'internal', 'invalid page in block 7 of relation base/16384/16402']),
  )

  const { body: other } = await stage.start('ann', { agent: 'support', input: 'Where is P-1002?' })
  assert.equal((await operator.untilEnd(other.id)).status, 'completed')

  await stage.startWorker(NEXT_DESK)
  for (const id of unknown) assert.equal((await operator.untilEnd(id)).status, 'completed')
  for (const id of damaged) {
    await runbook.run('/cancel', { ID: id })
    assert.equal((await operator.untilEnd(id)).status, 'cancelled')
  }
  await onCall.calm('HoldfastPoisonRun')
  // There are few calls here, so the repeats are a large share of them.
  await assertQuiet(stage, ['HoldfastPoisonRun', 'HoldfastRetriesHigh'])
})
