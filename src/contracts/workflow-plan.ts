import type { RunPlan, WhenNoModel } from './plan.ts'
import type { PlannedTool } from './tool.ts'

/*
 * What of its plan a run's workflow decides by, and so all of it that stands in the run's history. The rest is for activities, which
 * read it from the plan that the store has accepted: prompts, wires, output caps, words of ours, and the plans of sub-agents.
 */

export interface WorkflowAgent {
  readonly agent: { readonly name: string; readonly version: string }
  readonly chain: readonly WorkflowModel[]
  readonly cheaperChain?: readonly WorkflowModel[]
  readonly whenNoModel?: WhenNoModel
  readonly tools: readonly PlannedTool[]
}

/** A hop: its name is for the record and for who watches the run. */
export interface WorkflowModel {
  readonly model: string
}

/** What a run has to know of a sub-agent before it starts one. */
export interface SubAgentOutline {
  readonly tools: readonly { readonly name: string }[]
  readonly budget?: { readonly limits: { readonly maxToolCalls?: number } }
}

export interface WorkflowPlan
  extends WorkflowAgent,
    Pick<RunPlan, 'format' | 'budget' | 'approvalTerms' | 'limits'> {
  readonly specialists?: { readonly [name: string]: WorkflowAgent }
  readonly subAgents?: { readonly [name: string]: SubAgentOutline }
}

/** The workflow's part of a plan. Of a workflow's plan it is the same again. */
export function toWorkflowPlan(plan: RunPlan): WorkflowPlan
export function toWorkflowPlan(plan: WorkflowPlan): WorkflowPlan
export function toWorkflowPlan(plan: WorkflowPlan): WorkflowPlan {
  // An earlier release's activities get all that they need from the workflow.
  if (wholePlan(plan) !== null) return plan
  const { format, specialists, subAgents, budget, approvalTerms, limits } = plan
  return {
    format,
    ...toWorkflowAgent(plan),
    ...(specialists !== undefined && { specialists: mapValues(specialists, toWorkflowAgent) }),
    ...(subAgents !== undefined && { subAgents: mapValues(subAgents, toOutline) }),
    ...(budget !== undefined && { budget }),
    approvalTerms,
    limits,
  }
}

/** The whole plan, which the history of a run has that was accepted before format 3; null for a later run. */
export function wholePlan(plan: WorkflowPlan): RunPlan | null {
  return plan.format < 3 ? (plan as RunPlan) : null
}

function toWorkflowAgent({ agent, chain, cheaperChain, whenNoModel, tools }: WorkflowAgent): WorkflowAgent {
  return {
    agent: { name: agent.name, version: agent.version },
    chain: chain.map(toWorkflowModel),
    ...(cheaperChain !== undefined && { cheaperChain: cheaperChain.map(toWorkflowModel) }),
    ...(whenNoModel !== undefined && { whenNoModel }),
    tools,
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

function mapValues<T, U>(of: Readonly<Record<string, T>>, change: (value: T) => U): Record<string, U> {
  return Object.fromEntries(Object.entries(of).map(([name, value]) => [name, change(value)]))
}
