import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import {
  type BudgetResource,
  budgetPage,
  budget as budgetSchema,
} from '../../../src/api/budgets/shared-budget.schema.ts'
import { openPgliteTestDatabase } from '../../support/pglite.ts'
import type { TestDatabase } from '../../support/test-database.ts'
import { acceptTestRun } from '../support/play-run.ts'
import { get, send } from '../support/post.ts'
import { recordingTemporal } from '../support/recording-temporal.ts'
import { startApi, type TestApi } from '../support/start-api.ts'
import { makeKey } from '../support/test-keys.ts'

const { client, signals } = recordingTemporal()
let store: TestDatabase
let api: TestApi
let headers: Record<string, string>
let foreign: Record<string, string>

before(async () => {
  store = await openPgliteTestDatabase()
  api = await startApi(store.database, client, 'test', { auth: 'keys' })
  const scopes = ['budgets:write', 'usage:read'] as const
  headers = (await makeKey(store.database, { principal: 'bob', scopes })).headers
  foreign = (await makeKey(store.database, { tenant: 'other', scopes })).headers
})
after(async () => {
  await api.close()
  await store.close()
})

const v1 = (path: string) => `${api.url}/v1/budgets/${path}`
const put = <T = BudgetResource>(path: string, body: object, as = headers) =>
  send<T>('PUT', v1(path), body, as)
const remove = <T = BudgetResource>(path: string, as = headers) => send<T>('DELETE', v1(path), undefined, as)
const list = async (as = headers) =>
  budgetPage
    .parse((await get(`${api.url}/v1/budgets`, as)).body)
    .data.map((budget) => budgetSchema.parse(budget))

test('a budget is there from its PUT to its DELETE, and is replaced as a whole', async () => {
  const first = await put('agent/support/day', { max_cost_micro_usd: 5_000_000, threshold: 0.5 })
  assert.equal(first.status, 200)
  const { updated_at: _, current: __, ...said } = budgetSchema.parse(first.body)
  assert.deepEqual(said, {
    object: 'budget',
    scope: 'agent',
    subject: 'support',
    period: 'day',
    max_cost_micro_usd: 5_000_000,
    max_tokens: null,
    on_reached: 'pause',
    threshold: 0.5,
    by: 'bob',
  })
  const second = await put('agent/support/day', { max_tokens: 1_000, on_reached: 'refuse' })
  assert.deepEqual(
    [second.body.max_cost_micro_usd, second.body.max_tokens, second.body.on_reached, second.body.threshold],
    [null, 1_000, 'refuse', 0.8],
  )
  const [only, ...others] = await list()
  assert.deepEqual([only?.subject, only?.max_tokens, others], ['support', 1_000, []])
  assert.deepEqual(await list(foreign), [])

  assert.equal((await remove('agent/support/day', foreign)).status, 404)
  assert.equal((await remove('agent/support/day')).status, 200)
  assert.equal((await remove('agent/support/day')).status, 404)
  assert.deepEqual(await list(), [])
})

test("a tenant's budget is its own, whatever it is called by", async () => {
  for (const subject of ['-', 'default']) {
    const { status, body } = await put(`tenant/${subject}/month`, { max_tokens: 7 })
    assert.deepEqual([status, body.subject], [200, 'default'])
  }
  assert.equal((await put('tenant/other/month', { max_tokens: 7 })).status, 404)
  assert.equal((await list()).length, 1)
  await remove('tenant/-/month')
})

test('principals may be called by anything that can be seen, agents by their names, both by *', async () => {
  const name = 'ann+sales/eu@shop.example'
  assert.equal((await put(`principal/${encodeURIComponent(name)}/day`, { max_tokens: 1 })).body.subject, name)
  assert.equal((await put('principal/*/day', { max_tokens: 2 })).body.subject, '*')
  assert.equal((await put('agent/*/month', { max_tokens: 3 })).body.subject, '*')
  const unknown = await put<{ code: string }>('agent/nobody/day', { max_tokens: 4 })
  assert.deepEqual([unknown.status, unknown.body.code], [422, 'unknown_agent'])
  for (const path of [`principal/${encodeURIComponent(name)}/day`, 'principal/*/day', 'agent/*/month']) {
    assert.equal((await remove(path)).status, 200, path)
  }
})

test('runs that wait for the budget are told to look again, and no others', async () => {
  const [ann, eve] = [
    await acceptTestRun(store.database, { principal: 'ann' }),
    await acceptTestRun(store.database, { principal: 'eve' }),
  ]
  for (const { id } of [ann, eve]) {
    const reached = { scope: 'principal', limit: 'cost', period: 'day', allowed: 1, used: 1 }
    await store.database.query({
      text: "update runs set status = 'requires_action', reason = 'budget', budget_wait = $2 where id = $1",
      values: [id, JSON.stringify({ reached, expiresAt: '2126-01-01T00:00:00.000Z' })],
    })
  }
  await put('principal/ann/day', { max_cost_micro_usd: 2 })
  await until(() => signals.length > 0)
  assert.deepEqual(signals, [{ workflowId: ann.workflowId, name: 'look-again', args: [] }])
  await remove('principal/ann/day')
  await until(() => signals.length > 1)
  assert.equal(signals[1]?.workflowId, ann.workflowId)
})

async function until(is: () => boolean): Promise<void> {
  for (const end = Date.now() + 10_000; Date.now() < end; await new Promise(setImmediate)) if (is()) return
  throw new Error('it did not come to that')
}
