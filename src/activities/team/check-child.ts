import type { OpenChildInput } from '../../contracts/activities.ts'
import type { RunBudget } from '../../contracts/budget.ts'
import { isSameJson } from '../../contracts/json.ts'
import type { RunPlan } from '../../contracts/plan.ts'
import { plannedTool } from '../../contracts/read-plan.ts'
import type { StoredCall } from '../../store/tools/authorised-call.ts'
import type { AcceptedRun } from '../runs/accepted-runs.ts'
import { Forged } from '../runs/forged.ts'

/**
 * Whether a sub-agent is one that its parent's plan has for the call, under the name that follows from the call, and with no more
 * than that plan gives it.
 *
 * @throws Forged where it is not
 */
export function checkChild(
  plan: RunPlan,
  { runId, workflowId }: AcceptedRun,
  call: StoredCall | null,
  input: OpenChildInput,
): void {
  const { step, index, childRunId } = input
  if (!call?.permitted) throw new Forged('not_requested')
  const { execution, to = '' } = plannedTool(plan, call.tool)
  const planned = execution === 'child' ? plan.subAgents?.[to] : undefined
  const isNamed =
    childRunId === `${runId}_${step}_${index}` && input.workflowId === `${workflowId}/${step}.${index}`
  if (!isNamed || planned === undefined || !isWithin(planned, input.plan)) throw new Forged('other_plan')
}

/** Only the budget may differ: its run gives a sub-agent less than it asks for, or a limit where it asks for none. */
function isWithin({ budget: planned, ...rest }: RunPlan, { budget: given, ...others }: RunPlan): boolean {
  return (
    isSameJson(rest, others) && (planned === undefined || (given !== undefined && isLess(planned, given)))
  )
}

function isLess({ limits: most, ...rest }: RunBudget, { limits, ...others }: RunBudget): boolean {
  const given: Readonly<Record<string, number | undefined>> = { ...limits }
  return (
    isSameJson(rest, others) && Object.entries(most).every(([name, limit]) => Number(given[name]) <= limit)
  )
}
