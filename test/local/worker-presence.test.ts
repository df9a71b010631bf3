import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import { type ProviderResource, providerPage } from '../../src/api/traffic/provider.schema.ts'
import { defineAgent, defineApp } from '../../src/index.ts'
import { PRESENCE } from '../../src/policies/operations/processes.ts'
import { get } from '../api/support/post.ts'
import { type Environment, startEnvironment } from '../support/start-environment.ts'
import { type Caller, createCaller } from '../system/runs/support/caller.ts'

const appWith = (maxConcurrent: number) =>
  defineApp({
    name: 'present',
    models: {
      prices: [{ model: 'openai/gpt-test', input: 1_000_000, output: 1_000_000 }],
      limits: [{ provider: 'openai', maxConcurrent }],
    },
    agents: [
      defineAgent({
        name: 'assistant',
        version: 'v1',
        instructions: 'Answer.',
        models: ['openai/gpt-test'],
      }),
    ],
  })

describe('the worker in the process of the API', () => {
  let environment: Environment
  let caller: Caller

  before(async () => {
    environment = await startEnvironment({ app: appWith(5) })
    caller = createCaller(environment.service.url)
  })
  after(() => environment.close())

  /** The worker that is shown for the provider, once it has this limit. */
  async function untilLimitIs(limit: number): Promise<NonNullable<ProviderResource['workers']>[number]> {
    const beganAt = performance.now()
    for (;;) {
      const { body } = await get(caller.v1('/providers'))
      const workers = providerPage.parse(body).data.flatMap((one) => one.workers ?? [])
      assert.ok(workers.length <= 1, 'one process, one worker')
      const [worker] = workers
      if (worker?.limit === limit) return worker
      assert.ok(performance.now() - beganAt < 2 * PRESENCE.everyMs, JSON.stringify(workers))
      await delay(100)
    }
  }

  async function ask(): Promise<void> {
    const { body } = await caller.start({ agent: 'assistant', input: 'Hello.' })
    assert.equal((await caller.untilEnd(body.id)).status, 'completed')
  }

  test('publishes how many calls it has at once, also of a later state of the application', async () => {
    await ask()
    const { worker, ...first } = await untilLimitIs(5)
    assert.deepEqual(first, { model: null, limit: 5, in_flight: 0, waiting: 0 })
    await environment.service.replaceApp(appWith(3), {})
    await ask()
    assert.equal((await untilLimitIs(3)).worker, worker)
  })

  test('is gone when the service has stopped', async () => {
    const processes = () => environment.database.query({ text: 'select kind from processes' })
    assert.deepEqual(await processes(), [{ kind: 'worker' }])
    await environment.service.stop()
    assert.deepEqual(await processes(), [])
  })
})
