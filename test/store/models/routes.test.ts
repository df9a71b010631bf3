import assert from 'node:assert/strict'
import { before, test } from 'node:test'
import type { RouteChoice } from '../../../src/contracts/models/routing.ts'
import type { RunIdentity } from '../../../src/contracts/runs/run.ts'
import type { Database } from '../../../src/store/database/database.ts'
import { recordRoute } from '../../../src/store/models/record-route.ts'
import { findRouteFacts } from '../../../src/store/models/route-facts.ts'
import { listEvents } from '../../../src/store/record/events.ts'
import { closeRun } from '../../../src/store/runs/close-run.ts'
import { findRun } from '../../../src/store/runs/runs.ts'
import { forEachDatabase } from '../../support/database.ts'
import { modelCall, startRun, storeAnswer } from '../support/samples.ts'

forEachDatabase((_, open) => {
  let db: Database
  before(async () => {
    db = await open()
  })

  const factsOf = (run: RunIdentity, seq: number, changes: { inbox?: readonly string[] } = {}) =>
    findRouteFacts(db, { run, agent: 'support', seq, inbox: [], characters: 5, ...changes })

  const record = (run: RunIdentity, choice: RouteChoice, agent = 'support') =>
    recordRoute(db, { run, step: 1, agent, choice, models: ['gpt-small'] })

  test('rules look at the run as its agent gets it: what people wrote, how long it is, and whether a model has answered', async () => {
    const run = await startRun(db, {
      input: [
        { role: 'user', text: 'Grüße 🙂' },
        { role: 'user', text: 'Where is it?' },
      ],
      metadata: { tier: 'free' },
    })
    assert.deepEqual(await factsOf(run, 2), {
      stored: null,
      metadata: { tier: 'free' },
      inputCharacters: 7 + 12,
      messages: 2,
      isContinued: false,
      lastInput: 'Where',
    })
    await storeAnswer(db, modelCall(run, { seq: 2 }))
    await db.query({
      text: `insert into inbox_messages (run_id, id, tenant, message)
        values ($1, 'msg_late', $2, '{"role":"user","text":"And now?"}')`,
      values: [run.runId, run.tenant],
    })
    const facts = await factsOf(run, 5, { inbox: ['msg_late', 'msg_never'] })
    assert.deepEqual(
      [facts.inputCharacters, facts.messages, facts.isContinued, facts.lastInput],
      [27, 4, true, 'And n'],
    )
  })

  test('a sub-agent goes by the metadata of the run that it works for', async () => {
    const parent = await startRun(db, { metadata: { tier: 'free' } })
    const child = await startRun(db)
    await db.query({
      text: 'update runs set parent_run_id = $1 where id = $2',
      values: [parent.runId, child.runId],
    })
    assert.deepEqual((await factsOf(child, 1)).metadata, { tier: 'free' })
  })

  test('the first choice of an agent stands, with one event; another agent has its own', async () => {
    const run = await startRun(db)
    const first: RouteChoice = {
      route: 1,
      rule: 'sort',
      classifier: {
        model: 'gpt-nano',
        label: 'easy',
        usage: {
          inputTokens: 9,
          cachedInputTokens: 0,
          cacheWriteTokens: 0,
          outputTokens: 1,
          reasoningTokens: 0,
        },
        costMicroUsd: 10,
      },
    }
    const outcomes = await Promise.all([
      record(run, first),
      record(run, { route: null, rule: null }, 'billing'),
    ])
    assert.deepEqual(
      outcomes.map(({ recorded }) => recorded),
      [true, true],
    )
    assert.equal((await record(run, { route: 0, rule: 'other' })).recorded, false)
    assert.deepEqual((await factsOf(run, 1)).stored, first)
    assert.deepEqual((await findRun(db, run.tenant, run.runId))?.routes, {
      support: first,
      billing: { route: null, rule: null },
    })
    const events = await listEvents(db, { tenant: run.tenant, runId: run.runId, after: 0, limit: 100 })
    assert.deepEqual(
      events
        .filter(({ type }) => type === 'model.routed')
        .map(({ data }) => [data['agent'], data['rule']])
        .sort(),
      [
        ['billing', null],
        ['support', 'sort'],
      ],
    )
    assert.deepEqual(
      events.map(({ seq }) => seq),
      events.map((_event, index) => index + 1),
    )
  })

  test('no choice is recorded for a run that has ended, nor found by another tenant', async () => {
    const run = await startRun(db)
    await closeRun(db, { run, status: 'cancelled', steps: 0, approvals: [], failedHops: [] })
    assert.equal((await record(run, { route: 0, rule: 'short' })).recorded, false)
    await assert.rejects(factsOf({ ...run, tenant: 'other' }, 1), /no run/)
    await assert.rejects(record({ ...run, tenant: 'other' }, { route: 0, rule: 'short' }), /no run/)
  })
})
