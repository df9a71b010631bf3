import {
  type Bounds,
  ESCALATION_CAUSES,
  ESCALATION_RULE,
  type RouteCondition,
} from '../../contracts/models/routing.ts'
import type { ModelsDefinition } from '../define/model-definition.ts'
import type { ClassifierDefinition, EscalationDefinition, RoutingRule } from '../define/routing-definition.ts'
import { providersOf } from '../models/providers.ts'
import { toRow } from '../models/resolve-models.ts'
import { ruleName } from '../models/resolve-routing.ts'
import { checkChoice, checkRow } from './check-models.ts'
import { checkFields, checkOneOf, isText, quoted } from './values.ts'

const NAME = /^[a-z0-9][a-z0-9_-]{0,63}$/
const LABEL = /^[A-Za-z0-9][A-Za-z0-9_-]{0,31}$/
const BOUNDED = ['inputCharacters', 'messages'] as const
const CONDITION = [
  ...BOUNDED,
  'thread',
  'tools',
  'metadata',
  'group',
  'tenant',
] as const satisfies (keyof RouteCondition)[]

/** Yields the problems of an agent's rules about its models. */
export function* checkRouting(
  where: string,
  rules: readonly RoutingRule[] | undefined,
  models: ModelsDefinition,
): Generator<string> {
  if (rules === undefined) return
  if (!Array.isArray(rules) || rules.length === 0) {
    yield `${where}: routing has no rule. Write routing: [{ when: { … }, models: … }], or drop it.`
    return
  }
  const names = new Set<string>()
  let always: string | null = null
  for (const [index, rule] of (rules as readonly unknown[]).entries()) {
    if (!isObject(rule)) {
      yield `${where}: routing[${index}] is not a rule. Write { when: { … }, models: … }.`
      continue
    }
    const name = ruleName(rule as unknown as RoutingRule, index)
    const place = `${where}, routing rule ${JSON.stringify(name)}`
    if (typeof name !== 'string' || !NAME.test(name)) {
      yield `${place}: the name is not one of a rule. Use lower-case letters, digits, dashes and underscores, such as "short-input".`
    }
    if (names.has(name)) yield `${place}: there are two rules of this name. Rename one.`
    names.add(name)
    if (name === ESCALATION_RULE) {
      yield `${place}: the product records escalations under this name. Choose another one.`
    }
    if (always !== null) {
      yield `${place}: it is never judged, since the rule ${JSON.stringify(always)} always decides. Move it up, or give that rule a condition.`
    }
    yield* checkRule(place, rule, models)
    if (rule['classifier'] !== undefined && rule['when'] === undefined) always ??= name
  }
}

/** Yields the problems of an agent's `escalate`. */
export function* checkEscalation(
  where: string,
  escalate: unknown,
  models: ModelsDefinition,
): Generator<string> {
  if (escalate === undefined) return
  if (!isObject(escalate)) {
    yield `${where}: escalate is ${JSON.stringify(escalate)}. Write { to: ["openai/gpt-5.5"], on: ["output_invalid"] }.`
    return
  }
  const { to, on } = escalate as unknown as Partial<EscalationDefinition>
  yield* checkFields(`${where}, escalate`, escalate, ['to', 'on'])
  if (to === undefined) yield `${where}: escalate does not say to which models. Name them in to.`
  else yield* checkChoice(`${where}, escalate`, to, models)
  if (!Array.isArray(on) || on.length === 0) {
    yield `${where}: escalate does not say on what. Name some of ${quoted(ESCALATION_CAUSES)} in on.`
    return
  }
  for (const cause of on) yield* checkOneOf(`${where}: escalate.on`, cause ?? null, ESCALATION_CAUSES)
}

function* checkRule(
  where: string,
  rule: Readonly<Record<string, unknown>>,
  models: ModelsDefinition,
): Generator<string> {
  const { when, classifier, models: choice } = rule as unknown as Partial<RoutingRule>
  yield* checkFields(where, rule, ['name', 'when', 'models', 'classifier'])
  if ((choice === undefined) === (classifier === undefined)) {
    yield `${where}: it has to say once where it leads. Give it models, or a classifier, and not both.`
  }
  if (choice !== undefined) yield* checkChoice(where, choice, models)
  if (classifier !== undefined) yield* checkClassifier(where, classifier, models)
  if (when !== undefined) yield* checkCondition(where, when)
  else if (choice !== undefined)
    yield `${where}: when is missing, and the rule would always hold. Give a condition, or put its models in place of the agent's.`
}

