import type { PlannedAgent, RunPlan } from '../../../../src/contracts/runs/plan.ts'
import type { ApprovalRule, Condition, PlannedTool } from '../../../../src/contracts/tools/tool.ts'
import type { Random } from '../random.ts'

/** The plan, now and then with tools that look something up of their calls, and rules about what they find. */
export function withLookUps(random: Random, plan: RunPlan): RunPlan {
  if (random.chance(0.6)) return plan
  const changed = new Map<string, PlannedTool>()
  // A tool is the same to all of the team.
  const change = (tool: PlannedTool): PlannedTool => {
    const known = changed.get(tool.name) ?? lookingUp(random, tool)
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
  }
}

/** What the run carries out itself has nobody who could look anything up. */
function lookingUp(random: Random, tool: PlannedTool): PlannedTool {
  if (tool.to !== undefined) return tool
  const facts = random.chance(0.6)
  const rules = facts ? Array.from({ length: random.below(3) }, (_, place) => randomRule(random, place)) : []
  return {
    ...tool,
    approval: { ...tool.approval, rules: [...tool.approval.rules.slice(random.below(2)), ...rules] },
    ...(facts && { facts: true as const }),
    ...(random.chance(0.5) && { approvers: true as const }),
  }
}

function randomRule(random: Random, place: number): ApprovalRule {
  return {
    name: `fact-${place}`,
    when: randomCondition(random),
    verdict: random.pick(['allow', 'ask', 'ask', 'deny'] as const),
    ...(random.chance(0.3) && { terms: 'other' }),
  }
}

function randomCondition(random: Random): Condition {
  return random.chance(0.7) ? { fact: 'eur', above: random.below(100) } : { fact: 'site', outside: ['.ours'] }
}
