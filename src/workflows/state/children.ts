import { childPlan } from '../../contracts/child-plan.ts'
import { plannedTool } from '../../contracts/read-plan.ts'
import type { RunId } from '../../contracts/run.ts'
import type { ClosedChild } from '../../contracts/sub-agent.ts'
import { addUsage } from '../../contracts/usage.ts'
import { type WorkflowPlan, wholePlan } from '../../contracts/workflow-plan.ts'
import { shareReturned } from './budgets/budget.ts'
import { bookedLimits, freeToolCalls } from './budgets/usable-limits.ts'
import type { Command, RunChild } from './command.ts'
import type { RunState } from './run-state.ts'
import type { CallState } from './tools/call-state.ts'

/** The run of its own that a sub-agent's call becomes. Its id names run, step and call, so that starting it twice starts it once. */
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
    ...askedFor(plan, state, tool, share),
    toolCallShare: share ?? 0,
    tightened: state.tightened,
  }
  return { type: 'run_child', index, input }
}

/** What its plan follows from where it is opened; the plan itself where the run's history has it. */
function askedFor(
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

/** What the child may call, set aside from the run's own; null where neither is limited. */
function shareOfToolCalls(plan: WorkflowPlan, state: RunState, { tool }: CallState): number | null {
  const { to = '' } = plannedTool(plan, tool)
  const wanted = plan.subAgents?.[to]?.budget?.limits.maxToolCalls ?? Number.POSITIVE_INFINITY
  // The child's own call is one of them.
  const share = Math.min(wanted, freeToolCalls(state) - 1)
  return Number.isFinite(share) ? share : null
}

/** Which call a sub-agent of this id runs for; -1 for none that runs now. */
export function childIndex({ runId, step, calls }: RunState, childRunId: string): number {
  const call = calls.find(
    ({ index, stage }) => stage === 'running' && childRunId === `${runId}_${step}_${index}`,
  )
  return call?.index ?? -1
}

/** A sub-agent has ended: what it used is the run's, and what it was given beyond that comes back. */
export function childFinished(state: RunState, call: CallState, { usage }: ClosedChild): RunState {
  const toolCalls = state.budget.toolCalls - call.toolCallShare + usage.toolCalls
  return shareReturned({
    ...state,
    usage: addUsage(state.usage, usage),
    budget: { ...state.budget, toolCalls },
  })
}
