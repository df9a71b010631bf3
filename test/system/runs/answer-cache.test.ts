import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { z } from 'zod'
import type { cacheOverview } from '../../../src/api/cache/cache.schema.ts'
import { defineAgent, defineApp } from '../../../src/index.ts'
import type { Script } from '../../../src/testing/script.ts'
import { get, send } from '../../api/support/post.ts'
import { type Environment, startEnvironment } from '../../support/start-environment.ts'
import { startWorker } from '../../support/start-worker.ts'
import { type Caller, createCaller } from './support/caller.ts'

const app = defineApp({
  name: 'faq',
  agents: [
    defineAgent({
      name: 'faq',
      version: 'v1',
      instructions: 'Answer.',
      cache: { exact: { ttlMs: 600_000 }, scope: 'tenant' },
      whenNoModel: { waitMs: 600_000 },
      budget: { limits: { maxCostMicroUsd: 1_000_000 }, onReached: 'pause' },
    }),
    defineAgent({
      name: 'form',
      version: 'v1',
      instructions: 'Fill in.',
      output: z.strictObject({ said: z.string() }),
      cache: { exact: { ttlMs: 600_000 } },
    }),
  ],
})

describe('an agent with an answer cache', () => {
  let environment: Environment
  let caller: Caller
  let isAway = false
  /** What the model was asked, by this worker and by the second one. */
  const asked: string[] = []
  let gate: Promise<void> = Promise.resolve()

  const script: Script = async ({ messages }) => {
    const last = messages.at(-1)
    const question = last?.role === 'user' ? last.text : ''
    if (isAway) return { fault: { status: 401, body: { error: { message: 'no' } } } }
    asked.push(question)
    await gate
    if (question === 'Fill in') return { text: JSON.stringify({ said: 'yes' }) }
    if (question === 'Fill in badly') return { text: 'no' }
    if (messages.length > 1) return { text: JSON.stringify({ said: 'mended' }) }
    return { text: `Answer to: ${question}` }
  }

  before(async () => {
    environment = await startEnvironment({ app, script, store: 'postgres' })
    caller = createCaller(environment.service.url)
  })
  after(() => environment.close())

  async function start(input: string, budget: object = {}): Promise<string> {
    const { status, body, text } = await caller.start({ agent: 'faq', input, budget })
    assert.equal(status, 202, text)
    return body.id
  }

  async function overview(): Promise<z.output<typeof cacheOverview>['data'][number] | undefined> {
    const { body } = await get<z.output<typeof cacheOverview>>(`${environment.service.url}/v1/cache`)
    return body.data[0]
  }

  test('fifty equal questions at once are asked once, on two workers', async (context) => {
    const { temporal, database } = environment
    const second = await startWorker(temporal, database, { app, script })
    context.after(() => second.stop())
    const told = Promise.withResolvers<void>()
    context.after(() => told.resolve())
    gate = told.promise
    const ids = await Promise.all(Array.from({ length: 50 }, () => start('Where?')))
    while ((await overview())?.waiting !== 49) await new Promise((resolve) => setTimeout(resolve, 50))
    assert.equal((await caller.run(ids[0] ?? '')).status, 'in_progress')
    told.resolve()
    const runs = await Promise.all(ids.map((id) => caller.untilEnd(id)))
    assert.ok(runs.every(({ status, output }) => status === 'completed' && output === 'Answer to: Where?'))
    assert.deepEqual(asked, ['Where?'])
    const cache = await overview()
    assert.deepEqual([cache?.hits.exact, cache?.misses, cache?.waiting, cache?.hit_rate], [49, 1, 0, 0.98])
    const costs = runs.map(({ usage }) => usage.cost_micro_usd ?? assert.fail('no cost'))
    assert.equal(costs.filter((cost) => cost === 0).length, 49)
    assert.equal(cache?.saved_micro_usd, 49 * Math.max(...costs))
  })

  test('while its provider is away, what was asked before is answered', async () => {
    isAway = true
    const id = await start('Where?')
    const run = await caller.untilEnd(id)
    isAway = false
    assert.deepEqual([run.status, run.output, run.usage.model_calls], ['completed', 'Answer to: Where?', 0])
  })

  test('a run that waits for its budget goes on when somebody else has been answered the same', async () => {
    const id = await start('When?', { max_cost_micro_usd: 1, on_reached: 'pause' })
    await caller.until(id, 'budget.reached')
    assert.equal((await caller.run(id)).status, 'requires_action')
    await caller.untilEnd(await start('When?'))
    // A change makes it look again, though no model could be asked for that much.
    const { status } = await caller.changeBudget(id, { max_cost_micro_usd: 2 })
    assert.equal(status, 200)
    const run = await caller.untilEnd(id)
    assert.deepEqual([run.status, run.usage.cost_micro_usd], ['completed', 0])
  })

  test('an answer that fits its schema is given again with what it comes to; a repaired one is not', async () => {
    const fill = async (input: string) => {
      const { body } = await caller.start({ agent: 'form', input })
      const { output_json, usage } = await caller.untilEnd(body.id)
      return [output_json, usage.model_calls]
    }
    assert.deepEqual(await fill('Fill in'), [{ said: 'yes' }, 1])
    assert.deepEqual(await fill('Fill in'), [{ said: 'yes' }, 0])
    assert.deepEqual(await fill('Fill in badly'), [{ said: 'mended' }, 2])
    assert.deepEqual(await fill('Fill in badly'), [{ said: 'mended' }, 2])
  })

  test('after a purge the model is asked again', async () => {
    const before = asked.length
    await send('DELETE', `${environment.service.url}/v1/cache?agent=faq`)
    await caller.untilEnd(await start('Where?'))
    assert.equal(asked.length, before + 1)
  })
})
