import type { Narrowing, Requires } from '../access/entitlement.ts'
import type { JsonObject } from '../json.ts'

/**
 * What a call does to the world: nothing (`read`), something that can be taken back (`write`), or something that can't
 * (`irreversible`).
 */
export const EFFECTS = ['read', 'write', 'irreversible'] as const
export type Effect = (typeof EFFECTS)[number]

export type Verdict = 'allow' | 'ask' | 'deny'

/**
 * When a rule matches. It matches also where it can't be checked: the argument or fact is missing, of another type, or too long for
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

/** One rule of a tool's approval policy; `name` is recorded with every call that it decides about. */
export interface ApprovalRule {
  readonly name: string
  readonly when: Condition
  readonly verdict: Verdict
  /** Name of the terms on which a person is asked; `standard` where it is absent. */
  readonly terms?: string
}

/** A rule that is added while the run goes on. It can only make the policy stricter. */
export interface TightenedRule {
  readonly tool: string
  readonly verdict: Exclude<Verdict, 'allow'>
}

/** A tool in a plan. */
export interface PlannedTool {
  readonly name: string
  readonly effect: Effect
  /** `key`: the tool makes calls with the same key once. `none`: it must not be called again once a call may have begun. */
  readonly idempotency: 'key' | 'none'
  /**
   * `local` runs inside the workflow task: for tools that only read and answer within a second. `handoff` gives the run to the
   * specialist `to` names; `child` runs the sub-agent `to` names as a workflow of its own.
   */
  readonly execution: 'activity' | 'local' | 'handoff' | 'child'
  /** Name of a specialist or sub-agent of the plan; only with `handoff` and `child`. */
  readonly to?: string
  /** What the sub-agent keeps of the caller's groups and scopes; only with `child`. */
  readonly narrows?: Narrowing
  /** What the caller needs for a call. It is looked at before the rules are, and nobody is asked. */
  readonly requires?: Requires
  /** The longest time of one try. */
  readonly timeoutMs: number
  /** Number of tries that the tool itself may fail; the last of them fails the call. */
  readonly attempts: number
  /** The strictest rule that matches counts, deny before ask before allow; `otherwise` where none matches. */
  readonly approval: { readonly rules: readonly ApprovalRule[]; readonly otherwise: Verdict }
  /** The tool looks up facts of a call before its rules are applied. */
  readonly facts?: true
  /** The tool names the people who may decide about a call, where a person is asked. */
  readonly approvers?: true
}

/** The parts of a tool that the activity of a call needs. 0.2.0 left out `timeoutMs` and `attempts`. */
export type CalledTool = Pick<PlannedTool, 'name' | 'effect' | 'idempotency'> &
  Partial<Pick<PlannedTool, 'timeoutMs' | 'attempts'>>

/** A tool call as the workflow knows it. */
export interface PendingToolCall {
  /** Place among the calls of its step, from 0. The call's key is `run/step/index`. */
  readonly index: number
  readonly callId: string
  readonly tool: string
  /** null where they are too long for history; the store then has them under the call's key. */
  readonly arguments: JsonObject | null
  /** SHA-256 of the canonical JSON of the arguments, hex. */
  readonly argumentsSha256: string
  /** Whether the principal has not had this tool succeed before; absent where no rule asks. */
  readonly firstTime?: boolean
  /** Why the call can't be made; the store has its result for the model. */
  readonly problem?: CallProblem
}

/** Why a call can't be made as the model wrote it. */
export type CallProblem =
  | 'tool_unknown'
  | 'tool_arguments_not_json'
  | 'tool_arguments_too_large'
  | 'tool_arguments_invalid'
  | 'tool_too_many_calls'
