import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import type { TraceResource } from '../../../src/api/dossier/trace.schema.ts'
import type { BreakerResource } from '../../../src/api/traffic/provider.schema.ts'
import type { PlannedModel } from '../../../src/contracts/models/model.ts'
import type { RunPlan } from '../../../src/contracts/runs/plan.ts'
import { BREAKERS } from '../../../src/policies/models/breakers.ts'
import type { Script } from '../../../src/testing/script.ts'
import { get, send } from '../../api/support/post.ts'
import { firstWords } from '../../support/office/words.ts'
import { officePlan } from '../../support/office.ts'
import { type Environment, startEnvironment } from '../../support/start-environment.ts'
import { seeded } from '../simulation/random.ts'
import { type Caller, createCaller } from './support/caller.ts'

const OVERLOADED = { fault: { status: 529, body: { error: { message: 'overloaded' } } } }
/** Shorter than the wait of a run before its first own try. */
const SIGNALLED_WITHIN_MS = 6_000

describe('a run whose model is behind a circuit breaker', () => {
  let environment: Environment
  let caller: Caller

  const random = seeded(17)
  const script: Script = ({ model, messages }) =>
    model.startsWith('dead') || (model.startsWith('flap') && random.chance(0.5))
      ? OVERLOADED
      : { text: `${model}: ${firstWords(messages)}` }

  before(async () => {
    environment = await startEnvironment({ script, store: 'postgres', breakers: BREAKERS })
    caller = createCaller(environment.service.url)
  })
  after(() => environment.close())

  const modelNamed = (model: string): PlannedModel => ({
    provider: 'openai',
    wire: 'openai-responses',
    model,
    maxOutputTokens: 100,
  })
  function chainOf(first: string, ...others: string[]): Pick<RunPlan, 'chain'> {
    return { chain: [modelNamed(first), ...others.map(modelNamed)] }
  }
  async function start(change: Partial<RunPlan>): Promise<string> {
    const { budget: _, ...plan } = officePlan('assistant')
    return (await environment.startPlan({ ...plan, ...change }, 'Hello')).runId
  }
  async function force(model: string, state: string): Promise<void> {
    // Known as soon as a run has asked for it; here nothing has.
    await environment.database.query({
      text: `insert into circuits (provider, model, state) values ('openai', $1, 'closed') on conflict do nothing`,
      values: [model],
    })
    const path = `/providers/openai/${encodeURIComponent(model)}/breaker`
    const { status, body } = await send<BreakerResource>('PUT', caller.v1(path), { state })
    assert.equal(status, 200)
    assert.equal(body.forced?.state ?? 'auto', state)
  }
  const askedOf = (model: string) =>
    environment.provider.requests.filter((request) => request.model === model).length
  async function attemptsOf(id: string) {
    return environment.database.query<{ model: string; status: string }>({
      text: 'select model, status from model_attempts where run_id = $1 order by attempt',
      values: [id],
    })
  }

  test('F15: an overloaded model is called at most ten times, and then the next one answers within a second', async (context) => {
    const change = chainOf('dead-15', 'next-15')
    const first = await Promise.all(Array.from({ length: 10 }, () => start(change)))
    for (const id of first) assert.equal((await caller.untilEnd(id)).status, 'completed')
    const calls = askedOf('dead-15')
    context.diagnostic(`10 runs at once: ${calls} calls reached the overloaded model`)
    assert.ok(calls <= 10, `${calls} calls`)

    const id = await start(change)
    const run = await caller.untilEnd(id)
    assert.equal(run.output, 'next-15: Hello')
    const tookMs = Date.parse(run.completed_at ?? '') - Date.parse(run.started_at ?? '')
    context.diagnostic(`the fallback had answered ${tookMs} ms after the run began`)
    assert.ok(tookMs < 1_000, `${tookMs} ms`)
    assert.equal(askedOf('dead-15'), calls)
  })

  test('goes on with the next model at once: nothing is booked, and the record says why', async () => {
    await force('held/open', 'open')
    const id = await start(chainOf('held/open', 'next'))
    assert.equal((await caller.untilEnd(id)).output, 'next: Hello')
    assert.equal(askedOf('held/open'), 0)
    assert.deepEqual(await attemptsOf(id), [{ model: 'next', status: 'ok' }])
    const failed = (await caller.events(id)).filter(({ type }) => type === 'model.failed')
    assert.deepEqual(
      failed.map(({ data }) => [data['model'], data['code']]),
      [['held/open', 'model_circuit_open']],
    )
    const { body } = await get<TraceResource>(caller.v1(`/runs/${id}/trace`))
    assert.deepEqual(
      body.steps[0]?.model_calls.map((call) => [call.provider, call.model, call.skipped?.[0]?.code]),
      [
        ['openai', 'held/open', 'model_circuit_open'],
        ['openai', 'next', undefined],
      ],
    )
  })

  test('waits without a request where its agent waits, and is signalled when the model is back', async (context) => {
    await force('away', 'open')
    const id = await start({ ...chainOf('away'), whenNoModel: { waitMs: 600_000 } })
    await caller.until(id, 'models.away')
    assert.equal((await caller.run(id)).waiting_for?.type, 'models')
    assert.equal(askedOf('away'), 0)
    const began = performance.now()
    await force('away', 'auto')
    assert.equal((await caller.untilEnd(id)).output, 'away: Hello')
    const tookMs = performance.now() - began
    context.diagnostic(`answered ${Math.round(tookMs)} ms after the circuit had closed`)
    assert.ok(tookMs < SIGNALLED_WITHIN_MS, `${tookMs} ms`)
    assert.deepEqual(await attemptsOf(id), [{ model: 'away', status: 'ok' }])
  })

  test('F17: of a model that fails every other time, all runs come to an answer where a second model is there', async (context) => {
    const change = chainOf('flap-17', 'next-17')
    const ids = await Promise.all(Array.from({ length: 100 }, () => start(change)))
    const runs = await Promise.all(ids.map((id) => caller.untilEnd(id)))
    const byFirst = runs.filter(({ output }) => output === 'flap-17: Hello').length
    context.diagnostic(
      `${byFirst} of 100 runs were answered by the flapping model, after ${askedOf('flap-17')} calls`,
    )
    assert.ok(runs.every(({ status }) => status === 'completed'))
  })

  test('of a format whose workers may not know the code asks its model as ever', async () => {
    await force('older', 'open')
    const id = await start({ ...chainOf('older'), format: 3 })
    assert.equal((await caller.untilEnd(id)).output, 'older: Hello')
  })
})

describe('a circuit that only waiting runs ask', () => {
  test('is probed by one of their own tries', async () => {
    let isAway = true
    const script: Script = () => (isAway ? OVERLOADED : { text: 'Back.' })
    const environment = await startEnvironment({
      script,
      store: 'postgres',
      breakers: { ...BREAKERS, failuresInARow: 1, openForMs: { failing: [1_000], refused: [1_000] } },
    })
    try {
      const { budget: _, ...plan } = officePlan('assistant')
      const caller = createCaller(environment.service.url)
      const { runId } = await environment.startPlan({ ...plan, whenNoModel: { waitMs: 600_000 } }, 'Hello')
      await caller.until(runId, 'models.away')
      isAway = false
      assert.equal((await caller.untilEnd(runId)).output, 'Back.')
    } finally {
      await environment.close()
    }
  })
})
