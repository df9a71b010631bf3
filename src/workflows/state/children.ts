import { addUsage } from '../../contracts/models/usage.ts'
import { plannedTool } from '../../contracts/runs/read-plan.ts'
import type { RunId } from '../../contracts/runs/run.ts'
import { type WorkflowPlan, wholePlan } from '../../contracts/runs/workflow-plan.ts'
import { childPlan } from '../../contracts/team/child-plan.ts'
import type { ClosedChild } from '../../contracts/team/sub-agent.ts'
import { resumeFromOwnBudget } from './budgets/budget-pause.ts'
import { bookedLimits, freeToolCalls } from './budgets/usable-limits.ts'
import type { Command, RunChild } from './command.ts'
import type { RunState } from './run-state.ts'
import type { CallState } from './tools/call-state.ts'

/** Starts a sub-agent as a run of its own. The run's id names parent, step and call, so that starting it twice starts it once. */
export function runChild(plan: WorkflowPlan, state: RunState, call: CallState): Command {
  const { index, seq, callId, tool } = call
  const childRunId: RunId = `${state.runId}_${state.step}_${index}`
  const limits = bookedLimits(plan, state)
  const share = shareOfToolCalls(plan, state, call)
  const input: RunChild = {
    childRunId,
    step: state.step,
    seq,
    callId,
    tool,
    arguments: call.arguments,
    ...(Object.keys(limits).length > 0 && { limits }),
    ...planOfChild(plan, state, tool, share),
    toolCallShare: share ?? 0,
    tightened: state.tightened,
  }
  return { type: 'run_child', index, input }
}

/** The child's plan where the history has it; for a later run, what the activity derives the plan from. */
function planOfChild(
  plan: WorkflowPlan,
  state: RunState,
  tool: string,
  maxToolCalls: number | null,
): Pick<RunChild, 'plan' | 'isLimited' | 'maxToolCalls'> {
  const isLimited = Object.keys(state.budget.limits).length > 0
  const whole = wholePlan(plan)
  if (whole === null) return { isLimited, ...(maxToolCalls !== null && { maxToolCalls }) }
  const child = whole.subAgents?.[plannedTool(plan, tool).to ?? '']
  if (child === undefined) throw new Error(`The plan has no sub-agent for ${tool}`)
  return { plan: childPlan(child, isLimited, maxToolCalls) }
}

/** Tool calls that are set aside for the child, out of the run's own; null where neither is limited. */
function shareOfToolCalls(plan: WorkflowPlan, state: RunState, { tool }: CallState): number | null {
  const { to = '' } = plannedTool(plan, tool)
  const childLimit = plan.subAgents?.[to]?.budget?.limits.maxToolCalls ?? Number.POSITIVE_INFINITY
  // The call that starts the child takes one of them.
  const share = Math.min(childLimit, freeToolCalls(state) - 1)
  return Number.isFinite(share) ? share : null
}

/** Index of the running call that this sub-agent works for; -1 where there is none. */
export function childIndex({ runId, step, calls }: RunState, childRunId: string): number {
  const call = calls.find(
    ({ index, stage }) => stage === 'running' && childRunId === `${runId}_${step}_${index}`,
  )
  return call?.index ?? -1
}

/** A sub-agent has ended: the run counts what it used, and gets back the rest of its share. */
export function onChildFinished(state: RunState, call: CallState, { usage }: ClosedChild): RunState {
  const toolCalls = state.budget.toolCalls - call.toolCallShare + usage.toolCalls
  return resumeFromOwnBudget({
    ...state,
    usage: addUsage(state.usage, usage),
    budget: { ...state.budget, toolCalls },
  })
}
