import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { type AgentResource, agent as agentSchema } from '../../../../src/api/agents/agent.schema.ts'
import type { ProblemBody } from '../../../../src/api/http/problems/problem.ts'
import { type RunResource, run as runSchema } from '../../../../src/api/runs/run.schema.ts'
import { officePlan } from '../../../support/office.ts'
import { openPgliteTestDatabase } from '../../../support/pglite.ts'
import type { TestDatabase } from '../../../support/test-database.ts'
import { get, post } from '../../support/post.ts'
import { recordingTemporal } from '../../support/recording-temporal.ts'
import { startApi, type TestApi } from '../../support/start-api.ts'
import { makeKey } from '../../support/test-keys.ts'

const OWN = officePlan('support').budget
const own = OWN?.limits.maxCostMicroUsd ?? 0

let store: TestDatabase
let api: TestApi
/** Who may start runs and no more, and who may change budgets as well. */
let caller: Record<string, string>
let treasurer: Record<string, string>

before(async () => {
  store = await openPgliteTestDatabase()
  api = await startApi(store.database, recordingTemporal().client, 'test', { auth: 'keys' })
  caller = (await makeKey(store.database, { scopes: ['runs:*'] })).headers
  treasurer = (await makeKey(store.database, { scopes: ['runs:*', 'budgets:write'] })).headers
})
after(async () => {
  await api.close()
  await store.close()
})

const start = <T = RunResource>(budget: object | undefined, headers = caller) =>
  post<T>(`${api.url}/v1/runs`, { agent: 'support', input: 'Hello', budget }, headers)

test("a run has its agent's budget, and nothing of it is spent", async () => {
  const { status, body } = await start(undefined)
  assert.equal(status, 202)
  const { budget } = runSchema.parse(body)
  assert.equal(budget?.limits.max_cost_micro_usd, own)
  assert.equal(budget?.on_reached, OWN?.onReached)
  assert.deepEqual(budget?.spent, { cost_micro_usd: 0, unknown_micro_usd: 0, tokens: 0, model_calls: 0 })
  assert.equal(budget?.held_micro_usd, 0)
  const again = await get<RunResource>(`${api.url}/v1/runs/${body.id}`, caller)
  assert.deepEqual(runSchema.parse(again.body).budget, budget)
})

test('anybody may start a run with less, name by name', async () => {
  const wish = {
    max_cost_micro_usd: own - 1,
    max_tokens: 1_000,
    max_model_calls: 3,
    max_tool_calls: 4,
    max_steps: 5,
    max_active_ms: 6_000,
    soft_ratio: 0.5,
    on_reached: 'finish',
    on_unknown_price: 'deny',
  }
  const { status, body } = await start(wish)
  assert.equal(status, 202)
  const { soft_ratio, on_reached, on_unknown_price, ...limits } = wish
  assert.deepEqual(body.budget?.limits, limits)
  assert.deepEqual(
    [body.budget?.soft_ratio, body.budget?.on_reached, body.budget?.on_unknown_price],
    [soft_ratio, on_reached, on_unknown_price],
  )
  const less = await start({ max_model_calls: 1 })
  assert.deepEqual(less.body.budget?.limits, {
    ...(await start(undefined)).body.budget?.limits,
    max_model_calls: 1,
  })
})

test('more steps than the agent takes is more than it has', async () => {
  const most = officePlan('support').limits.maxSteps
  assert.equal((await start({ max_steps: most })).status, 202)
  const refused = await start<ProblemBody>({ max_steps: most + 1 })
  assert.deepEqual(refused.body.errors, [
    { pointer: '/budget/max_steps', detail: `Must be at most ${most}.` },
  ])
  const { status, body } = await start({ max_steps: most + 1 }, treasurer)
  assert.deepEqual([status, body.budget?.limits.max_steps], [202, most + 1])
})

test('more than the agent has is refused with its place, unless the key covers budgets', async () => {
  const wish = { max_cost_micro_usd: own + 1, max_steps: 1, on_unknown_price: 'allow' }
  const refused = await start<ProblemBody>(wish)
  assert.deepEqual([refused.status, refused.body.code], [403, 'forbidden'])
  assert.deepEqual(
    refused.body.errors?.map(({ pointer }) => pointer),
    ['/budget/max_cost_micro_usd', '/budget/on_unknown_price'],
  )
  assert.match(String(refused.headers.get('www-authenticate')), /scope="budgets:write"/)

  const { status, body } = await start(wish, treasurer)
  assert.equal(status, 202)
  assert.equal(body.budget?.limits.max_cost_micro_usd, own + 1)
})

test('a repeated start is answered with the budget that it was started with', async () => {
  const headers = { ...caller, 'idempotency-key': 'a-budget' }
  const first = await start({ max_tokens: 5_000 }, headers)
  const again = await start({ max_tokens: 5_000 }, headers)
  assert.deepEqual([first.status, again.status], [202, 200])
  assert.equal(again.text, first.text)
  const other = await start<ProblemBody>({ max_tokens: 5_001 }, headers)
  assert.equal(other.body.code, 'idempotency_key_reused')
})

test('an agent says what its runs have', async () => {
  const { body } = await get<AgentResource>(`${api.url}/v1/agents/support`, caller)
  const agent = agentSchema.parse(body)
  assert.equal(agent.budget?.max_cost_micro_usd, own)
  assert.deepEqual(agent.specialists, Object.keys(officePlan('support').specialists ?? {}))
})
