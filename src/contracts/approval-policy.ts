import type { Json, JsonObject } from './json.ts'
import type { ApprovalRule, Condition, PlannedTool, TightenedRule, Verdict } from './tool.ts'

/** What can be known of a call when its policy is asked. */
export interface KnownOfCall {
  /** null where they are too long for history. */
  readonly arguments: JsonObject | null
  readonly firstTime?: boolean
  /** What the tool has looked up; null where it is too long for history, absent for a tool without facts. */
  readonly facts?: JsonObject | null
}

export interface Judgement {
  readonly verdict: Verdict
  readonly rule: string
  /** Name of the terms on which a person is asked. */
  readonly terms: string
}

/**
 * What the policy says of a call: every rule that matches votes, deny beats ask beats allow, and `otherwise` speaks where
 * none matches. What can't be checked matches, so that it is asked about. Rules that came in later only make it stricter.
 */
export function judge(
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
  const value = 'fact' in when ? own(facts, when.fact) : own(args, when.argument)
  if ('above' in when) return typeof value !== 'number' || !(value <= when.above)
  return (
    typeof value !== 'string' || !when.outside.some((end) => value.toLowerCase().endsWith(end.toLowerCase()))
  )
}

/** What an object has of every object's prototype is no argument and no fact. */
function own(members: JsonObject | null | undefined, name: string): Json | undefined {
  return members && Object.hasOwn(members, name) ? members[name] : undefined
}