function* checkCondition(where: string, when: unknown): Generator<string> {
  if (!isObject(when) || Object.values(when).every((value) => value === undefined)) {
    yield `${where}: when is ${JSON.stringify(when)}. Give at least one condition, such as { inputCharacters: { below: 2_000 } }.`
    return
  }
  yield* checkFields(`${where}, when`, when, CONDITION)
  for (const name of BOUNDED) yield* checkBounds(`${where}: when.${name}`, when[name])
  yield* checkOneOf(`${where}: when.thread`, when['thread'], ['new', 'continued'])
  yield* checkOneOf(`${where}: when.tools`, when['tools'], ['none', 'any'])
  const { group, tenant, metadata } = when
  if (group !== undefined && !isText(group)) yield `${where}: when.group is not a group's name. Name one.`
  if (tenant !== undefined && !isTexts(tenant)) {
    yield `${where}: when.tenant is not a tenant's name. Name one, or several in a list.`
  }
  if (metadata === undefined) return
  if (!isObject(metadata) || Object.keys(metadata).length === 0 || !Object.values(metadata).every(isTexts)) {
    yield `${where}: when.metadata is ${JSON.stringify(metadata)}. Name the entries and their texts, such as { tier: "free" } or { tier: ["free", "trial"] }.`
  }
}

function* checkBounds(where: string, bounds: unknown): Generator<string> {
  if (bounds === undefined) return
  const { below, above } = (isObject(bounds) ? bounds : {}) as Bounds
  if (below === undefined && above === undefined) {
    yield `${where} is ${JSON.stringify(bounds)}. Say { below: 2_000 }, { above: 2_000 }, or both.`
    return
  }
  yield* checkFields(where, bounds as object, ['below', 'above'])
  const numbers = [below, above].filter((one) => one !== undefined)
  if (!numbers.every((one) => Number.isSafeInteger(one) && one >= 0)) {
    yield `${where} is ${JSON.stringify(bounds)}. Give whole numbers.`
  } else if ((below ?? Number.POSITIVE_INFINITY) - (above ?? -1) < 2) {
    yield `${where} is ${JSON.stringify(bounds)}, and no number is that. Change one of the two.`
  }
}

function* checkClassifier(
  where: string,
  classifier: ClassifierDefinition,
  models: ModelsDefinition,
): Generator<string> {
  if (!isObject(classifier)) {
    yield `${where}: the classifier is ${JSON.stringify(classifier)}. Write { model, question, labels }.`
    return
  }
  const { model, question, labels } = classifier
  yield* checkFields(`${where}, classifier`, classifier, ['model', 'question', 'labels'])
  yield* checkRow(`${where}: the classifier`, toRow(model), providersOf(models), true)
  if (!isText(question)) {
    yield `${where}: the classifier has no question. Say what the labels mean, such as "Is it easy or hard to answer?".`
  }
  const entries = Object.entries(isObject(labels) ? labels : {})
  if (entries.length < 2) {
    yield `${where}: the classifier has too few labels. Give at least two, such as { easy: …, hard: … }.`
  }
  const seen = new Set<string>()
  for (const [label, choice] of entries) {
    if (!LABEL.test(label)) {
      yield `${where}: the label ${JSON.stringify(label)} is not one word. Use up to 32 letters, digits, dashes and underscores.`
    }
    if (seen.has(label.toLowerCase())) {
      yield `${where}: the label ${JSON.stringify(label)} differs from another only in capitals. Rename one.`
    }
    seen.add(label.toLowerCase())
    yield* checkChoice(`${where}, label ${JSON.stringify(label)}`, choice, models)
  }
}

function isTexts(value: unknown): boolean {
  return isText(value) || (Array.isArray(value) && value.length > 0 && value.every(isText))
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
