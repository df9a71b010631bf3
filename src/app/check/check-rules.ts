import type { Verdict } from '../../contracts/tools/tool.ts'
import type { AnyRule, AnyWhen } from '../define/approval-definition.ts'
import type { AnyTool } from '../define/tool-definition.ts'
import type { ArgumentSchema, InputSchema } from './check-input.ts'
import { checkFields, checkOneOf, thereAre } from './values.ts'

const VERDICTS: readonly Verdict[] = ['allow', 'ask', 'deny']
const RULE_NAME = /^[a-z0-9][a-z0-9_-]{0,63}$/
/** Names that the product records in place of a rule's. */
const RESERVED_RULES = ['otherwise', 'tightened', 'sub-agent']

/** Yields the problems of a tool's approval rules. @param input null where the input has a problem of its own, which `checkInput` yields */
export function* checkRules(where: string, tool: AnyTool, input: InputSchema | null): Generator<string> {
  const { approval, effect, handlers } = tool
  const rules = approval?.rules ?? []
  const otherwise = approval?.otherwise ?? 'allow'
  yield* checkFields(`${where}, approval`, approval, ['rules', 'otherwise'])
  yield* checkOneOf(`${where}: approval.otherwise`, otherwise, VERDICTS)
  for (const rule of rules) {
    const place = `${where}, rule "${rule.name}"`
    yield* checkRule(place, rule)
    yield* checkWhen(place, rule.when, tool, input)
    yield* checkEffect(place, rule, rules, otherwise)
  }
  const asks = [...rules.map(({ verdict }) => verdict), otherwise].some((verdict) => verdict === 'ask')
  const denies = otherwise === 'deny' || rules.some(({ verdict }) => verdict === 'deny')
  if (effect === 'irreversible' && !asks && !denies) {
    yield `${where}: it cannot be undone, and nobody is asked. Add a rule with the verdict "ask" or "deny", or say otherwise: "ask".`
  }
  if (handlers.approvers !== undefined && !asks) {
    yield `${where}: approvers says who decides, but no rule asks anybody. Add a rule with the verdict "ask", or drop approvers.`
  }
}

function* checkRule(where: string, { name, verdict, terms }: AnyRule): Generator<string> {
  if (typeof name !== 'string' || !RULE_NAME.test(name)) {
    yield `${where}: the name is not one of a rule. Use lower-case letters, digits, dashes and underscores, such as "credit-above-50".`
  } else if (RESERVED_RULES.includes(name)) {
    yield `${where}: the product records its own decisions under this name. Choose another one.`
  }
  yield* checkOneOf(`${where}: verdict`, verdict ?? null, VERDICTS)
  if (terms !== undefined && verdict !== 'ask') {
    yield `${where}: terms say how a person is asked, and the rule asks nobody. Drop them, or say verdict: "ask".`
  }
}

function* checkWhen(
  where: string,
  when: AnyWhen,
  { handlers }: AnyTool,
  input: InputSchema | null,
): Generator<string> {
  if (when === 'always') return
  if (typeof when !== 'object' || when === null) {
    yield `${where}: when is ${JSON.stringify(when)}. Say "always", { argument, above }, { argument, outside }, { fact, … } or { firstTime: true }.`
    return
  }
  if ('firstTime' in when) return
  yield* checkBounds(where, when)
  if ('fact' in when) {
    if (handlers.facts !== undefined) return
    yield `${where}: it looks at the fact "${when.fact}", and the tool has no facts. Add facts, or a rule about an argument.`
  } else if (input !== null) yield* checkArgument(where, when, input)
}

function* checkBounds(
  where: string,
  when: Exclude<AnyWhen, 'always' | { firstTime: true }>,
): Generator<string> {
  if ('above' in when && !Number.isFinite(when.above)) {
    yield `${where}: above is ${JSON.stringify(when.above)}. Give a number.`
  }
  if ('outside' in when && !(Array.isArray(when.outside) && when.outside.every(isEnding))) {
    yield `${where}: outside is not a list of endings. Give some, such as ["@example.com"].`
  } else if ('outside' in when && when.outside.length === 0) {
    yield `${where}: outside is empty, so that the rule always matches. Give endings, or say when: "always".`
  }
}

function* checkArgument(
  where: string,
  when: Extract<AnyWhen, { argument: string }>,
  { properties, required }: InputSchema,
): Generator<string> {
  const name = when.argument
  const schema = Object.hasOwn(properties, name) ? properties[name] : undefined
  if (schema === undefined) {
    yield `${where}: it is about the argument "${name}", which the input does not have. ${thereAre(Object.keys(properties))}.`
    return
  }
  if (!required.includes(name)) {
    yield `${where}: the model may leave out the argument "${name}", and then the rule matches. Make it required.`
  }
  if ('above' in when ? !isNumber(schema) : schema.type !== 'string') {
    const kind = 'above' in when ? 'a number' : 'text'
    yield `${where}: the argument "${name}" is not always ${kind}, which the rule needs. Make it ${kind}, or change the rule.`
  } else if (neverMatches(when, schema)) {
    yield `${where}: it can never match, since the input lets through no such "${name}". Change the rule or the input.`
  }
}

function neverMatches(
  when: Extract<AnyWhen, { argument: string }>,
  { maximum, exclusiveMaximum, enum: values, const: only }: ArgumentSchema,
): boolean {
  if ('above' in when) return when.above >= Math.min(maximum ?? Infinity, exclusiveMaximum ?? Infinity)
  const possible = values ?? (only === undefined ? undefined : [only])
  return possible?.every((value) => when.outside.some((end) => String(value).endsWith(end))) ?? false
}

/** Yields a rule that has no effect: another one that always matches beats it, or it allows what `otherwise` allows. */
function* checkEffect(
  where: string,
  rule: AnyRule,
  rules: readonly AnyRule[],
  otherwise: Verdict,
): Generator<string> {
  const beats = rules.find(
    ({ when, verdict }) => when === 'always' && VERDICTS.indexOf(verdict) > VERDICTS.indexOf(rule.verdict),
  )
  if (beats !== undefined) {
    yield `${where}: it can never ${rule.verdict}, since the rule "${beats.name}" always says ${beats.verdict}. Drop one of the two.`
  } else if (rule.verdict === 'allow' && otherwise === 'allow') {
    yield `${where}: it allows what is allowed otherwise as well. Drop it, or say otherwise: "ask".`
  }
}

function isNumber({ type }: ArgumentSchema): boolean {
  return type === 'number' || type === 'integer'
}

function isEnding(value: unknown): boolean {
  return typeof value === 'string' && value !== ''
}
