import { narrowCaller } from '../../contracts/access/entitlement.ts'
import type { RunPlan } from '../../contracts/runs/plan.ts'
import { plannedTool } from '../../contracts/runs/read-plan.ts'
import { childPlan } from '../../contracts/team/child-plan.ts'
import type { OpenChildInput } from '../../contracts/team/sub-agent.ts'
import type { StoredCall } from '../../store/tools/authorised-call.ts'
import type { AcceptedRun } from '../runs/accepted-runs.ts'
import { Forged } from '../runs/forged.ts'

/**
 * The plan of the sub-agent that the call is for, with the share of tool calls that the workflow has set aside, and no more than the
 * plan gives it. It acts for the parent's caller, with no more groups and scopes than the tool leaves it.
 *
 * @throws Forged where the plan has no sub-agent for the call, or its run does not have the name that follows from the call
 */
export function findPlannedChild(
  plan: RunPlan,
  { runId, workflowId }: Pick<AcceptedRun, 'runId' | 'workflowId'>,
  call: StoredCall | null,
  input: OpenChildInput,
): RunPlan {
  const { step, index, childRunId, workflowId: childWorkflowId } = input
  if (!call?.permitted) throw new Forged('not_requested')
  const { execution, to = '', narrows = {} } = plannedTool(plan, call.tool)
  const planned = execution === 'child' ? plan.subAgents?.[to] : undefined
  const isNamed =
    childRunId === `${runId}_${step}_${index}` && childWorkflowId === `${workflowId}/${step}.${index}`
  if (!isNamed || planned === undefined) throw new Forged('other_plan')
  const most = planned.budget?.limits.maxToolCalls ?? Number.POSITIVE_INFINITY
  const { isLimited, maxToolCalls = Number.POSITIVE_INFINITY } = limitsOf(input)
  const share = Math.min(maxToolCalls, most)
  const { caller } = plan
  const child = caller === undefined ? planned : { ...planned, caller: narrowCaller(caller, narrows) }
  return childPlan(child, isLimited, Number.isFinite(share) ? share : null)
}

/** A run whose history has the sub-agent's plan says it there. */
function limitsOf({ plan, isLimited, maxToolCalls }: OpenChildInput) {
  const budget = plan?.budget
  return {
    isLimited: isLimited ?? budget !== undefined,
    maxToolCalls: maxToolCalls ?? budget?.limits.maxToolCalls,
  }
}
