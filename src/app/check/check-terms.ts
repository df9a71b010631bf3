import { type ApprovalTerms, DECISIONS } from '../../contracts/approvals/approval.ts'
import { MOST_NAME_CHARACTERS } from '../../policies/agent-defaults.ts'
import type { AnyAppDefinition } from '../define/app-definition.ts'
import { resolveTerms } from '../plan/resolve-terms.ts'
import { checkFields, checkName, checkOneOf, checkPositive, isText } from './values.ts'

const FIELDS = [
  'approvers',
  'quorum',
  'excludeRequester',
  'rejection',
  'decisions',
  'timeoutMs',
  'onTimeout',
  'escalation',
  'remindEveryMs',
] as const satisfies readonly (keyof ApprovalTerms)[]

/** Decisions in one person's own words: several people cannot agree on them. */
const OF_ONE_PERSON = ['edit', 'respond'] as const

export function* checkTerms({ approvalTerms = {} }: AnyAppDefinition): Generator<string> {
  const resolved = resolveTerms(approvalTerms)
  for (const [name, definition] of Object.entries(approvalTerms)) {
    const where = `approvalTerms "${name}"`
    yield* checkName(where, name, MOST_NAME_CHARACTERS)
    yield* checkFields(where, definition, FIELDS)
    const terms = resolved[name] ?? resolved.standard
    yield* checkPeople(where, terms)
    yield* checkTimes(where, terms)
  }
}

function* checkPeople(where: string, terms: ApprovalTerms): Generator<string> {
  const { approvers, quorum, decisions } = terms
  if (!isListOfGroups(approvers)) {
    yield `${where}: approvers is not a list of groups, each once. Give names such as ["finance"], or leave it out for everybody who may decide.`
  }
  yield* checkPositive(`${where}: `, terms, ['quorum'])
  yield* checkOneOf(`${where}: rejection`, terms.rejection, ['ends', 'votes'])
  if (typeof terms.excludeRequester !== 'boolean') {
    yield `${where}: excludeRequester is ${JSON.stringify(terms.excludeRequester)}. Say true or false.`
  }
  if (!Array.isArray(decisions)) {
    yield `${where}: decisions is not a list. Give some of ${DECISIONS.join(', ')}.`
    return
  }
  for (const decision of decisions) yield* checkOneOf(`${where}: a decision`, decision, DECISIONS)
  if (!decisions.includes('approve')) {
    yield `${where}: nobody can approve, so that the call could never be made. Add "approve" to decisions.`
  }
  if (!decisions.includes('reject')) {
    yield `${where}: nobody can reject. Add "reject" to decisions.`
  }
  const alone = OF_ONE_PERSON.filter((decision) => decisions.includes(decision))
  if (quorum > 1 && alone.length > 0) {
    yield `${where}: ${quorum} people cannot agree on ${alone.join(' or ')}, which are one person's words. Leave them out of decisions, or say quorum: 1.`
  }
}

function* checkTimes(where: string, terms: ApprovalTerms): Generator<string> {
  const { timeoutMs, onTimeout, escalation, approvers, remindEveryMs } = terms
  yield* checkPositive(`${where}: `, terms, ['timeoutMs'])
  if (!Number.isSafeInteger(remindEveryMs) || remindEveryMs < 0) {
    yield `${where}: remindEveryMs is ${String(remindEveryMs)}. Give a whole number, or 0 for no reminders.`
  }
  yield* checkOneOf(`${where}: onTimeout`, onTimeout, ['reject', 'escalate', 'fail'])
  if (!Array.isArray(escalation)) {
    yield `${where}: escalation is not a list. Give steps such as { afterMs: 3_600_000, to: ["managers"] }.`
    return
  }
  if (onTimeout === 'escalate' && escalation.length === 0) {
    yield `${where}: onTimeout is "escalate", and there is nobody to escalate to. Add a step to escalation, or say "reject".`
  }
  if (escalation.length > 0 && approvers.length === 0) {
    yield `${where}: everybody may decide already, so that escalation changes nothing. Name approvers, or drop escalation.`
  }
  let before = 0
  for (const [index, { afterMs, to }] of escalation.entries()) {
    const step = `${where}, escalation[${index}]`
    yield* checkPositive(`${step}: `, { afterMs }, ['afterMs'])
    if (afterMs <= before && index > 0)
      yield `${step}: it comes no later than the step before. Order the steps by afterMs.`
    if (afterMs >= timeoutMs && onTimeout !== 'escalate') {
      yield `${step}: time is out by then, after ${timeoutMs} ms. Say less, or onTimeout: "escalate".`
    }
    if (!isListOfGroups(to) || to.length === 0)
      yield `${step}: to is not a list of groups. Name one, such as ["managers"].`
    before = afterMs
  }
}

function isListOfGroups(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every(isText) && new Set(value).size === value.length
}
