import assert from 'node:assert/strict'
import { before, test } from 'node:test'
import type { RunId } from '../../../src/contracts/runs/run.ts'
import { HTTP } from '../../../src/policies/api.ts'
import type { Database, Db } from '../../../src/store/database/database.ts'
import type { RunRow } from '../../../src/store/record/run-row.ts'
import { acceptRun } from '../../../src/store/runs/accept-run.ts'
import { closeRun } from '../../../src/store/runs/close-run.ts'
import { markRunStarted } from '../../../src/store/runs/mark-run-started.ts'
import { requestCancel } from '../../../src/store/runs/request-cancel.ts'
import { findRun, findRunByKey, findUnstartedRuns, listRuns } from '../../../src/store/runs/runs.ts'
import { forEachDatabase } from '../../support/database.ts'
import { eventsOf, eventTypesOf, transcriptOf } from '../support/histories.ts'
import { newRun, samplePlan, startRun } from '../support/samples.ts'

const RFC_3339 = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/

/** Until somebody waits for the transaction to end. */
async function untilWaitedFor(tx: Db): Promise<void> {
  const waiting = 'select from pg_locks where transactionid = pg_current_xact_id()::xid and not granted'
  while ((await tx.query({ text: waiting })).length === 0) await new Promise(setImmediate)
}

