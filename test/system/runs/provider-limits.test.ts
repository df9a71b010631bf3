import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import { ERROR_CODES } from '../../../src/contracts/error-codes.ts'
import { defineAgent, defineApp } from '../../../src/index.ts'
import { listBuckets } from '../../../src/store/traffic/list-buckets.ts'
import type { ScriptedReply } from '../../../src/testing/script.ts'
import { type Environment, startEnvironment } from '../../support/start-environment.ts'
import { type Caller, createCaller } from './support/caller.ts'

/* An application that asks one model no more than four times a minute: one call may go at once, and then one every 15 seconds. */

/** `temporal.api.enums.v1.PendingActivityState` */
const STARTED = 2
const ANSWER = { text: 'Here is your answer.', delayMs: 50 }

const app = defineApp({
  name: 'limited',
  agents: [
    defineAgent({ name: 'slow', version: 'v1', instructions: 'Answer.', models: ['openai/slow'] }),
    defineAgent({
      name: 'huge',
      version: 'v1',
      instructions: 'Answer.',
      models: ['openai/huge', 'openai/free'],
    }),
    defineAgent({ name: 'roomy', version: 'v1', instructions: 'Answer.', models: ['openai/roomy'] }),
  ],
  models: {
    prices: [
      { model: 'openai/roomy', input: 0, output: 0 },
      { model: 'openai/slow', input: 0, output: 0 },
      { model: 'openai/huge', input: 0, output: 0 },
      { model: 'openai/free', input: 0, output: 0 },
    ],
    limits: [
      { provider: 'openai', model: 'roomy', tokensPerMinute: 60_000 },
      { provider: 'openai', model: 'slow', requestsPerMinute: 4 },
      { provider: 'openai', model: 'huge', tokensPerMinute: 60 },
    ],
  },
})

describe('limits towards providers', { concurrency: true }, () => {
  let environment: Environment
  let caller: Caller
  before(async () => {
    environment = await startEnvironment({ app, script: () => ANSWER })
    caller = createCaller(environment.service.url)
  })
  after(() => environment.close())

  async function startRun(agent: string): Promise<string> {
    return (await caller.start({ agent, input: 'Hello.' })).body.id
  }

  test('a call beyond a limit waits as a retry of Temporal’s, books nothing, uses up no try and is made', async () => {
    const runs = await Promise.all([startRun('slow'), startRun('slow')])
    const { runId, ...waiting } = await untilOneIsHeldBack(runs)
    assert.equal(waiting.message, ERROR_CODES.model_limit_reached.text)
    assert.equal(waiting.type, 'model_limit_reached')
    // Between two attempts no worker has it.
    assert.equal(waiting.isWithWorker, false)
    const booked = await environment.database.query({
      text: `select attempts, held_tokens from runs where id = $1`,
      values: [runId],
    })
    assert.deepEqual(booked, [{ attempts: 0, held_tokens: 0 }])
    const run = await caller.untilEnd(runId)
    assert.deepEqual([run.status, run.output], ['completed', 'Here is your answer.'])
    assert.deepEqual(
      (await caller.events(runId)).filter(({ type }) => type === 'model.failed'),
      [],
    )
    const requests = environment.provider.requests.filter(({ model }) => model === 'slow')
    const [one, other] = requests.map(({ receivedAt }) => receivedAt)
    assert.equal(requests.length, 2)
    assert.ok((other ?? 0) - (one ?? 0) > 14_000, `${(other ?? 0) - (one ?? 0)} ms apart`)
  })

  test('a call whose limit has no room soon goes to the next model, and says why', async () => {
    const [one, other] = [await startRun('huge'), await startRun('huge')]
    const runs = [await caller.untilEnd(one), await caller.untilEnd(other)]
    assert.deepEqual(
      runs.map(({ status }) => status),
      ['completed', 'completed'],
    )
    assert.deepEqual(runs.map(({ served_by }) => served_by).toSorted(), ['free', 'huge'])
    const failed = (await Promise.all([one, other].map((id) => caller.events(id))))
      .flat()
      .flatMap(({ type, data }) => (type === 'model.failed' ? [data] : []))
    assert.deepEqual(failed, [{ step: 1, hop: 0, model: 'huge', code: 'model_limit_reached' }])
    const buckets = await listBuckets(environment.database, 'default')
    assert.ok((buckets.find(({ model }) => model === 'huge')?.level ?? 0) < 0, 'it owes the rest')
  })

  /** The last failure of the model call that waits. */
  async function untilOneIsHeldBack(runIds: readonly string[]) {
    const rows = await environment.database.query<{ runId: string; workflowId: string }>({
      text: 'select id as "runId", workflow_id as "workflowId" from runs where id = any ($1)',
      values: [runIds],
    })
    for (const end = Date.now() + 14_000; Date.now() < end; await delay(50)) {
      for (const { runId, workflowId } of rows) {
        const handle = environment.temporal.client.workflow.getHandle(workflowId)
        const { raw } = await handle.describe().catch(() => ({ raw: {} as { pendingActivities?: null } }))
        const [pending] = raw.pendingActivities ?? []
        const { lastFailure } = pending ?? {}
        if (lastFailure == null) continue
        return {
          runId,
          message: lastFailure.message,
          type: lastFailure.applicationFailureInfo?.type,
          isWithWorker: pending?.state === STARTED,
        }
      }
    }
    return assert.fail('no call waits')
  }
})

test('what a call gives back that ends while its process stops is stored', async (t) => {
  const asked = Promise.withResolvers<void>()
  const answer = Promise.withResolvers<ScriptedReply>()
  const environment = await startEnvironment({
    app,
    script() {
      asked.resolve()
      return answer.promise
    },
  })
  t.after(() => environment.close())
  const levelOf = async () =>
    (await listBuckets(environment.database, 'default')).find(({ model }) => model === 'roomy')?.level ??
    Number.NaN
  await createCaller(environment.service.url).start({ agent: 'roomy', input: 'Hello.' })
  await asked.promise
  const taken = await levelOf()
  const stopping = environment.service.stop()
  answer.resolve(ANSWER)
  await stopping
  const left = await levelOf()
  assert.ok(left > taken + 2_000, `${taken} tokens were left, and ${left} are`)
})
