import type { RunBudget } from '../../src/contracts/budgets/budget.ts'
import type { PlannedModel } from '../../src/contracts/models/model.ts'
import type { PlannedAgent, RunPlan } from '../../src/contracts/runs/plan.ts'
import type { WorkflowPlan } from '../../src/contracts/runs/workflow-plan.ts'
import type { PlannedTool } from '../../src/contracts/tools/tool.ts'
import { initialState, nextTurn, type RunState } from '../../src/workflows/state/run-state.ts'

/*
 * A plan small enough to be read, for tests of the reducer's parts.
 */

export function model(name: string): PlannedModel {
  return { provider: 'openai', wire: 'openai-responses', model: name, maxOutputTokens: 100 }
}

export function tool(name: string, change: Partial<PlannedTool> = {}): PlannedTool {
  return {
    name,
    effect: 'read',
    idempotency: 'key',
    execution: 'activity',
    timeoutMs: 1_000,
    attempts: 3,
    approval: { rules: [], otherwise: 'allow' },
    ...change,
  }
}

export function agent(name: string, change: Partial<PlannedAgent> = {}): PlannedAgent {
  return {
    agent: { name, version: '1' },
    prompt: { name, version: 'v1' },
    chain: [model('dear'), model('dearer')],
    degradedAnswer: 'Sorry.',
    tools: [tool('look')],
    ...change,
  }
}

export function budget(change: Partial<RunBudget>): RunBudget {
  return {
    limits: {},
    softRatio: 0.8,
    onReached: 'pause',
    onUnknownPrice: 'deny',
    floorOutputTokens: 10,
    pauseMs: 1_000,
    lookAgainMs: 5_000,
    ...change,
  }
}

export function plan(change: Partial<RunPlan> = {}): RunPlan {
  return {
    format: 4,
    ...agent('triage'),
    approvalTerms: {
      standard: {
        approvers: [],
        quorum: 1,
        excludeRequester: false,
        rejection: 'ends',
        decisions: ['approve', 'reject'],
        timeoutMs: 1_000,
        onTimeout: 'reject',
        escalation: [],
        remindEveryMs: 0,
      },
    },
    limits: { maxSteps: 10, deadlineMs: 100_000, historyEvents: 3_000, historyBytes: 2_000_000 },
    ...change,
  }
}

/** A run that is about to ask the model for the first time, at time 0. */
export function thinking(of: WorkflowPlan): RunState {
  return nextTurn(of, initialState(of, 'run_1', 1, 0))
}
