import type { Requires } from '../../../../src/contracts/access/entitlement.ts'
import type { PlannedAgent, RunPlan } from '../../../../src/contracts/runs/plan.ts'
import type { PlannedTool } from '../../../../src/contracts/tools/tool.ts'
import type { Random } from '../random.ts'

const SCOPES = ['tools:a', 'tools:b'] as const
const GROUPS = ['x', 'y'] as const

/** The plan, now and then with tools that demand something of the caller, who may have it. */
export function withDemands(random: Random, plan: RunPlan): RunPlan {
  if (random.chance(0.7)) return plan
  const changed = new Map<string, PlannedTool>()
  // A tool is the same to all of the team.
  const change = (tool: PlannedTool): PlannedTool => {
    const known =
      changed.get(tool.name) ?? (random.chance(0.5) ? { ...tool, requires: demands(random) } : tool)
    changed.set(tool.name, known)
    return known
  }
  const all = <A extends PlannedAgent>(agent: A): A => ({ ...agent, tools: agent.tools.map(change) })
  const { specialists } = plan
  return {
    ...all(plan),
    ...(specialists !== undefined && {
      specialists: Object.fromEntries(Object.entries(specialists).map(([name, one]) => [name, all(one)])),
    }),
    caller: {
      groups: GROUPS.filter(() => random.chance(0.5)),
      scopes: random.chance(0.1) ? ['tools:*'] : SCOPES.filter(() => random.chance(0.5)),
    },
  }
}

function demands(random: Random): Requires {
  const scopes = SCOPES.filter(() => random.chance(0.4))
  return {
    ...(scopes.length > 0 && { scopes }),
    ...(random.chance(0.4) && { groups: random.chance(0.5) ? GROUPS : [random.pick(GROUPS)] }),
  }
}
