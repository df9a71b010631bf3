import type { ApprovalTerms } from '../contracts/approval.ts'
import type { RunPlan } from '../contracts/plan.ts'
import type { ApprovalRule, PlannedTool } from '../contracts/tool.ts'
import { APPROVAL_TERMS } from '../policies/approvals.ts'
import { RUN_LIMITS } from '../policies/limits.ts'
import { MODEL_CHAINS } from '../policies/models.ts'
import { TOOL_POLICY, type ToolName } from '../policies/tools.ts'
import type { AgentName } from './define-agent.ts'
import { AGENTS } from './registry.ts'

export interface PlanOverrides {
  /** In place of the agent's own deadline. */
  readonly deadlineMs?: number
}

/** Everything a run needs to know about its agent, copied out of the tables as they stand now. */
export function resolvePlan(agentName: AgentName, overrides: PlanOverrides = {}): RunPlan {
  const agent = AGENTS[agentName]
  const limits = RUN_LIMITS[agentName]
  return {
    format: 2,
    agent: { name: agent.name, version: agent.version },
    prompt: agent.prompt,
    chain: MODEL_CHAINS[agent.tier],
    degradedAnswer: agent.degradedAnswer,
    tools: agent.tools.map(planTool),
    approvalTerms: termsFor(agent.tools),
    limits: { ...limits, deadlineMs: overrides.deadlineMs ?? limits.deadlineMs },
  }
}

function planTool(name: ToolName): PlannedTool {
  const { effect, idempotency, execution, timeoutMs, attempts, approval } = TOOL_POLICY[name]
  return { name, effect, idempotency, execution, timeoutMs, attempts, approval }
}

/** The terms that these tools' rules name, and `standard`. */
function termsFor(names: readonly ToolName[]): RunPlan['approvalTerms'] {
  const rules: readonly ApprovalRule[] = names.flatMap((name) => TOOL_POLICY[name].approval.rules)
  const named = rules.flatMap(({ terms }) => (terms === undefined ? [] : [terms]))
  const { standard } = APPROVAL_TERMS
  return { ...Object.fromEntries(named.map((name) => [name, requireTerms(name)])), standard }
}

function requireTerms(name: string): ApprovalTerms {
  const terms = (APPROVAL_TERMS as Record<string, ApprovalTerms>)[name]
  if (terms === undefined) throw new Error(`A tool's rule names terms that do not exist: ${name}`)
  return terms
}
