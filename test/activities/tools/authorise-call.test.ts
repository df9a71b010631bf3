import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { Forged, type ForgeryProblem } from '../../../src/activities/runs/forged.ts'
import { authoriseCall } from '../../../src/activities/tools/authorise-call.ts'
import type { RunPlan } from '../../../src/contracts/runs/plan.ts'
import type { RunIdentity } from '../../../src/contracts/runs/run.ts'
import type { PlannedTool, Verdict } from '../../../src/contracts/tools/tool.ts'
import type { RunToolInput } from '../../../src/contracts/tools/tool-call.ts'
import { recordDecision } from '../../../src/store/approvals/record-decision.ts'
import { requestApproval } from '../../../src/store/approvals/request-approval.ts'
import {
  approvalRequest,
  assistantMessage,
  modelCall,
  SHA256,
  samplePlan,
  startRun,
  storeAnswer,
} from '../../store/support/samples.ts'
import { openPgliteTestDatabase } from '../../support/pglite.ts'
import type { TestDatabase } from '../../support/test-database.ts'

let store: TestDatabase
before(async () => {
  store = await openPgliteTestDatabase()
})
after(() => store.close())

const READ: PlannedTool = {
  name: 'read_file',
  effect: 'read',
  idempotency: 'key',
  execution: 'local',
  timeoutMs: 1_000,
  attempts: 1,
  approval: { rules: [], otherwise: 'allow' },
}

const planOf = (otherwise: Verdict): RunPlan => ({
  ...samplePlan,
  tools: [{ ...READ, approval: { rules: [], otherwise } }],
})

/** A run whose model wants a file. */
async function startWith(verdict: Verdict): Promise<RunIdentity> {
  const run = await startRun(store.database, { plan: planOf(verdict) })
  const message = assistantMessage('Looking.', [READ.name])
  await storeAnswer(store.database, modelCall(run, { message, verdicts: [{ verdict, terms: 'standard' }] }))
  return run
}

function inputOf(run: RunIdentity, changes: Partial<RunToolInput> = {}): RunToolInput {
  const { name, effect, idempotency } = READ
  return {
    run,
    step: 1,
    index: 0,
    seq: 2,
    callId: 'call_0',
    tool: { name, effect, idempotency },
    arguments: { order: 0 },
    argumentsSha256: SHA256,
    again: 0,
    ...changes,
  }
}

const isForged = (problem: ForgeryProblem) => (error: unknown) =>
  error instanceof Forged && error.problem === problem

test('a read that the policy asks about is looked up before it is made', async () => {
  const run = await startWith('ask')
  const find = (changes: Partial<RunToolInput> = {}) =>
    authoriseCall(store.database, planOf('ask'), inputOf(run, changes))
  await assert.rejects(find(), isForged('not_requested'))
  const request = approvalRequest(run, 0, { tool: READ.name, effect: 'read', argumentsSha256: SHA256 })
  await requestApproval(store.database, request)
  await assert.rejects(find(), isForged('not_requested'))
  await recordDecision(store.database, {
    run,
    approvalId: request.approvalId,
    outcome: { status: 'approved', by: 'bob', at: '2026-11-21T10:00:00.123Z' },
    votes: [],
    stillWaiting: [],
  })
  const call = { arguments: { order: 0 }, facts: {}, approvedBy: [] }
  assert.deepEqual(await find(), call)
  await assert.rejects(find({ argumentsSha256: 'e'.repeat(64) }), isForged('not_requested'))
  await assert.rejects(find({ index: 1 }), isForged('not_requested'))
})

test('a read that it allows is made with what it was given, and long arguments are the stored ones', async () => {
  const run = await startWith('allow')
  const plan = planOf('allow')
  const call = { arguments: { order: 0 }, facts: {}, approvedBy: [] }
  assert.deepEqual(await authoriseCall(store.database, plan, inputOf(run)), call)
  assert.deepEqual(await authoriseCall(store.database, plan, inputOf(run, { arguments: null })), call)
})

test('a tool is what the plan says it is', async () => {
  const run = await startWith('allow')
  const { name, idempotency } = READ
  for (const tool of [
    { name, idempotency, effect: 'write' },
    { name, idempotency: 'none', effect: 'read' },
    { name: 'issue_refund', idempotency, effect: 'read' },
  ] as const) {
    const found = authoriseCall(store.database, planOf('allow'), inputOf(run, { tool }))
    await assert.rejects(found, isForged('other_plan'))
  }
})

test('a tool that the caller may not have called is refused, whatever a workflow asks for', async () => {
  const requires = { scopes: ['tools:files'] } as const
  const tools = [{ ...READ, requires }]
  const run = await startWith('allow')
  const find = (plan: RunPlan) => authoriseCall(store.database, plan, inputOf(run))
  for (const caller of [
    undefined,
    { groups: [], scopes: [] },
    { groups: ['files'], scopes: ['tools:other'] },
  ] as const)
    await assert.rejects(
      find({ ...planOf('allow'), tools, ...(caller && { caller }) }),
      isForged('not_requested'),
    )
  const allowed = await find({ ...planOf('allow'), tools, caller: { groups: [], scopes: ['tools:files'] } })
  assert.deepEqual(allowed?.arguments, { order: 0 })
})
