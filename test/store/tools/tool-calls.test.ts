import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { before, test } from 'node:test'
import type { RunIdentity } from '../../../src/contracts/runs/run.ts'
import type { Database } from '../../../src/store/database/database.ts'
import { closeRun } from '../../../src/store/runs/close-run.ts'
import { findRun } from '../../../src/store/runs/runs.ts'
import { type ClaimToolCall, claimToolCall } from '../../../src/store/tools/claim-tool-call.ts'
import { noteToolResults } from '../../../src/store/tools/note-tool-results.ts'
import { storeToolResult } from '../../../src/store/tools/store-tool-result.ts'
import { forEachDatabase } from '../../support/database.ts'
import { eventsOf, eventTypesOf, transcriptOf } from '../support/histories.ts'
import {
  assistantMessage,
  modelCall,
  SHA256,
  startRun,
  storeAnswer,
  toolMessage,
  toolResult,
} from '../support/samples.ts'

function claimOf(run: RunIdentity, changes: Partial<ClaimToolCall> = {}): ClaimToolCall {
  return {
    run,
    step: 1,
    index: 0,
    again: 0,
    tool: 'get_order',
    effect: 'irreversible',
    callId: 'call_0',
    argumentsSha256: SHA256,
    attempt: 1,
    claimant: randomUUID(),
    ...changes,
  }
}

