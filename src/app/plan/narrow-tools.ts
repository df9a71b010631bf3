import type { ApprovalRule, PlannedTool, Verdict } from '../../contracts/tool.ts'

type Approval = PlannedTool['approval']

const STRICTNESS: readonly Verdict[] = ['allow', 'ask', 'deny']

/**
 * What a sub-agent may use: of its own tools those that its parent's team has too, on the stricter of both terms. A tool that
 * hands the conversation on or starts somebody is left out, so there is one level of sub-agents.
 */
export function narrowTools(
  own: readonly PlannedTool[],
  team: readonly PlannedTool[],
): readonly PlannedTool[] {
  return own.flatMap((tool) => {
    if (tool.execution === 'handoff' || tool.execution === 'child') return []
    const theirs = team.filter(({ name }) => name === tool.name)
    if (theirs.length === 0) return []
    const approval = theirs.reduce((mine, { approval }) => stricter(mine, approval), tool.approval)
    return [{ ...tool, approval }]
  })
}

/** Gives every call at least the verdict that either would. */
export function stricter(one: Approval, other: Approval): Approval {
  if (JSON.stringify(one) === JSON.stringify(other)) return one
  const otherwise = strictest(one.otherwise, other.otherwise)
  // A rule that allows would keep the other side's `otherwise` from its say; one that asks would keep a `deny` from it.
  const rules: ApprovalRule[] = [...one.rules, ...other.rules].filter(({ verdict }) => verdict !== 'allow')
  if (otherwise !== 'allow') rules.push({ name: 'sub-agent', when: 'always', verdict: otherwise })
  return { rules, otherwise }
}

function strictest(one: Verdict, other: Verdict): Verdict {
  return STRICTNESS.indexOf(one) >= STRICTNESS.indexOf(other) ? one : other
}
