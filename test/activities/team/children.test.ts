import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { createChildren } from '../../../src/activities/team/children.ts'
import type { RunIdentity, TerminalStatus } from '../../../src/contracts/runs/run.ts'
import type { CloseChildInput, OpenChildInput } from '../../../src/contracts/team/sub-agent.ts'
import { MIN_CHILD_SHARE } from '../../../src/policies/budgets.ts'
import { SIZES } from '../../../src/policies/limits.ts'
import { closeRun } from '../../../src/store/runs/close-run.ts'
import { findRun } from '../../../src/store/runs/runs.ts'
import { NO_TELEMETRY } from '../../../src/telemetry/telemetry.ts'
import { childOf, childPlan } from '../../store/support/children.ts'
import { transcriptOf } from '../../store/support/histories.ts'
import { startRun } from '../../store/support/samples.ts'
import { openPgliteTestDatabase } from '../../support/pglite.ts'
import type { TestDatabase } from '../../support/test-database.ts'
import { acceptedAs } from '../support/accepted.ts'

let store: TestDatabase
before(async () => {
  store = await openPgliteTestDatabase()
})
after(() => store.close())

const children = () => createChildren({ ...store, telemetry: NO_TELEMETRY })

/** A run whose model has called the tool. */
async function start(): Promise<RunIdentity> {
  const run = await startRun(store.database)
  await store.database.query({
    text: `insert into tool_calls (run_id, step, index, tenant, call_id, tool, arguments, status)
      values ($1, 1, 0, 'acme', 'call_0', 'research', '{"task":"Find out."}', 'requested')`,
    values: [run.runId],
  })
  return run
}

function openInput(run: RunIdentity, changes: Partial<OpenChildInput> = {}): OpenChildInput {
  const { childRunId, workflowId, step, index } = childOf(run)
  return { run, childRunId, workflowId, plan: childPlan(), step, index, arguments: null, ...changes }
}

function closeInput({ run, childRunId, step, index }: OpenChildInput): CloseChildInput {
  return { run, childRunId, step, index, seq: 2, callId: 'call_0', tool: 'research' }
}

/** A sub-agent that ends like this; and what its parent's model reads of it. */
async function endsWith(status: TerminalStatus, text?: string): Promise<{ outcome: unknown; told: unknown }> {
  const input = openInput(await start())
  await children().openChild(input, acceptedAs(input.run))
  await closeRun(store.database, {
    run: { runId: input.childRunId, tenant: 'acme', principal: 'ann' },
    status,
    ...(status === 'incomplete' && { reason: 'budget' as const }),
    steps: 1,
    ...(text !== undefined && { answer: { seq: 1, text } }),
    approvals: [],
    failedHops: [],
  })
  const { outcome } = await children().closeChild(closeInput(input), acceptedAs(input.run))
  const [, result = ''] = await transcriptOf(store.database, input.run)
  return { outcome, told: JSON.parse(result.slice('2 tool '.length)) }
}

test('its task is that of the stored call, whatever it is given', async () => {
  const run = await start()
  const given = openInput(run, { arguments: { task: 'Something else.' } })
  await children().openChild(given, acceptedAs(run))
  const child: RunIdentity = { runId: given.childRunId, tenant: 'acme', principal: 'ann' }
  assert.deepEqual(await transcriptOf(store.database, child), ['0 user Find out.'])
})

test('a call without a task begins nothing', async () => {
  const input = openInput(await start())
  await store.database.query({
    text: `update tool_calls set arguments = '{"question":"What?"}' where run_id = $1`,
    values: [input.run.runId],
  })
  await assert.rejects(children().openChild(input, acceptedAs(input.run)), {
    type: 'tool_arguments_mismatch',
    nonRetryable: true,
  })
  assert.equal(await findRun(store.database, 'acme', input.childRunId), null)
})

test('with less than the least share left nothing begins, and the run hears why', async () => {
  const run = await start()
  await store.database.query({
    text: 'update runs set settled_micro_usd = 1 where id = $1',
    values: [run.runId],
  })
  const limits = { maxCostMicroUsd: MIN_CHILD_SHARE.costMicroUsd }
  assert.deepEqual(await children().openChild(openInput(run, { limits }), acceptedAs(run)), {
    withheld: { scope: 'run', limit: 'cost', allowed: MIN_CHILD_SHARE.costMicroUsd, used: 1 },
  })
})

test('where the whole budget is less than the least share the run hears that waiting is no help', async () => {
  const limits = { maxCostMicroUsd: MIN_CHILD_SHARE.costMicroUsd - 1 }
  const run = await start()
  const opened = await children().openChild(openInput(run, { limits }), acceptedAs(run))
  assert.ok('withheld' in opened)
  assert.deepEqual([opened.withheld.limit, opened.never], ['cost', true])
})

test('nothing begins for a run that has ended', async () => {
  const run = await start()
  await closeRun(store.database, { run, status: 'cancelled', steps: 1, approvals: [], failedHops: [] })
  await assert.rejects(children().openChild(openInput(run), acceptedAs(run)), {
    type: 'run_ended',
    nonRetryable: true,
  })
})

test('the answer of one that completed is the result of the call', async () => {
  const { outcome, told } = await endsWith('completed', 'It is in stock.')
  assert.deepEqual(told, { answer: 'It is in stock.' })
  assert.deepEqual(outcome, { status: 'ok', preview: '{"answer":"It is in stock."}' })
})

test('one that did not complete has failed, with what there is of an answer', async () => {
  const incomplete = await endsWith('incomplete', 'As far as I came.')
  assert.deepEqual(incomplete.told, {
    error: 'tool_failed',
    message: 'The tool failed and could not do this.',
    status: 'incomplete',
    reason: 'budget',
    answer: 'As far as I came.',
  })
  const failed = await endsWith('failed')
  assert.deepEqual(failed.told, {
    error: 'tool_failed',
    message: 'The tool failed and could not do this.',
    status: 'failed',
  })
})

test('an answer that is longer than any result is none', async () => {
  const { outcome, told } = await endsWith('completed', 'x'.repeat(SIZES.maxToolResultBytes))
  assert.equal((told as { error: string }).error, 'tool_result_too_large')
  assert.equal((outcome as { code: string }).code, 'tool_result_too_large')
})

test('one whose workflow was ended from outside is closed first', async () => {
  const input = openInput(await start())
  await children().openChild(input, acceptedAs(input.run))
  const closed = await children().closeChild(closeInput(input), acceptedAs(input.run))
  assert.equal(closed.outcome.code, 'tool_cancelled')
  const row = await findRun(store.database, 'acme', input.childRunId)
  assert.deepEqual([row?.status, row?.reason], ['cancelled', 'terminated'])
  assert.deepEqual(await children().closeChild(closeInput(input), acceptedAs(input.run)), closed)
})