forEachDatabase((_, open) => {
  let db: Database
  before(async () => {
    db = await open()
  })

  async function startWithCalls(count: number): Promise<RunIdentity> {
    const run = await startRun(db)
    const message = assistantMessage('Looking.', Array(count).fill('get_order'))
    await storeAnswer(db, modelCall(run, { message }))
    return run
  }

  test('a result is kept once: its message, its count and its event', async () => {
    const run = await startWithCalls(2)
    const result = toolResult(run, 0)
    assert.deepEqual(await storeToolResult(db, result), { outcome: result.outcome, handedBy: null })
    const late = toolResult(run, 0, {
      message: toolMessage(0, 'another'),
      outcome: { status: 'failed', code: 'tool_refused', preview: 'another' },
    })
    assert.deepEqual(await storeToolResult(db, late), { outcome: result.outcome, handedBy: null })
    const failed = toolResult(run, 1, {
      outcome: { status: 'failed', code: 'tool_not_found', preview: 'Not found.' },
    })
    await storeToolResult(db, failed)
    assert.deepEqual(await transcriptOf(db, run), [
      '0 user Where is my order?',
      '1 assistant Looking.',
      '2 tool {"ok":true}',
      '3 tool {"ok":true}',
    ])
    assert.equal((await findRun(db, 'acme', run.runId))?.usage.toolCalls, 2)
    const events = (await eventsOf(db, run)).slice(3)
    assert.deepEqual(
      events.map(({ type, data }) => [type, data]),
      [
        [
          'tool.completed',
          { step: 1, index: 0, call_id: 'call_0', tool: 'get_order', status: 'ok', preview: '{"ok":true}' },
        ],
        [
          'tool.failed',
          {
            step: 1,
            index: 1,
            call_id: 'call_1',
            tool: 'get_order',
            status: 'failed',
            code: 'tool_not_found',
            preview: 'Not found.',
          },
        ],
      ],
    )
  })

  test('concurrent results of one run leave event seqs without gaps and count every call', async () => {
    const run = await startWithCalls(16)
    // Each twice, as when an attempt is repeated while the first one still stores.
    const results = Array.from({ length: 32 }, (_, n) => toolResult(run, n % 16))
    await Promise.all(results.map((result) => storeToolResult(db, result)))
    assert.equal((await eventsOf(db, run)).length, 3 + 16)
    assert.equal((await findRun(db, 'acme', run.runId))?.usage.toolCalls, 16)
    assert.equal((await transcriptOf(db, run)).length, 2 + 16)
  })

  test('of 20 concurrent claims one may go ahead', async () => {
    const run = await startWithCalls(1)
    const claims = await Promise.all(
      Array.from({ length: 20 }, (_, n) => claimToolCall(db, claimOf(run, { attempt: n }))),
    )
    const states = claims.map(({ state }) => state)
    assert.equal(states.filter((state) => state === 'claimed').length, 1)
    assert.equal(states.filter((state) => state === 'begun_before').length, 19)
    const last = (await eventsOf(db, run)).at(-1)
    assert.equal(last?.type, 'tool.started')
    assert.deepEqual(last?.data, {
      step: 1,
      index: 0,
      call_id: 'call_0',
      tool: 'get_order',
      effect: 'irreversible',
    })
  })

  test('a claim that its claimant repeats is the same one, with one event, and for anybody else the call is begun', async () => {
    const run = await startWithCalls(1)
    const mine = claimOf(run)
    assert.deepEqual(await claimToolCall(db, mine), { state: 'claimed' })
    const told = (await eventsOf(db, run)).length
    assert.deepEqual(await claimToolCall(db, mine), { state: 'claimed' })
    assert.deepEqual(await claimToolCall(db, claimOf(run)), { state: 'begun_before' })
    assert.equal((await eventsOf(db, run)).length, told)
  })

  test('a claim of a call that is over gives its outcome', async () => {
    const run = await startWithCalls(1)
    await claimToolCall(db, claimOf(run))
    const { outcome } = toolResult(run, 0)
    await storeToolResult(db, toolResult(run, 0))
    assert.deepEqual(await claimToolCall(db, claimOf(run, { attempt: 2 })), { state: 'done', outcome })
  })

  test('an unknown outcome has an event and no message, and a repetition is a call of its own', async () => {
    const run = await startWithCalls(1)
    await claimToolCall(db, claimOf(run))
    const unknown = { status: 'outcome_unknown', code: 'tool_outcome_unknown', preview: '' } as const
    await storeToolResult(db, toolResult(run, 0, { outcome: unknown }))
    assert.equal((await transcriptOf(db, run)).length, 2)
    assert.equal((await eventsOf(db, run)).at(-1)?.data['code'], 'tool_outcome_unknown')
    // The first attempt comes back after all: it is too late, a person has been asked.
    assert.deepEqual(await storeToolResult(db, toolResult(run, 0)), { outcome: unknown, handedBy: null })

    assert.deepEqual(await claimToolCall(db, claimOf(run, { again: 1 })), { state: 'claimed' })
    await storeToolResult(db, toolResult(run, 0, { again: 1 }))
    assert.equal((await transcriptOf(db, run)).at(-1), '2 tool {"ok":true}')
    const types = (await eventTypesOf(db, run)).slice(3)
    assert.deepEqual(types, ['tool.started', 'tool.failed', 'tool.started', 'tool.completed'])
  })

  test('after the end no call is claimed and no result is kept', async () => {
    const run = await startWithCalls(1)
    await closeRun(db, { run, status: 'cancelled', steps: 1, approvals: [], failedHops: [] })
    const closed = await findRun(db, 'acme', run.runId)
    const claim = await claimToolCall(db, claimOf(run))
    assert.equal(claim.state === 'done' && claim.outcome.code, 'tool_cancelled')
    await storeToolResult(db, toolResult(run, 0))
    assert.deepEqual(await findRun(db, 'acme', run.runId), closed)
    assert.equal((await transcriptOf(db, run)).length, 2)
    assert.equal((await eventTypesOf(db, run)).at(-1), 'run.cancelled')
  })

  test('notes in place of results are stored once each, with one event', async () => {
    const run = await startWithCalls(3)
    await storeToolResult(db, toolResult(run, 1))
    const notes = [0, 1, 2].map((index) => ({
      seq: 2 + index,
      index,
      message: toolMessage(index, 'The policy does not allow this call.', true),
      code: 'tool_denied' as const,
      rule: index === 2 ? null : 'never',
    }))
    await Promise.all([1, 2, 3].map(() => noteToolResults(db, { run, step: 1, notes })))
    // A result that is there already stays.
    assert.deepEqual((await transcriptOf(db, run)).slice(2), [
      '2 tool The policy does not allow this call.',
      '3 tool {"ok":true}',
      '4 tool The policy does not allow this call.',
    ])
    const events = (await eventsOf(db, run)).slice(4)
    const told = { step: 1, tool: 'get_order', status: 'failed', code: 'tool_denied' }
    assert.deepEqual(
      events.map(({ type, data }) => [type, data]),
      [
        ['tool.failed', { ...told, index: 0, call_id: 'call_0', rule: 'never' }],
        ['tool.failed', { ...told, index: 2, call_id: 'call_2' }],
      ],
    )
    // An attempt that was given up can't change what the model was told.
    const late = await storeToolResult(db, toolResult(run, 0))
    assert.ok(late !== 'not_authorised' && late.outcome.code === 'tool_denied')
    assert.equal((await transcriptOf(db, run))[2], '2 tool The policy does not allow this call.')
  })

  test('calls that were made count, whether they succeed or fail; calls that got a note in place of a result do not', async () => {
    const run = await startWithCalls(5)
    await storeToolResult(db, toolResult(run, 0))
    const notes = (['tool_failed', 'tool_denied', 'tool_budget_reached', null] as const).map((code, n) => ({
      seq: 3 + n,
      index: 1 + n,
      message: toolMessage(1 + n, 'This is what came of it.', code !== null),
      code,
      handoff: code === null ? 'billing' : null,
      rule: null,
    }))
    await Promise.all([1, 2, 3].map(() => noteToolResults(db, { run, step: 1, notes })))
    assert.equal((await findRun(db, 'acme', run.runId))?.usage.toolCalls, 2)
    assert.deepEqual(
      await db.query({
        text: 'select index, status from tool_calls where run_id = $1 order by index',
        values: [run.runId],
      }),
      ['done', 'done', 'denied', 'denied', 'handed_off'].map((status, index) => ({ index, status })),
    )
  })
})
