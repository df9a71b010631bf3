import type { Json, JsonObject } from '../json.ts'
import type { ApprovalRule, Condition, PlannedTool, TightenedRule, Verdict } from '../tools/tool.ts'

/** The parts of a call that rules look at. */
export interface KnownOfCall {
  /** null where they are too long for history. */
  readonly arguments: JsonObject | null
  readonly firstTime?: boolean
  /** Facts that the tool has looked up; null where they are too long for history, absent for a tool without facts. */
  readonly facts?: JsonObject | null
}

export interface Judgement {
  readonly verdict: Verdict
  readonly rule: string
  /** Name of the terms on which a person is asked. */
  readonly terms: string
}

/**
 * The policy's verdict on a call: the strictest of all rules that match, deny before ask before allow; `otherwise` where no rule matches.
 * A rule whose argument or fact can't be checked matches, so that a person is asked. Rules that were added later only make the verdict
 * stricter.
 */
export function applyPolicy(
  { name, approval }: Pick<PlannedTool, 'name' | 'approval'>,
  known: KnownOfCall,
  tightened: readonly TightenedRule[],
): Judgement {
  const rules: readonly ApprovalRule[] = [
    ...approval.rules,
    ...tightened
      .filter(({ tool }) => tool === name || tool === '*')
      .map(({ verdict }) => ({ name: 'tightened', when: 'always' as const, verdict })),
  ]
  const matching = rules.filter(({ when }) => matches(when, known))
  for (const verdict of ['deny', 'ask', 'allow'] as const) {
    const rule = matching.find((candidate) => candidate.verdict === verdict)
    if (rule) return { verdict, rule: rule.name, terms: rule.terms ?? 'standard' }
  }
  return { verdict: approval.otherwise, rule: 'otherwise', terms: 'standard' }
}

function matches(when: Condition, { arguments: args, firstTime, facts }: KnownOfCall): boolean {
  if (when === 'always') return true
  if ('firstTime' in when) return firstTime !== false
  const value = 'fact' in when ? ownMember(facts, when.fact) : ownMember(args, when.argument)
  if ('above' in when) return typeof value !== 'number' || !(value <= when.above)
  return (
    typeof value !== 'string' || !when.outside.some((end) => value.toLowerCase().endsWith(end.toLowerCase()))
  )
}

/** A member of the object itself: members of its prototype are no arguments and no facts. */
function ownMember(members: JsonObject | null | undefined, name: string): Json | undefined {
  return members && Object.hasOwn(members, name) ? members[name] : undefined
}
