import assert from 'node:assert/strict'
import { before, test } from 'node:test'
import type { RunIdentity } from '../../../src/contracts/runs/run.ts'
import { MEMORY } from '../../../src/policies/operations/memory.ts'
import type { Database } from '../../../src/store/database/database.ts'
import { type FactToKeep, keepFact } from '../../../src/store/memory/keep-fact.ts'
import {
  deleteMemories,
  deleteMemory,
  editMemory,
  findMemory,
  listMemories,
} from '../../../src/store/memory/memories.ts'
import { recallFacts } from '../../../src/store/memory/recall-facts.ts'
import { forEachDatabase } from '../../support/database.ts'
import { startRun } from '../support/samples.ts'
import { openThread } from '../threads/support/thread-room.ts'

forEachDatabase((_, open) => {
  let db: Database
  let run: RunIdentity
  before(async () => {
    db = await open()
    run = await startRun(db)
  })

  let calls = 0
  function factOf(
    principal: string,
    fact: string,
    { tenant = 'acme', about = null, ...source }: Partial<FactToKeep> & Partial<FactToKeep['source']> = {},
  ): FactToKeep {
    calls += 1
    return {
      tenant,
      principal,
      fact,
      about,
      source: { agent: 'support', runId: run.runId, step: calls, index: 0, seq: 2, taintedBy: [], ...source },
    }
  }
  const factsOf = async (principal: string, tenant = 'acme') =>
    (await listMemories(db, { tenant, principal, limit: 100 })).rows.map(({ fact }) => fact)
  const found = async (principal: string, query: string, tenant = 'acme') =>
    (await recallFacts(db, { tenant, principal, query, limit: 10 })).facts.map(({ fact }) => fact)

  test('a call keeps its fact once, also where its text was changed in between', async () => {
    const kept = factOf('once', 'Drinks tea.')
    const id = await keepFact(db, kept)
    assert.equal(await keepFact(db, kept), id)
    await editMemory(
      db,
      { id: id as `mem_${string}`, tenant: 'acme', principal: 'once' },
      { fact: 'Drinks green tea.', by: 'ann' },
    )
    assert.equal(await keepFact(db, kept), id)
    assert.deepEqual(await factsOf('once'), ['Drinks green tea.'])
  })

  test('a fact of the same words is one fact, with the newer source and subject', async () => {
    const first = factOf('same', 'Drinks tea.', { about: 'drinks', agent: 'sales', taintedBy: ['tool:mail'] })
    const second = factOf('same', 'Drinks tea.', { agent: 'support', seq: 7 })
    const id = await keepFact(db, first)
    const before = await findMemory(db, 'acme', id)
    assert.equal(await keepFact(db, second), id)
    const after = await findMemory(db, 'acme', id)
    assert.deepEqual(before?.source, { ...first.source, threadId: null })
    assert.deepEqual(after?.source, { ...second.source, threadId: null })
    assert.deepEqual([before?.about, after?.about], ['drinks', null])
    assert.equal(after?.createdAt, before?.createdAt)
    assert.deepEqual(await factsOf('same'), ['Drinks tea.'])
  })

  test("a person's words stay a person's, whichever run repeats them", async () => {
    const id = await keepFact(db, factOf('person', 'Has a dog.', { taintedBy: ['tool:mail'] }))
    assert.notEqual(id, 'full')
    const own = { id, tenant: 'acme', principal: 'person' } as Parameters<typeof editMemory>[1]
    const edited = await editMemory(db, own, { fact: 'Has a cat.', about: 'pets', by: 'olga' })
    assert.deepEqual([edited?.fact, edited?.about, edited?.editedBy], ['Has a cat.', 'pets', 'olga'])
    const again = factOf('person', 'Has a cat.', { about: 'do as I say', taintedBy: ['tool:web'] })
    assert.equal(await keepFact(db, again), id)
    const after = await findMemory(db, 'acme', id)
    assert.deepEqual([after?.about, after?.editedBy], ['pets', 'olga'])
    assert.deepEqual(after?.source.taintedBy, ['tool:web'])
    assert.equal((await editMemory(db, own, { fact: 'Has a cat.', by: 'olga' }))?.about, 'pets')
    assert.equal((await editMemory(db, own, { fact: 'Has a cat.', about: null, by: 'olga' }))?.about, null)
    assert.equal(
      await editMemory(db, { ...own, id: 'mem_none' }, { fact: 'Has a cat.', by: 'olga' }),
      null,
      'one that is gone',
    )
    assert.deepEqual(await factsOf('person'), ['Has a cat.'], 'and takes no other fact with it')
  })

  test('an edit to the words of another fact makes them one', async () => {
    await keepFact(db, factOf('merged', 'Lives in Rome.'))
    const id = await keepFact(db, factOf('merged', 'Lives in Roma.'))
    const edited = await editMemory(db, { id, tenant: 'acme', principal: 'merged' } as never, {
      fact: 'Lives in Rome.',
      by: 'ann',
    })
    assert.equal(edited?.id, id)
    assert.deepEqual(await factsOf('merged'), ['Lives in Rome.'])
  })

  test('a principal has a limited number of facts, also where many are kept at once', async () => {
    const most = MEMORY.factsOfPrincipal
    await db.query({
      text: `
        insert into memories (id, tenant, principal, fact, fact_sha256, agent, run_id, step, index, seq, tainted_by)
        select 'mem_many_' || n, 'acme', 'many', 'Fact ' || n, 'sha ' || n, 'support', 'run_many', n, 0, 2, '{}'
        from generate_series(1, $1) as many (n)`,
      values: [most - 1],
    })
    const kept = await Promise.all(
      ['a', 'b', 'c'].map((name) => keepFact(db, factOf('many', `The last, ${name}.`))),
    )
    assert.equal(kept.filter((id) => id === 'full').length, 2)
    const { facts, kept: count } = await recallFacts(db, { tenant: 'acme', principal: 'many', limit: 1 })
    assert.equal(count, most)
    const [last] = facts
    assert.equal(
      await keepFact(db, factOf('many', last?.fact ?? '')),
      last?.id,
      'what is known is no new fact',
    )
    assert.notEqual(await keepFact(db, factOf('few', 'Another person.')), 'full')
  })

  test('facts are found by any of their words, the best first; without a query the newest', async () => {
    for (const [fact, about] of [
      ['Maya drinks coffee without milk.', 'drinks'],
      ['The order of May was late: she was angry.', null],
      ['Maya has two children.', 'family'],
    ] as const) {
      await keepFact(db, factOf('maya', fact, { about }))
    }
    assert.deepEqual(await found('maya', 'milk or coffee?'), ['Maya drinks coffee without milk.'])
    assert.equal((await found('maya', 'MAYA children'))[0], 'Maya has two children.')
    assert.deepEqual(await found('maya', 'family'), ['Maya has two children.'])
    for (const query of ['tea', '?!', '', "' | 'x & ("]) {
      assert.deepEqual(await found('maya', query), [], query)
    }
    const newest = await recallFacts(db, { tenant: 'acme', principal: 'maya', limit: 2 })
    assert.deepEqual(
      newest.facts.map(({ fact }) => fact),
      ['Maya has two children.', 'The order of May was late: she was angry.'],
    )
    assert.equal(newest.kept, 3)
  })

  test('nobody is shown facts of another principal or tenant', async () => {
    await keepFact(db, factOf('zoe', 'Zoe of acme is tall.'))
    const other = await keepFact(db, factOf('zoe', 'Zoe of evil is tall.', { tenant: 'evil' }))
    assert.deepEqual(await found('zoe', 'tall'), ['Zoe of acme is tall.'])
    assert.deepEqual(await found('zoe', 'tall', 'evil'), ['Zoe of evil is tall.'])
    assert.deepEqual(await found('yann', 'tall'), [])
    assert.deepEqual(await factsOf('zoe'), ['Zoe of acme is tall.'])
    assert.equal(await findMemory(db, 'acme', other), null)
    const foreign = { id: other, tenant: 'acme', principal: 'zoe' } as never
    assert.equal(await editMemory(db, foreign, { fact: 'x', by: 'ann' }), null)
    assert.equal(await deleteMemory(db, foreign), false)
    assert.equal(await deleteMemories(db, { tenant: 'acme', principal: 'zoe' }), 1)
    assert.deepEqual(await factsOf('zoe', 'evil'), ['Zoe of evil is tall.'])
  })

  test('a list is in pages, what was kept last first, by agent and by who may see it', async () => {
    for (const n of [1, 2, 3, 4, 5]) {
      await keepFact(db, factOf('paged', `Fact ${n}.`, { agent: n === 3 ? 'sales' : 'support' }))
    }
    const seen: string[] = []
    for (let more = true, before: { createdAt: string; id: string } | undefined; more; ) {
      const page = await listMemories(db, {
        tenant: 'acme',
        principal: 'paged',
        limit: 2,
        ...(before && { before }),
      })
      seen.push(...page.rows.map(({ fact }) => fact))
      const last = page.rows.at(-1)
      assert.ok(last)
      before = { createdAt: last.keptAt, id: last.id }
      more = page.hasMore
    }
    assert.deepEqual(seen, ['Fact 5.', 'Fact 4.', 'Fact 3.', 'Fact 2.', 'Fact 1.'])
    const list = async (filter: object) =>
      (await listMemories(db, { tenant: 'acme', limit: 10, ...filter })).rows.map(({ fact }) => fact)
    assert.deepEqual(await list({ principal: 'paged', agent: 'sales' }), ['Fact 3.'])
    assert.deepEqual(await list({ principal: 'paged', onlyOf: 'somebody' }), [])
  })

  test('a fact that was kept in a thread is known by it, that of a sub-agent too', async () => {
    const room = await openThread(db)
    const turn = await room.accepted('Hello')
    const { runId } = await room.inTurn(turn.run.id)
    const child = `${runId}_1_0` as const
    await startRun(db, { id: child })
    await db.query({
      text: 'update runs set parent_run_id = $1 where id = $2',
      values: [runId, child],
    })
    await keepFact(db, factOf('ann', 'Of the turn.', { runId }))
    await keepFact(db, factOf('ann', 'Of its sub-agent.', { runId: child }))
    await keepFact(db, factOf('ann', 'Of another run.'))
    const inThread = { tenant: 'acme', principal: 'ann', threadId: room.threadId }
    const { rows } = await listMemories(db, { ...inThread, limit: 10 })
    assert.deepEqual(
      rows.map(({ fact }) => fact),
      ['Of its sub-agent.', 'Of the turn.'],
    )
    assert.equal(await deleteMemories(db, inThread), 2)
    assert.deepEqual(await factsOf('ann'), ['Of another run.'])
  })

  test('text that Postgres cannot keep is kept as far as it can be', async () => {
    const odd = `Half ${'😀'.slice(0, 1)} and NUL \0 and 'quotes' \\ %`
    await keepFact(db, factOf('odd', odd, { about: 'x\0' }))
    assert.deepEqual(await factsOf('odd'), ["Half \uFFFD and NUL \uFFFD and 'quotes' \\ %"])
    assert.deepEqual(await found('odd', 'half \0 \\'), await factsOf('odd'))
  })
})
