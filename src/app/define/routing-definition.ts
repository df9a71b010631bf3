import type { EscalationCause, RouteCondition } from '../../contracts/models/routing.ts'
import type { ModelChoice, ModelName, ModelRow } from './model-definition.ts'

/** A cheap model that sorts what somebody has written. Its own price counts in the run's budget. */
export interface ClassifierDefinition {
  readonly model: ModelName | ModelRow
  /** What the labels mean, and how to choose: `'Does the customer need an engineer, or is it small talk?'`. */
  readonly question: string
  /** The models for each label. An answer that is none of the labels leads to the agent's own `models`. */
  readonly labels: { readonly [label: string]: ModelChoice }
}

interface NamedRule {
  /** Shown in events. `rule-1`, by its place, where it is left out. */
  readonly name?: string
}

interface DeclaredRule extends NamedRule {
  readonly when: RouteCondition
  readonly models: ModelChoice
  readonly classifier?: never
}

interface ClassifierRule extends NamedRule {
  /** When the classifier is asked; always, where it is left out. */
  readonly when?: RouteCondition
  readonly classifier: ClassifierDefinition
  readonly models?: never
}

/**
 * A rule about the models of an agent.
 *
 * @example
 * routing: [
 *   { name: 'free', when: { metadata: { tier: 'free' } }, models: ['openai/gpt-5.4-mini'] },
 *   { name: 'short', when: { inputCharacters: { below: 500 }, thread: 'new' }, models: 'small' },
 *   {
 *     classifier: {
 *       model: 'openai/gpt-5.4-nano',
 *       question: 'Is it easy or hard to answer?',
 *       labels: { easy: 'small', hard: 'large' },
 *     },
 *   },
 * ]
 */
export type RoutingRule = DeclaredRule | ClassifierRule

/**
 * Stronger models, for the rest of the run, once an answer cannot be used.
 *
 * @example
 * escalate: { to: ['openai/gpt-5.5'], on: ['output_invalid', 'wrong_calls'] }
 */
export interface EscalationDefinition {
  readonly to: ModelChoice
  readonly on: readonly EscalationCause[]
}
