import type { BudgetLimit, HopBudget, RunSpent } from '../budgets/budget.ts'
import type { ErrorCode } from '../error-codes.ts'
import type { RunIdentity } from '../runs/run.ts'
import type { PlannedModel } from './model.ts'
import type { CallUsage } from './usage.ts'

/*
 * Routing: which chain of models an agent has in a run. It is decided once for each agent that gets the run, before its first model call
 * there: a conversation that changes its model on the way loses what the provider has cached of it.
 */

/** A number that has to be below the one, above the other, or between both. */
export interface Bounds {
  readonly below?: number
  readonly above?: number
}

/** What has to hold when the agent gets the run. Where several fields are there, all of them have to hold. */
export interface RouteCondition {
  /** Characters of all that people, or a parent's run, have written in the run. */
  readonly inputCharacters?: Bounds
  /** Messages of the transcript: people's, models' and tools'. */
  readonly messages?: Bounds
  /** `continued`: a model has answered in the run before, as when another agent hands the run on. */
  readonly thread?: 'new' | 'continued'
  /** Whether the agent has tools in this run: a sub-agent has only those that its parent's agents have, too. */
  readonly tools?: 'none' | 'any'
  /** Entries of the run's metadata, which the caller has set; a sub-agent goes by its parent's. A list means any of these values. */
  readonly metadata?: { readonly [name: string]: string | readonly string[] }
  /** A group of the principal. */
  readonly group?: string
  /** A tenant, or any of several. */
  readonly tenant?: string | readonly string[]
}

/** Chains that an agent has in place of its own. Without a cheaper chain, the agent's own cheaper chain stays. */
export interface PlannedRoute<M = PlannedModel> {
  readonly chain: readonly M[]
  readonly cheaperChain?: readonly M[]
}

/** A model that sorts what the run is about into one of several labels. */
export interface PlannedClassifier {
  readonly model: PlannedModel
  readonly question: string
  /** The route of each label, as its place in the agent's `routes`. */
  readonly labels: { readonly [label: string]: number }
}

/** The first rule that holds decides. A classifier's rule decides as soon as its condition holds: by a label, or for the agent's own chain. */
export type PlannedRule = { readonly name: string; readonly when?: RouteCondition } & (
  | { readonly route: number }
  | { readonly classifier: PlannedClassifier }
)

/** What may be wrong with an answer so that stronger models are asked. `wrong_calls`: none of its tool calls can be made. */
export const ESCALATION_CAUSES = ['output_invalid', 'cut_off', 'refusal', 'wrong_calls'] as const
export type EscalationCause = (typeof ESCALATION_CAUSES)[number]

/** The name of the rule that an escalation is recorded under. */
export const ESCALATION_RULE = 'escalation'

/** The route that an agent has for the rest of the run, once an answer of its other models cannot be used. */
export interface PlannedEscalation {
  /** Place in the agent's `routes`. */
  readonly route: number
  readonly on: readonly EscalationCause[]
}

export interface ChooseRouteInput {
  readonly run: RunIdentity
  /** The step that the agent begins with. */
  readonly step: number
  /** Transcript position of its first answer; what stands before it is looked at. */
  readonly seq: number
  readonly agent: string
  /** Ids of messages added while the run went on that the agent's first call will place. */
  readonly inbox?: readonly string[]
  /** Set where an answer could not be used: the agent's stronger models are asked, whatever its rules say. */
  readonly cause?: EscalationCause
  /** For the classifier's call; absent where the run has no budget. */
  readonly budget?: HopBudget
}

/** The classifier's call, as it ended. Without a label the agent's own chain is used. */
export interface ClassifierCall {
  readonly model: string
  readonly label?: string
  /** Why there is no label. `asked_before`: an earlier attempt has asked, and its answer was lost. */
  readonly problem?: ErrorCode | BudgetLimit | 'kill_switch' | 'no_label' | 'asked_before'
  /** Absent where no provider was asked, or where nobody knows what it counted. */
  readonly usage?: CallUsage
  readonly costMicroUsd?: number | null
}

/** Which chain an agent has in a run, and why. */
export interface RouteChoice {
  /** Place in the agent's `routes`; null for its own chain. */
  readonly route: number | null
  /** The rule that decided; null where none held. */
  readonly rule: string | null
  /** Why the agent's stronger models are asked; its rule is `escalation` then. */
  readonly cause?: EscalationCause
  readonly classifier?: ClassifierCall
}

/** A choice as the workflow gets it, with the run's totals where the run has a budget. */
export interface ChosenRoute extends RouteChoice {
  readonly spent?: RunSpent
}
