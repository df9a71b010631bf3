import type { ApprovalRule, PlannedTool, Verdict } from '../../contracts/tools/tool.ts'

type Approval = PlannedTool['approval']

const STRICTNESS: readonly Verdict[] = ['allow', 'ask', 'deny']

/**
 * The tools that a sub-agent may use: those of its own that its parent's team has, too, with the stricter of both approval rules.
 * Handoffs and sub-agents are left out, so there is one level of sub-agents.
 */
export function narrowTools(
  own: readonly PlannedTool[],
  team: readonly PlannedTool[],
): readonly PlannedTool[] {
  return own.flatMap((tool) => {
    if (tool.execution === 'handoff' || tool.execution === 'child') return []
    const ofTeam = team.filter(({ name }) => name === tool.name)
    if (ofTeam.length === 0) return []
    return [{ ...tool, approval: ofTeam.map(({ approval }) => approval).reduce(stricter, tool.approval) }]
  })
}

/** Approval rules that give every call at least the stricter of both verdicts. */
export function stricter(one: Approval, other: Approval): Approval {
  if (JSON.stringify(one) === JSON.stringify(other)) return one
  const otherwise = strictest(one.otherwise, other.otherwise)
  // `otherwise` counts only where no rule matches: an allowing rule of one side would switch off the other side's `ask`, and an asking
  // rule its `deny`. So allowing rules are dropped, and `otherwise` becomes a rule that always matches.
  const rules: ApprovalRule[] = [...one.rules, ...other.rules].filter(({ verdict }) => verdict !== 'allow')
  if (otherwise !== 'allow') rules.push({ name: 'sub-agent', when: 'always', verdict: otherwise })
  return { rules, otherwise }
}

function strictest(one: Verdict, other: Verdict): Verdict {
  return STRICTNESS.indexOf(one) >= STRICTNESS.indexOf(other) ? one : other
}
