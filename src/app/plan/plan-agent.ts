import type { AgentDefinition, SpecialistDefinition } from '../../agents/define-agent.ts'
import { findAgent, findSpecialist } from '../../agents/registry.ts'
import type { PlannedAgent } from '../../contracts/plan.ts'
import type { PlannedTool } from '../../contracts/tool.ts'
import { CHEAPER_CHAINS, MODEL_CHAINS } from '../../policies/models.ts'
import { TOOL_POLICY, type ToolName, type ToolRow } from '../../policies/tools.ts'

/** One agent's page, with the rows that it names. */
export function planAgent(page: AgentDefinition | SpecialistDefinition): PlannedAgent {
  return {
    agent: { name: page.name, version: page.version },
    prompt: page.prompt,
    chain: MODEL_CHAINS[page.tier],
    cheaperChain: CHEAPER_CHAINS[page.tier],
    degradedAnswer: page.degradedAnswer,
    ...(page.whenNoModel !== undefined && { whenNoModel: page.whenNoModel }),
    tools: page.tools.map(planTool),
  }
}

/** Everybody that a run which begins with `entry` can be handed to, however many hands it goes through. */
export function planTeam(entry: PlannedAgent): Record<string, PlannedAgent> {
  const team = new Map([[entry.agent.name, entry]])
  // A map is walked to its end though it grows meanwhile.
  for (const { tools } of team.values()) {
    for (const { execution, to } of tools) {
      if (execution === 'handoff' && to !== undefined && !team.has(to)) team.set(to, planAgent(pageOf(to)))
    }
  }
  team.delete(entry.agent.name)
  return Object.fromEntries(team)
}

function planTool(name: ToolName): PlannedTool {
  const row: ToolRow = TOOL_POLICY[name]
  return { name, ...row }
}

function pageOf(name: string): AgentDefinition | SpecialistDefinition {
  const page = findAgent(name) ?? findSpecialist(name)
  if (page === null) throw new Error(`A tool hands to an agent that does not exist: ${name}`)
  return page
}
