import { randomUUID } from 'node:crypto'
import type { BookedLimits } from '../../../src/contracts/budgets/budget.ts'
import type { RunPlan } from '../../../src/contracts/runs/plan.ts'
import type { RunId, RunIdentity } from '../../../src/contracts/runs/run.ts'
import type { Database } from '../../../src/store/database/database.ts'
import { closeRun } from '../../../src/store/runs/close-run.ts'
import { markRunStarted } from '../../../src/store/runs/mark-run-started.ts'
import type { CloseChild } from '../../../src/store/team/close-child.ts'
import { type OpenChild, openChild } from '../../../src/store/team/open-child.ts'
import { samplePlan, toolMessage } from './samples.ts'

/** A plan of a sub-agent that asks for these limits. */
export function childPlan(limits: BookedLimits = {}): RunPlan {
  return {
    ...samplePlan,
    agent: { name: 'research', version: '3' },
    prompt: { name: 'research', version: 'v2' },
    budget: {
      limits: { ...limits, maxSteps: 12 },
      softRatio: 0.8,
      onReached: 'finish',
      onUnknownPrice: 'deny',
      floorOutputTokens: 10,
      pauseMs: 1_000,
      lookAgainMs: 1_000,
    },
  }
}

export function childOf(run: RunIdentity, changes: Partial<OpenChild> = {}): OpenChild {
  const childRunId: RunId = `run_${randomUUID().replaceAll('-', '').slice(0, 26)}`
  return {
    run,
    childRunId,
    workflowId: `research/${run.tenant}/${childRunId}`,
    plan: childPlan(),
    step: 1,
    index: 0,
    task: 'Find out.',
    argumentsSha256: 'd'.repeat(64),
    trace: { traceId: 'a'.repeat(32), callerSpanId: 'b'.repeat(16) },
    least: { costMicroUsd: 100, tokens: 1_000, modelCalls: 2 },
    ...changes,
  }
}

export function identityOf({ run, childRunId }: OpenChild): RunIdentity {
  return { runId: childRunId, tenant: run.tenant, principal: run.principal, parentRunId: run.runId }
}

/** A sub-agent under way. */
export async function startChild(
  db: Database,
  run: RunIdentity,
  changes: Partial<OpenChild> = {},
): Promise<OpenChild> {
  const child = childOf(run, changes)
  await openChild(db, child)
  await markRunStarted(db, { run: identityOf(child), plan: child.plan })
  return child
}

/** Ends a sub-agent with a text of its own. */
export async function completeChild(db: Database, child: OpenChild): Promise<void> {
  await closeRun(db, {
    run: identityOf(child),
    status: 'completed',
    steps: 1,
    answer: { seq: 9, text: 'Found.' },
    approvals: [],
    failedHops: [],
  })
}

export function closeOf(child: OpenChild, changes: Partial<CloseChild> = {}): CloseChild {
  const { run, childRunId, step, index } = child
  return {
    run,
    childRunId,
    step,
    index,
    seq: 2 + index,
    callId: `call_${index}`,
    tool: 'research',
    message: { ...toolMessage(index, '{"answer":"Found."}'), tool: 'research' },
    outcome: { status: 'ok', preview: 'Found.' },
    ...changes,
  }
}
