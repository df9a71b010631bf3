import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import type { z } from 'zod'
import { budgetPage } from '../../../src/api/budgets/shared-budget.schema.ts'
import { usage as usageSchema } from '../../../src/api/budgets/usage.schema.ts'
import { openPgliteTestDatabase } from '../../support/pglite.ts'
import type { TestDatabase } from '../../support/test-database.ts'
import { playRun } from '../support/play-run.ts'
import { get, send } from '../support/post.ts'
import { recordingTemporal } from '../support/recording-temporal.ts'
import { startApi, type TestApi } from '../support/start-api.ts'
import { makeKey } from '../support/test-keys.ts'

let store: TestDatabase
let api: TestApi

before(async () => {
  store = await openPgliteTestDatabase()
  api = await startApi(store.database, recordingTemporal().client)
  // Each step is a call of one token in, one out, and one micro-USD.
  for (const [whose, steps] of [
    [{ principal: 'ann', agent: 'support' }, 3],
    [{ principal: 'ann' }, 2],
    [{ principal: 'bob' }, 1],
    [{ tenant: 'other' }, 5],
  ] as const) {
    const run = await playRun(store.database, whose)
    await run.open()
    for (let i = 0; i < steps; i++) await run.step()
    await run.close()
  }
})
after(async () => {
  await api.close()
  await store.close()
})

async function usageBy(query: string): Promise<z.output<typeof usageSchema>> {
  const { status, body } = await get(`${api.url}/v1/usage?group_by=${query}`)
  assert.equal(status, 200)
  return usageSchema.parse(body)
}
const short = ({ data }: z.output<typeof usageSchema>) =>
  data.map(({ key, cost_micro_usd: cost, input_tokens: input, runs }) => `${key} ${cost} ${input} ${runs}`)

test("what a tenant has used, by whatever is asked for, and nobody else's", async () => {
  assert.deepEqual(short(await usageBy('agent')), ['assistant 3 3 2', 'support 3 3 1'])
  assert.deepEqual(short(await usageBy('principal')), ['ann 5 5 2', 'bob 1 1 1'])
  assert.deepEqual(short(await usageBy('model')), ['openai/test-model 6 6 3'])
  const [row] = (await usageBy('agent')).data
  assert.deepEqual(row, {
    key: 'assistant',
    cost_micro_usd: 3,
    unknown_micro_usd: 0,
    input_tokens: 3,
    cached_input_tokens: 0,
    cache_write_tokens: 0,
    prompt_cache_saved_micro_usd: 0,
    output_tokens: 3,
    model_calls: 3,
    attempts: 3,
    unpriced_attempts: 0,
    estimated_attempts: 0,
    runs: 2,
    cache: {
      hits: 0,
      misses: 0,
      hit_rate: null,
      saved_micro_usd: 0,
      saved_input_tokens: 0,
      saved_output_tokens: 0,
    },
  })
})

test('both days of a period belong to it', async () => {
  const [today] = (await usageBy('day')).data
  const day = String(today?.key)
  assert.match(day, /^\d{4}-\d\d-\d\d$/)
  const whole = await usageBy(`day&from=${day}&to=${day}`)
  assert.deepEqual([whole.from, whole.to, whole.data], [day, day, [today]])
  assert.deepEqual((await usageBy('day&to=2020-01-01')).data, [])
  assert.deepEqual((await usageBy('day&from=2100-01-01')).data, [])
})

test('a budget that is made in the middle of its period knows what the period has seen', async () => {
  await send('PUT', `${api.url}/v1/budgets/principal/ann/day`, { max_cost_micro_usd: 100 })
  const [budget] = budgetPage.parse((await get(`${api.url}/v1/budgets`)).body).data
  assert.deepEqual(budget?.current?.spent, { cost_micro_usd: 5, tokens: 10 })
  assert.deepEqual(budget?.current?.held, { cost_micro_usd: 0, tokens: 0 })
  assert.ok(Date.parse(String(budget?.current?.ends_at)) > Date.now())
})

test('a day that no calendar of ours has is refused', async () => {
  for (const day of ['0000-01-01', '2026-02-30', 'today']) {
    const { status } = await get(`${api.url}/v1/usage?group_by=day&from=${day}`)
    assert.equal(status, 400, day)
  }
})

test('usage comes in pages, each of which leads to the next', async () => {
  const pages = []
  for (let after: string | null = ''; after !== null; ) {
    const page = await usageBy(`principal&limit=1${after && `&after=${after}`}`)
    pages.push(short(page))
    assert.equal(page.has_more, page.next !== null)
    after = page.next
  }
  assert.deepEqual(pages, [['ann 5 5 2'], ['bob 1 1 1']])
})

test('a cursor of another grouping, or of nothing, is refused', async () => {
  const { next } = await usageBy('principal&limit=1')
  const zero = Buffer.from('agent a\0b').toString('base64url')
  for (const after of [next, 'nonsense', 'YQ==', zero]) {
    const { status, body } = await get<{ code: string }>(`${api.url}/v1/usage?group_by=agent&after=${after}`)
    assert.deepEqual([status, body.code], [400, 'invalid_cursor'], String(after))
  }
})

test('usage by thread, as CSV in pages, has no cell that a spreadsheet would run', async () => {
  const run = await playRun(store.database, { tenant: 'evil', principal: '=1+1,"x"' })
  await run.open()
  await run.step()
  const own = await startApi(store.database, recordingTemporal().client, 'test', { auth: 'keys' })
  const { headers } = await makeKey(store.database, { tenant: 'evil' })
  const csvOf = (query: string) =>
    fetch(`${own.url}/v1/usage?group_by=${query}`, { headers: { ...headers, accept: 'text/csv' } })
  try {
    const answer = await csvOf('principal&limit=1')
    assert.equal(answer.headers.get('content-type'), 'text/csv; charset=utf-8')
    const [head, line, end] = (await answer.text()).split('\r\n')
    assert.match(head ?? '', /^by,key,cost_micro_usd,.*,runs,cache_hits,.*,cache_saved_output_tokens$/)
    assert.match(line ?? '', /^principal,"'=1\+1,""x""",1,/)
    assert.equal(end, '')
    assert.equal(answer.headers.get('link'), null)
    assert.match((await (await csvOf('thread')).text()).split('\r\n')[1] ?? '', /^thread,,1,/)
  } finally {
    await own.close()
  }

  const first = await fetch(`${api.url}/v1/usage?group_by=principal&limit=1`, {
    headers: { accept: 'text/csv' },
  })
  const [, next] = /^<(.+)>; rel="next"$/.exec(first.headers.get('link') ?? '') ?? []
  const second = await fetch(`${api.url}${next}`, { headers: { accept: 'text/csv' } })
  assert.match(await second.text(), /\r\nprincipal,bob,1,/)
  assert.equal(second.headers.get('link'), null)
})
