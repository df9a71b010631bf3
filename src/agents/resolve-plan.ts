import type { RunPlan } from '../contracts/plan.ts'
import type { PlannedTool } from '../contracts/tool.ts'
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
    format: 1,
    agent: { name: agent.name, version: agent.version },
    prompt: agent.prompt,
    chain: MODEL_CHAINS[agent.tier],
    degradedAnswer: agent.degradedAnswer,
    tools: agent.tools.map(planTool),
    limits: { ...limits, deadlineMs: overrides.deadlineMs ?? limits.deadlineMs },
  }
}

function planTool(name: ToolName): PlannedTool {
  const { effect, idempotency, execution, timeoutMs, attempts, approval } = TOOL_POLICY[name]
  return { name, effect, idempotency, execution, timeoutMs, attempts, approval }
}
