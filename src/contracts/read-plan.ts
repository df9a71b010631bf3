import type { ApprovalTerms } from './approval.ts'
import type { PlannedTool } from './tool.ts'
import type { WorkflowAgent, WorkflowPlan } from './workflow-plan.ts'

/** Whoever may speak in a run: the agent that it starts with, and those that it can be handed to. */
export function teamOf<A extends WorkflowAgent>(
  plan: A & { readonly specialists?: { readonly [name: string]: A } },
): readonly A[] {
  return [plan, ...Object.values(plan.specialists ?? {})]
}

/**
 * The tool as the run pinned it, whichever of its agents has it: a name means the same to all of them. Calls of other names
 * never get this far: they come with a problem.
 */
export function plannedTool(plan: WorkflowPlan, name: string): PlannedTool {
  const tool = teamOf(plan)
    .flatMap(({ tools }) => tools)
    .find((candidate) => candidate.name === name)
  if (tool === undefined) throw new Error(`The plan has no tool ${name}`)
  return tool
}

/** The terms of this name, as the run pinned them. */
export function termsOf(plan: Pick<WorkflowPlan, 'approvalTerms'>, name: string): ApprovalTerms {
  return plan.approvalTerms[name] ?? plan.approvalTerms.standard
}

/** All hops that there may be, by number: the chain, and the cheaper one after it. */
export function hopsOf<M>({
  chain,
  cheaperChain = [],
}: {
  readonly chain: readonly M[]
  readonly cheaperChain?: readonly M[]
}): readonly M[] {
  return [...chain, ...cheaperChain]
}
