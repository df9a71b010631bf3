import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import pino from 'pino'
import {
  type MemoryResource,
  memoryPage,
  memory as memorySchema,
} from '../../../src/api/memory/memory.schema.ts'
import { MEMORY } from '../../../src/policies/operations/memory.ts'
import type { Database } from '../../../src/store/database/database.ts'
import { keepFact } from '../../../src/store/memory/keep-fact.ts'
import { startRun } from '../../store/support/samples.ts'
import { forEachDatabase } from '../../support/database.ts'
import { get, send } from '../support/post.ts'
import { recordingTemporal } from '../support/recording-temporal.ts'
import { startApi, type TestApi } from '../support/start-api.ts'
import { makeKey } from '../support/test-keys.ts'

type Key = Record<string, string>
type Page = { readonly data: readonly MemoryResource[]; readonly next: string | null }
interface Refusal {
  readonly code: string
}

forEachDatabase((_, open) => {
  let database: Database
  let api: TestApi
  let ann: Key
  let bob: Key
  let reader: Key
  let operator: Key
  let portal: Key
  let stranger: Key
  const lines: { msg?: string; by?: string; sentBy?: string; memoryId?: string }[] = []

  before(async () => {
    database = await open()
    api = await startApi(database, recordingTemporal().client, 'test', {
      auth: 'keys',
      secret: 'a secret of thirty-two characters',
      logger: pino({ level: 'info' }, { write: (line: string) => lines.push(JSON.parse(line)) }),
    })
    const keyOf = async (wishes: Parameters<typeof makeKey>[1]) => (await makeKey(database, wishes)).headers
    ann = await keyOf({ principal: 'ann', scopes: ['runs:*'] })
    bob = await keyOf({ principal: 'bob', scopes: ['runs:*'] })
    reader = await keyOf({ principal: 'rita', scopes: ['runs:read:all'] })
    operator = await keyOf({ principal: 'olga', scopes: ['runs:*:all'] })
    portal = await keyOf({ principal: 'portal', scopes: ['runs:*', 'principals:act'] })
    stranger = await keyOf({ tenant: 'evil', principal: 'ann', scopes: ['admin'] })
  })
  after(() => api.close())

  const v1 = (path: string) => `${api.url}/v1/memories${path}`
  const factsOf = async (query: string, key: Key) =>
    (await get<Page>(v1(`?limit=100${query}`), key)).body.data.map(({ fact }) => fact)

  let calls = 0
  /** Has an agent keep a fact about somebody. */
  async function keep(principal: string, fact: string, taintedBy: readonly string[] = []): Promise<string> {
    calls += 1
    const run = await startRun(database, { tenant: 'default', principal })
    return keepFact(database, {
      tenant: 'default',
      principal,
      fact,
      about: null,
      source: {
        agent: calls % 2 ? 'clerk' : 'sales',
        runId: run.runId,
        step: 1,
        index: 0,
        seq: 2,
        taintedBy,
      },
    })
  }

  test('a memory is read, changed and deleted, with where it comes from', async () => {
    const id = await keep('ann', 'Drinks tea.', ['tool:mail'])
    const { status, body } = await get<MemoryResource>(v1(`/${id}`), ann)
    assert.equal(status, 200)
    memorySchema.parse(body)
    const { created_at: _, kept_at: __, ...rest } = body
    assert.deepEqual(rest, {
      id,
      object: 'memory',
      principal: 'ann',
      fact: 'Drinks tea.',
      about: null,
      source: { agent: 'clerk', run_id: `run_${id.slice(4, 30)}`, step: 1, index: 0, seq: 2 },
      tainted: true,
      tainted_by: ['tool:mail'],
    })
    const change = { fact: ' Drinks\n coffee. ', about: 'drinks' }
    const changed = await send<MemoryResource>('PATCH', v1(`/${id}`), change, ann)
    memorySchema.parse(changed.body)
    assert.deepEqual(
      [changed.body.fact, changed.body.about, changed.body.edited_by, changed.body.tainted],
      ['Drinks coffee.', 'drinks', 'ann', false],
    )
    assert.deepEqual(changed.body.tainted_by, ['tool:mail'], 'where it came from is not forgotten')
    assert.deepEqual((await get(v1(`/${id}`), ann)).body, changed.body)
    assert.deepEqual((await send('DELETE', v1(`/${id}`), undefined, ann)).body, changed.body)
    assert.equal((await get(v1(`/${id}`), ann)).status, 404)
    assert.equal((await send('DELETE', v1(`/${id}`), undefined, ann)).status, 404)
    assert.equal((await send('PATCH', v1(`/${id}`), change, ann)).status, 404)
  })

  test('what a change may carry has bounds', async () => {
    const id = await keep('ann', 'Has a cat.')
    for (const body of [
      {},
      { about: 'pets' },
      { fact: '' },
      { fact: ' \n' },
      { fact: 'x'.repeat(MEMORY.factCharacters + 1) },
      { fact: 'x', about: 'x'.repeat(MEMORY.aboutCharacters + 1) },
      { fact: 'x', about: ' ' },
      { fact: 'x\0' },
      { fact: 'x', tainted: false },
    ]) {
      const { status } = await send('PATCH', v1(`/${id}`), body, ann)
      assert.equal(status, 400, JSON.stringify(body).slice(0, 60))
    }
    const longest = '🐈'.repeat(MEMORY.factCharacters)
    const { body } = await send<MemoryResource>('PATCH', v1(`/${id}`), { fact: longest }, ann)
    assert.equal(body.fact, longest)
    assert.equal((await get(v1('/mem_1'), ann)).status, 404)
    assert.equal((await get(v1('?after=abc'), ann)).status, 400)
    assert.equal((await send('DELETE', v1(''), undefined, ann)).status, 400, 'whose has to be said')
  })

  test('a list is in pages and by agent, and has the own, or those of one principal for whoever may read all', async () => {
    for (const n of [1, 2, 3]) await keep('bob', `Of Bob, ${n}.`)
    const seen: string[] = []
    for (let next: string | null = ''; next !== null; ) {
      const { body }: { body: Page } = await get(v1(`?limit=2${next && `&after=${next}`}`), bob)
      memoryPage.parse(body)
      seen.push(...body.data.map(({ fact }) => fact))
      next = body.next
    }
    assert.deepEqual(seen, ['Of Bob, 3.', 'Of Bob, 2.', 'Of Bob, 1.'])
    const agents = (await get<Page>(v1('?agent=sales'), bob)).body.data.map(({ source }) => source.agent)
    assert.ok(agents.length > 0 && agents.every((agent) => agent === 'sales'))
    assert.deepEqual(await factsOf('&principal=bob', reader), seen)
    assert.ok((await factsOf('', reader)).length > seen.length)
    assert.deepEqual(await factsOf('&principal=bob', ann), [])
    assert.deepEqual(await factsOf('&principal=bob', portal), seen, 'in the name of Bob')
    assert.deepEqual(await factsOf('', portal), [])
  })

  test("somebody else's memory is not there, and whoever may not write leaves it as it is", async () => {
    const id = await keep('ann', 'Is called Ann.')
    const path = v1(`/${id}`)
    const change = { fact: 'Is called Eve.' }
    for (const [key, read, write] of [
      [bob, 404, 404],
      [stranger, 404, 404],
      [reader, 200, 403],
      [portal, 404, 404],
    ] as const) {
      assert.equal((await get(path, key)).status, read)
      assert.equal((await send('PATCH', path, change, key)).status, write)
      assert.equal((await send('DELETE', path, undefined, key)).status, write)
    }
    assert.deepEqual(await factsOf('', stranger), [])
    assert.equal((await get<MemoryResource>(path, ann)).body.fact, 'Is called Ann.')
    assert.equal((await get(`${path}?principal=bob`, operator)).status, 404, "it is not Bob's")
    const changed = await send<MemoryResource>('PATCH', path, change, operator)
    assert.equal(changed.body.edited_by, 'olga')
  })

  test('a service that acts for people changes and deletes in the name of the person that it names', async () => {
    const id = await keep('zoe', 'Speaks Greek.')
    const path = v1(`/${id}`)
    assert.equal((await get(`${path}?principal=zoe`, portal)).status, 200)
    assert.equal((await get(`${path}?principal=bob`, portal)).status, 404)
    assert.equal((await get(`${path}?principal=zoe`, bob)).status, 404, 'naming somebody is not enough')
    const change = { fact: 'Speaks Greek and Latin.' }
    const changed = await send<MemoryResource>('PATCH', `${path}?principal=zoe`, change, portal)
    assert.equal(changed.body.edited_by, 'zoe')
    assert.equal((await send('DELETE', `${path}?principal=zoe`, undefined, portal)).status, 200)
    const told = lines.filter(({ memoryId }) => memoryId === id)
    assert.deepEqual(
      told.map(({ msg, by, sentBy }) => [msg, by, sentBy]),
      [
        ['memory changed', 'zoe', 'portal'],
        ['memory deleted', 'zoe', 'portal'],
      ],
    )
  })

  test('all memories of one person are deleted at once, by whoever may', async () => {
    for (const n of [1, 2]) await keep('yan', `Of Yan, ${n}.`)
    const remove = (principal: string, key: Key) =>
      send<{ deleted: number } & Refusal>('DELETE', v1(`?principal=${principal}`), undefined, key)
    for (const key of [ann, reader]) {
      const refused = await remove('yan', key)
      assert.deepEqual([refused.status, refused.body.code], [403, 'forbidden'])
    }
    assert.equal((await remove('yan', stranger)).body.deleted, 0)
    assert.equal((await remove('yan', portal)).body.deleted, 2)
    assert.deepEqual(await factsOf('&principal=yan', reader), [])
    await keep('yan', 'Came back.')
    assert.equal((await remove('yan', operator)).body.deleted, 1)
    const own = await factsOf('', bob)
    assert.ok(own.length > 0)
    assert.equal((await remove('bob', bob)).body.deleted, own.length)
    assert.deepEqual(await factsOf('', bob), [])
  })
})
