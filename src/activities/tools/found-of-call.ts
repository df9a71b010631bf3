import type { Approvers } from '../../contracts/approvals/approval.ts'
import { isDeeperThan, isJsonObject, type Json, type JsonObject } from '../../contracts/json.ts'
import type { FoundOfCall } from '../../contracts/tools/look-up.ts'
import type { PlannedTool } from '../../contracts/tools/tool.ts'
import { SIZES } from '../../policies/limits.ts'
import { decisionSha256 } from '../../security/decision-sha256.ts'
import { storableCopy } from '../../store/database/postgres-text.ts'
import type { LookUp } from '../../store/tools/look-ups.ts'
import { inlineInHistory } from '../inline-in-history.ts'

/**
 * The facts that the tool's approval rules look at; null where they are too long for history. Workflow and store both apply the rules
 * to these, so that they come to the same verdict.
 */
export function factsOfRules(
  { approval }: Pick<PlannedTool, 'approval'>,
  facts: JsonObject,
): JsonObject | null {
  const names = new Set(
    approval.rules.flatMap(({ when }) => (typeof when === 'object' && 'fact' in when ? [when.fact] : [])),
  )
  const seen = Object.fromEntries(Object.entries(facts).filter(([name]) => names.has(name)))
  return inlineInHistory(seen)
}

/** The stored facts and approvers of a call, as the workflow gets them. */
export function foundOf(
  tool: Pick<PlannedTool, 'approval'>,
  args: JsonObject,
  { facts, approvers }: Pick<LookUp, 'facts' | 'approvers'>,
): FoundOfCall {
  return {
    facts: facts && factsOfRules(tool, facts),
    decisionSha256: decisionSha256(args, facts),
    ...(approvers && { approvers }),
  }
}

/**
 * A tool's facts, in the form that the store keeps.
 *
 * @returns null where they are too large or too deep
 * @throws TypeError where they are no JSON object
 */
export function readFacts(value: unknown): JsonObject | null {
  const copy = copyOf(value)
  if (!isJsonObject(copy)) throw new TypeError('Facts are a JSON object.')
  const isSmall = Buffer.byteLength(JSON.stringify(copy)) <= SIZES.maxFactsBytes
  return isSmall && !isDeeperThan(copy, SIZES.maxFactsDepth) ? copy : null
}

/**
 * A tool's approvers, in the form that the store keeps.
 *
 * @throws TypeError for anything but lists of names. If a manager who was not found counted as "nobody named", everybody could approve.
 */
export function readApprovers(value: unknown): Approvers {
  const copy = copyOf(value)
  if (!isJsonObject(copy)) throw new TypeError('Approvers are an object with `principals` or `groups`.')
  const { principals = [], groups = [], ...others } = copy
  const [other] = Object.keys(others)
  if (other !== undefined) throw new TypeError(`Approvers have no member \`${other}\`.`)
  return { principals: readNames('principals', principals), groups: readNames('groups', groups) }
}

function readNames(member: string, names: Json): string[] {
  const isName = (name: Json): name is string =>
    typeof name === 'string' && name.length > 0 && name.length <= SIZES.maxNameCharacters
  if (!Array.isArray(names) || !names.every(isName) || names.length > SIZES.maxNamedApprovers)
    throw new TypeError(`\`${member}\` of approvers is a list of at most ${SIZES.maxNamedApprovers} names.`)
  return [...new Set<string>(names)]
}

function copyOf(value: unknown): Json {
  if (value === undefined) throw new TypeError('A look-up must return something.')
  return storableCopy(value)
}
