import type { Bounds, PlannedRule, RouteCondition } from '../../../contracts/models/routing.ts'
import type { RouteFacts } from '../../../store/models/route-facts.ts'

/** What conditions are held against. */
export interface RouteSubject extends Omit<RouteFacts, 'stored' | 'lastInput'> {
  readonly tenant: string
  readonly groups: readonly string[]
  /** How many tools the agent has in the run. */
  readonly tools: number
}

/** The first rule that holds; null where none does. */
export function firstRuleThatHolds(rules: readonly PlannedRule[], subject: RouteSubject): PlannedRule | null {
  return rules.find(({ when }) => when === undefined || holds(when, subject)) ?? null
}

function holds(when: RouteCondition, subject: RouteSubject): boolean {
  const { inputCharacters, messages, thread, tools, metadata, group, tenant } = when
  return (
    isWithin(inputCharacters, subject.inputCharacters) &&
    isWithin(messages, subject.messages) &&
    (thread === undefined || (thread === 'continued') === subject.isContinued) &&
    (tools === undefined || (tools === 'any') === subject.tools > 0) &&
    Object.entries(metadata ?? {}).every(([name, texts]) => isOneOf(texts, subject.metadata[name])) &&
    (group === undefined || subject.groups.includes(group)) &&
    (tenant === undefined || isOneOf(tenant, subject.tenant))
  )
}

function isWithin(bounds: Bounds | undefined, value: number): boolean {
  const { below = Number.POSITIVE_INFINITY, above = Number.NEGATIVE_INFINITY } = bounds ?? {}
  return value < below && value > above
}

function isOneOf(texts: string | readonly string[], value: unknown): boolean {
  return typeof value === 'string' && (typeof texts === 'string' ? texts === value : texts.includes(value))
}