forEachDatabase((kind, open) => {
  let db: Database
  before(async () => {
    db = await open()
  })

  test('a run is kept with its input, its first event and everything it was given', async () => {
    const given = newRun({
      input: [
        { role: 'user', text: 'one' },
        { role: 'user', text: 'two' },
      ],
      metadata: { channel: 'mail', odd: 'a\u0000b' },
      priority: 2,
      startedBy: { type: 'token', issuer: 'https://issuer.example', id: 'token-1', principal: 'desk' },
    })
    const { run, created } = await acceptRun(db, given)
    assert.equal(created, true)
    const { input: _, ...rest } = given
    assert.match(run.createdAt, RFC_3339)
    assert.deepEqual(run, {
      ...rest,
      metadata: { channel: 'mail', odd: 'a\uFFFDb' },
      status: 'queued',
      reason: null,
      requiredAction: null,
      waitingFor: null,
      output: null,
      outputFits: false,
      error: null,
      usage: {
        inputTokens: 0,
        cachedInputTokens: 0,
        outputTokens: 0,
        modelCalls: 0,
        toolCalls: 0,
        costMicroUsd: 0,
      },
      promptCacheSavedMicroUsd: 0,
      budget: {
        limits: {},
        spent: { costMicroUsd: 0, unknownMicroUsd: 0, tokens: 0, modelCalls: 0 },
        heldMicroUsd: 0,
      },
      parentRunId: null,
      servedBy: null,
      routes: null,
      steps: 0,
      inputCount: 2,
      resumes: 0,
      traceId: null,
      callerSpanId: null,
      traceSampled: null,
      createdAt: run.createdAt,
      startedAt: null,
      completedAt: null,
      threadId: null,
      threadSeq: null,
    })
    assert.deepEqual(await findRun(db, 'acme', given.id), run)
    const identity = { runId: given.id, tenant: 'acme', principal: 'ann' }
    assert.deepEqual(await transcriptOf(db, identity), ['0 user one', '1 user two'])
    assert.deepEqual(await eventTypesOf(db, identity), ['run.queued'])
  })

  test('of 50 concurrent starts with one key one makes a run and all get it', async () => {
    const answers = await Promise.all(
      Array.from({ length: 50 }, () => acceptRun(db, newRun({ idempotencyKey: 'fifty' }))),
    )
    assert.equal(answers.filter(({ created }) => created).length, 1)
    assert.equal(new Set(answers.map(({ run }) => run.id)).size, 1)
    const [first] = answers
    assert.deepEqual(await findRunByKey(db, 'acme', 'ann', 'fifty'), first?.run)
  })

  test('a key belongs to its tenant and its principal', async () => {
    const ours = await acceptRun(db, newRun({ idempotencyKey: 'shared' }))
    const theirs = await acceptRun(db, newRun({ idempotencyKey: 'shared', tenant: 'other' }))
    const bobs = await acceptRun(db, newRun({ idempotencyKey: 'shared', principal: 'bob' }))
    assert.deepEqual([theirs.created, bobs.created], [true, true])
    assert.equal(new Set([ours, theirs, bobs].map(({ run }) => run.id)).size, 3)
    const again = await acceptRun(db, newRun({ idempotencyKey: 'shared', principal: 'bob' }))
    assert.deepEqual([again.created, again.run], [false, bobs.run])
  })

  test('principals that race for one key get a run each, under names of their own', async () => {
    const workflowId = 'support/acme/raced'
    const accept = (principal: string) =>
      acceptRun(
        db,
        newRun({
          principal,
          idempotencyKey: 'raced',
          workflowId,
          ownWorkflowId: `support/acme/${principal}/raced`,
        }),
      )
    const principals = ['ann', 'bob', 'cleo']
    const answers = await Promise.all(Array.from({ length: 20 }, () => principals.map(accept)).flat())
    assert.equal(answers.filter(({ created }) => created).length, 3)
    const runs = new Map(answers.map(({ run }) => [run.id, run]))
    const named = [...runs.values()].map(({ principal, workflowId }) => [principal, workflowId] as const)
    const [first] = named.find(([, name]) => name === workflowId) ?? []
    assert.ok(first)
    assert.deepEqual(
      new Map(named),
      new Map(principals.map((each) => [each, each === first ? workflowId : `support/acme/${each}/raced`])),
    )
  })

  test('a start that loses to another principal, then to one of its own, gets the run of its own', {
    skip: kind === 'pglite' && 'one connection: nobody waits',
  }, async () => {
    const [usual, own] = ['support/acme/lost', 'support/acme/bob/lost']
    const start = (tx: Db, principal: string, workflowId = usual) =>
      acceptRun(tx, newRun({ principal, idempotencyKey: 'lost', workflowId, ownWorkflowId: own }))
    const annPlaced = Promise.withResolvers<void>()
    const waitsForAnn = Promise.withResolvers<void>()
    const bobPlaced = Promise.withResolvers<void>()
    const loser = annPlaced.promise.then(() => start(db, 'bob'))
    const ann = db.transaction(async (tx) => {
      await start(tx, 'ann')
      annPlaced.resolve()
      await untilWaitedFor(tx)
      waitsForAnn.resolve()
      await bobPlaced.promise
    })
    const bob = waitsForAnn.promise.then(() =>
      db.transaction(async (tx) => {
        const { run } = await start(tx, 'bob', own)
        bobPlaced.resolve()
        // The loser has seen ann's run by then.
        await ann
        await untilWaitedFor(tx)
        return run
      }),
    )
    assert.deepEqual(await loser, { run: await bob, created: false })
  })

  test('accepting the same run again without a key changes nothing', async () => {
    const given = newRun()
    await acceptRun(db, given)
    const again = await acceptRun(db, given)
    assert.equal(again.created, false)
    assert.equal(again.run.id, given.id)
    await assert.rejects(acceptRun(db, { ...given, tenant: 'other' }), /another tenant/)
  })

  test('opening starts a run once', async () => {
    const run = await startRun(db)
    const started = await findRun(db, 'acme', run.runId)
    assert.equal(started?.status, 'in_progress')
    assert.match(started?.startedAt ?? '', RFC_3339)
    await markRunStarted(db, { run, plan: samplePlan })
    assert.deepEqual(await findRun(db, 'acme', run.runId), started)
    const events = await eventsOf(db, run)
    assert.deepEqual(
      events.map(({ type, data }) => [type, data]),
      [
        ['run.queued', { agent: 'support', by: 'ann' }],
        ['run.started', { agent: 'support', agent_version: '1', prompt_version: 'v1' }],
      ],
    )
  })

  test('a run that the store does not know is an error, not a silence', async () => {
    const run = { runId: 'run_unknown', tenant: 'acme', principal: 'ann' } as const
    await assert.rejects(markRunStarted(db, { run, plan: samplePlan }), /no run run_unknown/)
  })

  test('closing with a text of ours stores it as the answer', async () => {
    const run = await startRun(db)
    await closeRun(db, {
      run,
      status: 'incomplete',
      reason: 'models_unavailable',
      steps: 1,
      answer: { seq: 1, text: 'Later, please.' },
      approvals: [],
      failedHops: [
        { hop: 0, model: 'gpt-test', code: 'model_overloaded' },
        { hop: 1, model: 'claude-test', code: 'model_timed_out' },
      ],
    })
    const closed = await findRun(db, 'acme', run.runId)
    assert.equal(closed?.status, 'incomplete')
    assert.equal(closed?.reason, 'models_unavailable')
    assert.equal(closed?.output, 'Later, please.')
    assert.equal(closed?.steps, 1)
    assert.match(closed?.completedAt ?? '', RFC_3339)
    assert.deepEqual(await transcriptOf(db, run), ['0 user Where is my order?', '1 assistant Later, please.'])
    const events = (await eventsOf(db, run)).slice(2)
    assert.deepEqual(
      events.map(({ type, data }) => [type, data]),
      [
        ['model.failed', { step: 1, hop: 0, model: 'gpt-test', code: 'model_overloaded' }],
        ['model.failed', { step: 1, hop: 1, model: 'claude-test', code: 'model_timed_out' }],
        [
          'run.incomplete',
          {
            status: 'incomplete',
            reason: 'models_unavailable',
            output: 'Later, please.',
            steps: 1,
            usage: {
              input_tokens: 0,
              cached_input_tokens: 0,
              output_tokens: 0,
              model_calls: 0,
              tool_calls: 0,
              cost_micro_usd: 0,
              prompt_cache_saved_micro_usd: 0,
            },
          },
        ],
      ],
    )
  })

  test('a run ends once, whoever ends it first', async () => {
    const run = await startRun(db)
    const close = { run, steps: 0, approvals: [], failedHops: [] }
    await Promise.all([
      closeRun(db, { ...close, status: 'cancelled', reason: 'cancel_requested' }),
      closeRun(db, { ...close, status: 'failed', reason: 'internal_error', error: 'internal' }),
    ])
    const closed = await findRun(db, 'acme', run.runId)
    await closeRun(db, { ...close, status: 'expired' })
    assert.deepEqual(await findRun(db, 'acme', run.runId), closed)
    const types = await eventTypesOf(db, run)
    assert.equal(types.length, 3)
    assert.equal(types[2], `run.${closed?.status}`)
  })

  test('a queued run can end without having begun, and is not begun afterwards', async () => {
    const { run } = await acceptRun(db, newRun())
    const identity = { runId: run.id, tenant: run.tenant, principal: run.principal }
    await closeRun(db, { run: identity, status: 'cancelled', steps: 0, approvals: [], failedHops: [] })
    await markRunStarted(db, { run: identity, plan: samplePlan })
    const closed = await findRun(db, 'acme', run.id)
    assert.equal(closed?.status, 'cancelled')
    assert.equal(closed?.startedAt, null)
    assert.deepEqual(await eventTypesOf(db, identity), ['run.queued', 'run.cancelled'])
  })

  test('lists are newest first, page without gaps or repeats, and filter', async () => {
    const tenant = 'lister'
    const ids: string[] = []
    for (let n = 0; n < 7; n += 1) {
      const agent = n % 2 === 0 ? 'support' : 'assistant'
      const { run } = await acceptRun(db, newRun({ tenant, agent }))
      ids.unshift(run.id)
    }
    const { rows: whole } = await listRuns(db, { tenant, limit: 100 })
    assert.deepEqual(whole.map(({ id }) => id).toSorted(), ids.toSorted())
    const times = whole.map(({ createdAt }) => createdAt)
    assert.deepEqual(times, times.toSorted().toReversed())

    const paged: string[] = []
    for (;;) {
      const last = whole.find(({ id }) => id === paged.at(-1))
      const { rows, hasMore } = await listRuns(db, { tenant, limit: 2, ...(last && { before: last }) })
      paged.push(...rows.map(({ id }) => id))
      if (!hasMore) break
    }
    assert.deepEqual(
      paged,
      whole.map(({ id }) => id),
    )
    const { rows: assistants } = await listRuns(db, {
      tenant,
      agent: 'assistant',
      status: 'queued',
      limit: 100,
    })
    assert.equal(assistants.length, 3)
    assert.deepEqual((await listRuns(db, { tenant, status: 'completed', limit: 100 })).rows, [])
  })

  test('a page ends with the row that fills it, and the rest comes with the next ones', async () => {
    const tenant = 'hoarder'
    for (let n = 0; n < 5; n += 1) await acceptRun(db, newRun({ tenant }))
    const ids = (await listRuns(db, { tenant, limit: 5 })).rows.map(({ id }) => id)
    const outputs = async (bytes: number) =>
      db.query({
        text: "update runs set output = repeat('x', $2) where tenant = $1",
        values: [tenant, bytes],
      })
    const pages = async () => {
      const found: string[][] = []
      for (let before: RunRow | undefined; ; ) {
        const { rows, hasMore } = await listRuns(db, { tenant, limit: 4, ...(before && { before }) })
        found.push(rows.map(({ id }) => id))
        before = rows.at(-1)
        if (!hasMore) return found
      }
    }
    await outputs(10)
    assert.deepEqual(await pages(), [ids.slice(0, 4), ids.slice(4)])
    await outputs(HTTP.pageBytes / 2)
    assert.deepEqual(await pages(), [ids.slice(0, 2), ids.slice(2, 4), ids.slice(4)])
    await outputs(HTTP.pageBytes * 2)
    assert.deepEqual(
      await pages(),
      ids.map((id) => [id]),
    )
  })

  test('lists are of one principal, and of runs whose metadata has the entries', async () => {
    const tenant = 'marker'
    const add = async (principal: string, metadata: Record<string, string>) =>
      (await acceptRun(db, newRun({ tenant, principal, metadata }))).run.id
    const [a1, a2, b1] = [
      await add('ann', { ticket: '1', kind: 'refund' }),
      await add('ann', { ticket: '2', kind: 'refund' }),
      await add('bob', { ticket: '1' }),
    ]
    const ids = async (filter: Partial<Parameters<typeof listRuns>[1]>) =>
      (await listRuns(db, { tenant, limit: 100, ...filter })).rows.map(({ id }) => id).toSorted()
    assert.deepEqual(await ids({ principal: 'ann' }), [a1, a2].toSorted())
    assert.deepEqual(await ids({ principal: 'ann', onlyOf: 'bob' }), [])
    assert.deepEqual(await ids({ metadata: { ticket: '1' } }), [a1, b1].toSorted())
    assert.deepEqual(await ids({ metadata: { ticket: '1', kind: 'refund' } }), [a1])
    assert.deepEqual(await ids({ metadata: { ticket: '1' }, onlyOf: 'bob' }), [b1])
    assert.deepEqual(await ids({ metadata: { '1': 'ticket' } }), [])
  })

  test('what is stored of metadata finds a run', async () => {
    const tenant = 'metadata'
    await acceptRun(db, newRun({ tenant, metadata: { odd: 'a\u0000b\ud800', plain: 'c' } }))
    const isFoundBy = async (metadata: Record<string, string>) =>
      (await listRuns(db, { tenant, limit: 1, metadata })).rows.length === 1
    assert.equal(await isFoundBy({ odd: 'a\u0000b\ud800' }), true)
    assert.equal(await isFoundBy({ odd: 'a\ufffdb\ufffd', plain: 'c' }), true)
    assert.equal(await isFoundBy({ odd: 'a\ufffdb' }), false)
  })

  test('a cancel is on the record once, with who asked first, and so is the end that comes of it', async () => {
    const run = await startRun(db)
    await requestCancel(db, run, 'ann')
    await requestCancel(db, run, 'bob')
    const end = { run, status: 'cancelled', steps: 0, approvals: [], failedHops: [] } as const
    await closeRun(db, { ...end, reason: 'cancel_requested' })
    await requestCancel(db, run, 'bob')
    const told = (await eventsOf(db, run)).slice(2).map(({ type, data }) => [type, data['by']])
    assert.deepEqual(told, [
      ['cancel.requested', 'ann'],
      ['run.cancelled', 'ann'],
    ])
  })

  test('a run that ends before its cancel reaches it does not say that it was cancelled', async () => {
    const run = await startRun(db)
    await requestCancel(db, run, 'ann')
    await closeRun(db, { run, status: 'completed', steps: 0, approvals: [], failedHops: [] })
    const [last] = (await eventsOf(db, run)).slice(-1)
    assert.deepEqual([last?.type, last?.data['by']], ['run.completed', undefined])
  })

  test('runs that were accepted a while ago and never begun are found', async () => {
    const { run: waiting } = await acceptRun(db, newRun())
    const begun = await startRun(db)
    await db.query({
      text: `update runs set created_at = now() - interval '1 minute' where id = any($1)`,
      values: [[waiting.id, begun.runId]],
    })
    const find = async (...except: RunId[]) =>
      (await findUnstartedRuns(db, { olderThanMs: 30_000, except, limit: 100 })).map(({ id }) => id)
    assert.deepEqual(await find(), [waiting.id])
    assert.deepEqual(await find(waiting.id), [])
  })

  test("another tenant's runs are not found, by id, key or list", async () => {
    const { run } = await acceptRun(db, newRun({ idempotencyKey: 'mine' }))
    assert.equal(await findRun(db, 'stranger', run.id), null)
    assert.equal(await findRunByKey(db, 'stranger', 'ann', 'mine'), null)
    assert.deepEqual((await listRuns(db, { tenant: 'stranger', limit: 100 })).rows, [])
    const stranger = { runId: run.id, tenant: 'stranger', principal: 'eve' }
    await assert.rejects(markRunStarted(db, { run: stranger, plan: samplePlan }), /no run/)
  })
})
