import { isEntitled } from '../access/entitlement.ts'
import type { ApprovalTerms } from '../approvals/approval.ts'
import type { PlannedTool } from '../tools/tool.ts'
import type { PlannedAgent, RunPlan } from './plan.ts'
import type { WorkflowAgent, WorkflowPlan } from './workflow-plan.ts'

/** The agents that may have the run: the one that it starts with, and the specialists that it can be handed to. */
export function teamOf<A extends WorkflowAgent>(
  plan: A & { readonly specialists?: { readonly [name: string]: A } },
): readonly A[] {
  return [plan, ...Object.values(plan.specialists ?? {})]
}

/** The run's agent of this name; undefined where the plan has none. */
export function plannedAgent(plan: RunPlan, name: string): PlannedAgent | undefined {
  return teamOf<PlannedAgent>(plan).find(({ agent }) => agent.name === name)
}

/**
 * A tool of the plan, whichever of the run's agents has it: a name means the same tool for all of them. Calls with an unknown name have
 * a problem, and so are never looked up here.
 */
export function plannedTool(plan: WorkflowPlan, name: string): PlannedTool {
  const tool = teamOf(plan)
    .flatMap(({ tools }) => tools)
    .find((candidate) => candidate.name === name)
  if (tool === undefined) throw new Error(`The plan has no tool ${name}`)
  return tool
}

/** Whether the caller of the run may have this tool called. */
export function mayCall({ caller }: Pick<WorkflowPlan, 'caller'>, { requires }: PlannedTool): boolean {
  return isEntitled(caller, requires)
}

/** The tools of an agent that its models are told of: a tool that the caller may not have called is none. */
export function offeredTools(
  plan: Pick<WorkflowPlan, 'caller'>,
  { tools }: Pick<WorkflowAgent, 'tools'>,
): readonly PlannedTool[] {
  return tools.filter((tool) => mayCall(plan, tool))
}

/** The plan's terms of this name. */
export function termsOf(plan: Pick<WorkflowPlan, 'approvalTerms'>, name: string): ApprovalTerms {
  return plan.approvalTerms[name] ?? plan.approvalTerms.standard
}
