import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { ModelFailure } from '../../../src/activities/models/failures/model-failure.ts'
import type { AssistantMessage } from '../../../src/contracts/runs/message.ts'
import type { RunPlan } from '../../../src/contracts/runs/plan.ts'
import { putKillSwitch } from '../../../src/store/budgets/kill-switches.ts'
import { usageBy } from '../../../src/store/budgets/usage.ts'
import { cacheOverview } from '../../../src/store/cache/cache-overview.ts'
import { dropExpiredAnswers, purgeAnswers } from '../../../src/store/cache/remove-answers.ts'
import type { Database } from '../../../src/store/database/database.ts'
import { loadTranscript } from '../../../src/store/record/messages.ts'
import { closeRun } from '../../../src/store/runs/close-run.ts'
import { findRun } from '../../../src/store/runs/runs.ts'
import { findStoredCall } from '../../../src/store/tools/authorised-call.ts'
import { assertBooks } from '../../store/support/books.ts'
import { eventsOf, transcriptOf } from '../../store/support/histories.ts'
import { assistantMessage } from '../../store/support/samples.ts'
import { forEachDatabase } from '../../support/database.ts'
import { answered, answerOf, budgetOf, cachedAgent, EXACT, LOOK_UP } from './support/cached-agent.ts'

forEachDatabase((_, open) => {
  let db: Database
  before(async () => {
    db = await open()
  })
  after(() => assertBooks(db))

  const hitOf = async (run: { call(): Promise<unknown> }) =>
    ((await run.call()) as { cached?: { hit: string } }).cached?.hit

  test('the same request is given the same answer, at no cost, on the record and in the books', async () => {
    const agent = cachedAgent(db, [answerOf('On its way.')])
    const first = await agent.start({ tenant: 'books', question: 'Where?' })
    assert.equal(await hitOf(first), undefined)
    const second = await agent.start({ tenant: 'books', question: 'Where?' })
    const decision = answered(await second.call({ budget: budgetOf({ maxTokens: 10_000 }) }))
    const nothing = {
      inputTokens: 0,
      cachedInputTokens: 0,
      cacheWriteTokens: 0,
      outputTokens: 0,
      reasoningTokens: 0,
    }
    const cached = { hit: 'exact', savedMicroUsd: 120, savedInputTokens: 100, savedOutputTokens: 20 }
    assert.deepEqual(decision, {
      stop: 'end',
      toolCalls: [],
      usage: nothing,
      costMicroUsd: 0,
      servedBy: 'gpt-test-2026',
      preview: 'On its way.',
      cached,
      spent: { costMicroUsd: 0, unknownMicroUsd: 0, tokens: 0, modelCalls: 0 },
    })
    assert.equal(agent.asked.length, 1)
    // An attempt that comes again finds it stored, like any other answer.
    assert.deepEqual(answered(await second.call({}, 2)).cached, cached)

    const { run } = second
    const answer = (await loadTranscript(db, run.tenant, run.runId)).at(-1)?.message as AssistantMessage
    assert.deepEqual(
      [answer.text, answer.wire, answer.wireItems],
      ['On its way.', 'none', []],
      "the provider's own items belong to another conversation",
    )
    const event = (await eventsOf(db, run)).findLast(({ type }) => type === 'model.completed')
    assert.deepEqual(
      [event?.data['cached'], event?.data['saved'], event?.data['cost_micro_usd']],
      ['exact', { cost_micro_usd: 120, input_tokens: 100, output_tokens: 20 }, 0],
    )
    const row = await findRun(db, run.tenant, run.runId)
    assert.deepEqual([row?.usage.modelCalls, row?.usage.costMicroUsd, row?.steps], [0, 0, 1])
    await assertBooks(db, 'books')

    for (const groupBy of ['agent', 'model', 'principal', 'day'] as const) {
      const [usage] = await usageBy(db, { tenant: 'books', groupBy })
      assert.deepEqual(
        [usage?.attempts, usage?.cacheHits, usage?.cacheMisses, usage?.savedMicroUsd, usage?.costMicroUsd],
        [1, 1, 1, 120, 120],
        groupBy,
      )
    }
    const [overview] = await cacheOverview(db, 'books')
    assert.deepEqual(overview, {
      agent: 'support',
      entries: 1,
      exactHits: 1,
      semanticHits: 0,
      lexicalHits: 0,
      misses: 1,
      waiting: 0,
      savedMicroUsd: 120,
      savedInputTokens: 100,
      savedOutputTokens: 20,
    })
  })

  test('an agent without a cache asks a model each time, and no statement about caches is made', async () => {
    const names: string[] = []
    const watched: Database = {
      ...db,
      query: (statement) => {
        names.push(statement.name ?? '')
        return db.query(statement)
      },
    }
    const agent = cachedAgent(watched, [answerOf('One.'), answerOf('Two.')])
    const { cache: _, ...plan } = (await agent.start()).plan
    for (const _ of [1, 2]) {
      const run = await agent.start({ plan: { ...plan, cache: undefined } as unknown as RunPlan })
      assert.equal(await hitOf(run), undefined)
    }
    assert.deepEqual(
      names.filter((name) => /cache|shown|answer$/.test(name)),
      [],
    )
  })

  const OTHERS: readonly [what: string, options: Parameters<ReturnType<typeof cachedAgent>['start']>[0]][] = [
    ['another tenant', { tenant: 'rival' }],
    ['another question', { question: 'Where is my parcel?' }],
    ['another agent', { plan: { agent: { name: 'sales', version: '1' } } }],
    ['another version of the agent', { plan: { agent: { name: 'support', version: '2' } } }],
    ['another prompt', { plan: { prompt: { name: 'support', version: 'v2' } } }],
    [
      'another model',
      {
        plan: {
          chain: [{ provider: 'openai', wire: 'openai-chat', model: 'gpt-test', maxOutputTokens: 100 }],
        },
      },
    ],
    [
      'another output cap',
      {
        plan: {
          chain: [{ provider: 'openai', wire: 'openai-responses', model: 'gpt-test', maxOutputTokens: 99 }],
        },
      },
    ],
    ['other tools', { plan: { tools: [LOOK_UP] } }],
    ["a principal's own cache", { cache: { ...EXACT, scope: 'principal' } }],
  ]
  for (const [what, options] of OTHERS) {
    test(`the answer is not given to ${what}`, async () => {
      const base = { tenant: `scope ${what}` }
      const agent = cachedAgent(db, [answerOf('Theirs.'), answerOf('Own.')])
      await (await agent.start(base)).call()
      const other = await agent.start({ ...base, ...options })
      const decision = answered(await other.call({ agent: other.plan.agent.name }))
      assert.deepEqual([decision.preview, decision.cached], ['Own.', undefined])
    })
  }

  test('with the scope of principals, each is given only what was made for it', async () => {
    const cache = { ...EXACT, scope: 'principal' as const }
    const agent = cachedAgent(db, [answerOf('For ann.'), answerOf('For bob.')])
    for (const principal of ['ann', 'bob', 'ann', 'bob']) {
      const run = await agent.start({ tenant: 'people', cache, principal })
      assert.equal(answered(await run.call()).preview, `For ${principal}.`)
    }
    assert.equal(agent.asked.length, 2)
  })

  test("an answer to a prompt that was rolled back is not given again, and the earlier prompt's is", async () => {
    const agent = cachedAgent(db, [answerOf('By v1.'), answerOf('By v2, which is wrong.')])
    const ask = async (version: string) => {
      const plan = { prompt: { name: 'support', version } }
      return answered(await (await agent.start({ tenant: 'rolled back', plan })).call()).preview
    }
    assert.equal(await ask('v1'), 'By v1.')
    assert.equal(await ask('v2'), 'By v2, which is wrong.')
    assert.equal(await ask('v1'), 'By v1.')
  })

  test('an answer that is not whole is kept for nobody', async () => {
    for (const [index, made] of [
      answerOf('Half of', { stop: 'max_output_tokens' }),
      answerOf('No.', { stop: 'refusal' }),
      answerOf(' '),
      answerOf('x'.repeat(70_000)),
      answerOf('', { message: assistantMessage('', ['get_order']), stop: 'tool_calls' }),
    ].entries()) {
      const agent = cachedAgent(db, [made, answerOf('Whole.')])
      const whose = { tenant: `not whole ${index}`, plan: { tools: [LOOK_UP] } }
      await (await agent.start(whose)).call()
      assert.equal(answered(await (await agent.start(whose)).call()).preview, 'Whole.', String(index))
    }
  })

  test('the last call that a budget allows has no cache', async () => {
    const agent = cachedAgent(db, [answerOf('So far: this.'), answerOf('All of it.')])
    await (await agent.start({ tenant: 'wrap up' })).call({ wrapUp: true })
    assert.equal(answered(await (await agent.start({ tenant: 'wrap up' })).call()).preview, 'All of it.')
    const [overview] = await cacheOverview(db, 'wrap up')
    assert.equal(overview?.misses, 1)
  })

  test('an answer with calls is given again only where the agent says so, and its calls can be made', async () => {
    const calls = answerOf('', { message: assistantMessage('', ['get_order']), stop: 'tool_calls' })
    const cache = { ...EXACT, withTools: true as const }
    const agent = cachedAgent(db, [calls])
    const whose = { tenant: 'with tools', cache, plan: { tools: [LOOK_UP] } }
    await (await agent.start(whose)).call()
    const again = await agent.start(whose)
    const decision = answered(await again.call())
    assert.equal(decision.cached?.hit, 'exact')
    assert.deepEqual(
      decision.toolCalls.map(({ tool, callId }) => [tool, callId]),
      [['get_order', 'call_0']],
    )
    const stored = await findStoredCall(db, { run: again.run, step: 1, index: 0, again: 0 })
    assert.deepEqual([stored?.tool, stored?.arguments], ['get_order', { order: 0 }])
  })

  test('a turn that has used tools has no cache, unless the agent says so', async () => {
    const calls = answerOf('', { message: assistantMessage('', ['get_order']), stop: 'tool_calls' })
    const whose = { tenant: 'used tools', plan: { tools: [LOOK_UP] } }
    const second = { step: 2, seq: 3 }
    const agent = cachedAgent(db, [calls, answerOf('One.'), calls, answerOf('Two.')])
    for (const text of ['One.', 'Two.']) {
      const run = await agent.start(whose)
      await run.untilAnswered()
      assert.equal(answered(await run.call(second)).preview, text)
    }
    const cache = { ...EXACT, withTools: true as const }
    const saying = cachedAgent(db, [calls, answerOf('Once.')])
    for (const hit of [undefined, 'exact']) {
      const run = await saying.start({ ...whose, cache })
      await run.call()
      const decision = answered(await run.call(second))
      assert.deepEqual([decision.preview, decision.cached?.hit], ['Once.', hit])
    }
  })

  test('an answer is given until its time is up, and then removed', async () => {
    const agent = cachedAgent(db, [answerOf('Old.'), answerOf('New.')])
    const whose = { tenant: 'times' }
    await (await agent.start(whose)).call()
    const age = (ms: number) =>
      db.query({
        text: `update cache_entries set created_at = created_at - $1::bigint * interval '1 millisecond',
          expires_at = expires_at - $1::bigint * interval '1 millisecond' where tenant = 'times'`,
        values: [ms],
      })
    await db.query({ text: 'delete from cache_leases' })
    await age(3_500_000)
    assert.equal(answered(await (await agent.start(whose)).call()).preview, 'Old.')
    await age(100_001)
    assert.equal(answered(await (await agent.start(whose)).call()).preview, 'New.')
    const entries = () => db.query({ text: `select id from cache_entries where tenant = 'times'` })
    assert.equal((await entries()).length, 1, 'the new answer is in the place of the old one')
    await age(3_600_001)
    assert.equal(await dropExpiredAnswers(db), 1)
    assert.equal((await entries()).length, 0)
  })

  test('a purge takes what it names, of its tenant alone, and what is being asked meanwhile is not kept', async () => {
    const plans = [
      { agent: { name: 'support', version: '1' }, prompt: { name: 'support', version: 'v1' } },
      { agent: { name: 'support', version: '1' }, prompt: { name: 'support', version: 'v2' } },
      { agent: { name: 'sales', version: '1' }, prompt: { name: 'sales', version: 'v1' } },
    ]
    const agent = cachedAgent(
      db,
      [...plans, ...plans].map((_, index) => answerOf(`Answer ${index}.`)),
    )
    for (const tenant of ['purged', 'spared'])
      for (const plan of plans) await (await agent.start({ tenant, plan })).call()
    assert.equal(await purgeAnswers(db, { tenant: 'purged', agent: 'support', promptVersion: 'v2' }), 1)
    assert.equal(await purgeAnswers(db, { tenant: 'purged', agent: 'sales' }), 1)
    assert.equal(await purgeAnswers(db, { tenant: 'purged' }), 1)
    assert.equal(await purgeAnswers(db, { tenant: 'spared', agent: 'nobody' }), 0)

    const late = cachedAgent(db, [
      async () => {
        assert.equal(await purgeAnswers(db, { tenant: 'purged' }), 0)
        return answerOf('From before the purge.')
      },
      answerOf('From after it.'),
    ])
    const ask = async () => answered(await (await late.start({ tenant: 'purged' })).call()).preview
    assert.equal(await ask(), 'From before the purge.')
    assert.equal(await ask(), 'From after it.')
    assert.equal(await ask(), 'From after it.')
  })

  test('a run whose budget is used up is answered, and one that is switched off or has ended is not', async () => {
    const agent = cachedAgent(db, [answerOf('Here.')])
    const whose = { tenant: 'limits' }
    await (await agent.start(whose)).call()
    const spentUp = budgetOf({ maxCostMicroUsd: 0, maxTokens: 0, maxModelCalls: 0 })
    const poor = await agent.start(whose)
    assert.equal(answered(await poor.call({ budget: spentUp })).cached?.hit, 'exact')
    const asksOther = await agent.start({ ...whose, question: 'Another one?' })
    assert.ok('withheld' in (await asksOther.call({ budget: spentUp })), 'without an answer the limits hold')

    const ended = await agent.start(whose)
    const end = { status: 'cancelled', steps: 0, approvals: [], failedHops: [] } as const
    await closeRun(db, { run: ended.run, ...end })
    await assert.rejects(ended.call(), { type: 'run_ended' })

    await putKillSwitch(db, {
      tenant: 'limits',
      scope: 'agent',
      subject: 'support',
      by: 'ann',
      reason: 'Wrong.',
    })
    const off = await agent.start(whose)
    assert.deepEqual(await off.call(), {
      withheld: { scope: 'agent', limit: 'kill_switch', allowed: 0, used: 0 },
    })
    assert.equal(agent.asked.length, 1)
  })

  test('a failed call keeps nothing, and the next one asks at once', async () => {
    const agent = cachedAgent(db, [
      new ModelFailure('model_overloaded', { billed: 'no' }),
      answerOf('Back again.'),
    ])
    const whose = { tenant: 'failed' }
    await assert.rejects((await agent.start(whose)).call(), { type: 'model_overloaded' })
    assert.equal(answered(await (await agent.start(whose)).call()).preview, 'Back again.')
  })

  test('messages that came meanwhile are a part of the request', async () => {
    const agent = cachedAgent(db, [answerOf('One.'), answerOf('Two.')])
    const whose = { tenant: 'inbox' }
    const run = await agent.start(whose)
    await run.call()
    const again = await agent.start(whose)
    await db.query({
      text: `insert into inbox_messages (run_id, id, tenant, message) values ($1, 'm1', 'inbox', '{"role":"user","text":"Quick!"}')`,
      values: [again.run.runId],
    })
    assert.equal(answered(await again.call({ seq: 2, inbox: ['m1'] })).preview, 'Two.')
    const third = await agent.start(whose)
    await db.query({
      text: `insert into inbox_messages (run_id, id, tenant, message) values ($1, 'm9', 'inbox', '{"role":"user","text":"Quick!"}')`,
      values: [third.run.runId],
    })
    assert.equal(answered(await third.call({ seq: 2, inbox: ['m9'] })).cached?.hit, 'exact')
    assert.deepEqual(await transcriptOf(db, third.run), [
      '0 user Where is my order?',
      '1 user Quick!',
      '2 assistant Two.',
    ])
  })
})
