import { mapValues } from '../map-values.ts'
import type { PlannedEscalation, PlannedRoute } from '../models/routing.ts'
import type { PlannedTool } from '../tools/tool.ts'
import type { RunPlan, WhenNoModel } from './plan.ts'

/*
 * The part of a plan that the run's workflow decides by. History has no other part. Activities read the rest in the plan that the store
 * has accepted: prompts, wires, output caps, degraded answers, and the plans of sub-agents.
 */

export interface WorkflowAgent {
  readonly agent: { readonly name: string; readonly version: string }
  readonly chain: readonly WorkflowModel[]
  readonly cheaperChain?: readonly WorkflowModel[]
  readonly routes?: readonly PlannedRoute<WorkflowModel>[]
  readonly escalation?: PlannedEscalation
  readonly whenNoModel?: WhenNoModel
  readonly tools: readonly PlannedTool[]
  readonly window?: { readonly maxTokens: number }
}

/** A model of a chain. The workflow needs its name for the record and the Web UI only. */
export interface WorkflowModel {
  readonly model: string
}

/** The part of a sub-agent's plan that its parent's workflow decides by. */
export interface SubAgentOutline {
  readonly tools: readonly { readonly name: string }[]
  readonly budget?: { readonly limits: { readonly maxToolCalls?: number } }
}

export interface WorkflowPlan
  extends WorkflowAgent,
    Pick<RunPlan, 'format' | 'caller' | 'budget' | 'approvalTerms' | 'limits'> {
  readonly specialists?: { readonly [name: string]: WorkflowAgent }
  readonly subAgents?: { readonly [name: string]: SubAgentOutline }
}

/** The workflow's part of a plan. A workflow's plan stays as it is. */
export function toWorkflowPlan(plan: RunPlan | WorkflowPlan): WorkflowPlan {
  // Activities of an earlier release read the whole plan in their inputs.
  if (plan.format < 3) return plan
  const { format, caller, specialists, subAgents, budget, approvalTerms, limits } = plan
  return {
    format,
    ...toWorkflowAgent(plan),
    ...(caller !== undefined && { caller }),
    ...(specialists !== undefined && { specialists: mapValues(specialists, toWorkflowAgent) }),
    ...(subAgents !== undefined && { subAgents: mapValues(subAgents, toOutline) }),
    ...(budget !== undefined && { budget }),
    approvalTerms,
    limits,
  }
}

/** The whole plan, where the run's history has it: in runs from before histories had the workflow's part alone. */
export function wholePlan(plan: WorkflowPlan): RunPlan | null {
  return 'prompt' in plan ? (plan as RunPlan) : null
}

function toWorkflowAgent({
  agent,
  routes,
  escalation,
  whenNoModel,
  tools,
  window,
  ...chains
}: WorkflowAgent): WorkflowAgent {
  return {
    agent: { name: agent.name, version: agent.version },
    ...toWorkflowChains(chains),
    ...(routes !== undefined && { routes: routes.map(toWorkflowChains) }),
    ...(escalation !== undefined && { escalation }),
    ...(whenNoModel !== undefined && { whenNoModel }),
    tools,
    ...(window !== undefined && { window: { maxTokens: window.maxTokens } }),
  }
}

function toWorkflowChains({ chain, cheaperChain }: PlannedRoute<WorkflowModel>): PlannedRoute<WorkflowModel> {
  return {
    chain: chain.map(toWorkflowModel),
    ...(cheaperChain !== undefined && { cheaperChain: cheaperChain.map(toWorkflowModel) }),
  }
}

function toWorkflowModel({ model }: WorkflowModel): WorkflowModel {
  return { model }
}

function toOutline({ tools, budget }: SubAgentOutline): SubAgentOutline {
  const maxToolCalls = budget?.limits.maxToolCalls
  return {
    tools: tools.map(({ name }) => ({ name })),
    ...(maxToolCalls !== undefined && { budget: { limits: { maxToolCalls } } }),
  }
}
