import type { JsonObject } from './json.ts'

/**
 * What a call does to the world: nothing (`read`), something that can be taken back (`write`), or something that can't
 * (`irreversible`).
 */
export const EFFECTS = ['read', 'write', 'irreversible'] as const
export type Effect = (typeof EFFECTS)[number]

export type Verdict = 'allow' | 'ask' | 'deny'

/**
 * When a rule matches. What can't be checked matches: an argument or a fact that is missing, of another type, or too long for
 * history.
 *
 * - `above`: the argument, or the fact, is a number above it
 * - `outside`: the argument, or the fact, is text that ends with none of these (an address outside the company's domains)
 * - `firstTime`: the run's principal has not had this tool succeed before
 */
export type Condition =
  | 'always'
  | { readonly argument: string; readonly above: number }
  | { readonly argument: string; readonly outside: readonly string[] }
  | { readonly fact: string; readonly above: number }
  | { readonly fact: string; readonly outside: readonly string[] }
  | { readonly firstTime: true }

/** One rule of a tool's approval policy; `name` is recorded with every decision it takes. */
export interface ApprovalRule {
  readonly name: string
  readonly when: Condition
  readonly verdict: Verdict
  /** Name of the terms on which a person is asked; `standard` where it says none. */
  readonly terms?: string
}

/** A rule that came in while the run went on; it can only be stricter than the plan. */
export interface TightenedRule {
  readonly tool: string
  readonly verdict: Exclude<Verdict, 'allow'>
}

/** A tool as a run pinned it at its start. */
export interface PlannedTool {
  readonly name: string
  readonly effect: Effect
  /** `key`: the tool does a repeated call key once. `none`: it may not be called again once a call may have begun. */
  readonly idempotency: 'key' | 'none'
  /**
   * `local` runs inside the workflow task: for tools that only read and answer within a second. `handoff` gives the run to the
   * specialist `to` names; `child` runs the sub-agent `to` names as a workflow of its own.
   */
  readonly execution: 'activity' | 'local' | 'handoff' | 'child'
  /** Name of a specialist or sub-agent of the plan; only with those two. */
  readonly to?: string
  /** One try. */
  readonly timeoutMs: number
  /** Tries that the tool itself fails, the last one included. */
  readonly attempts: number
  /** Every rule that matches votes; deny beats ask beats allow; `otherwise` where none matches. */
  readonly approval: { readonly rules: readonly ApprovalRule[]; readonly otherwise: Verdict }
  /** The tool looks up facts of a call before its rules are asked. */
  readonly facts?: true
  /** The tool says who may decide about a call, where a person is asked. */
  readonly approvers?: true
}

/** What a call needs to know of its tool. 0.2.0 left out the time and the tries. */
export type CalledTool = Pick<PlannedTool, 'name' | 'effect' | 'idempotency'> &
  Partial<Pick<PlannedTool, 'timeoutMs' | 'attempts'>>

/** A tool call as the workflow knows it. */
export interface PendingToolCall {
  /** Place among the calls of its step, from 0. The call's key is `run/step/index`. */
  readonly index: number
  readonly callId: string
  readonly tool: string
  /** null where they are too long for history: then they are in the store under the call's key. */
  readonly arguments: JsonObject | null
  /** SHA-256 of the canonical JSON of the arguments, hex. */
  readonly argumentsSha256: string
  /** Whether the principal has not had this tool succeed before; absent where no rule asks. */
  readonly firstTime?: boolean
  /** Set where the call can't be run as it stands; the model has been told already. */
  readonly problem?: CallProblem
}

/** Why a call can't be made as the model wrote it. */
export type CallProblem =
  | 'tool_unknown'
  | 'tool_arguments_not_json'
  | 'tool_arguments_too_large'
  | 'tool_arguments_invalid'
  | 'tool_too_many_calls'
