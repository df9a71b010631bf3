import type { z } from 'zod'
import type { Narrowing, Requires } from '../../contracts/access/entitlement.ts'
import type { Effect, Verdict } from '../../contracts/tools/tool.ts'
import type {
  ApproversContext,
  ApproversOfCall,
  BuiltInTool,
  FactsContext,
  Tool,
  ToolContext,
} from '../tool.ts'
import type { AnyRule, ToolApproval } from './approval-definition.ts'
import type { Setup } from './setup-definition.ts'
import type { AsJson } from './to-json.ts'

/** Any JSON value, or nothing. What is not an object reaches the model as `{ "result": … }`. */
// biome-ignore lint/suspicious/noConfusingVoidType: a handler whose last line is a call that returns nothing is welcome
export type ToolResult = object | string | number | boolean | null | undefined | void

interface Fields<Input extends z.ZodObject, Facts extends object, Env, Services> {
  /** Lower-case letters, digits and underscores: what the model calls. */
  readonly name: string
  /** What the model reads: what the tool does, when to use it, what comes back. */
  readonly description: string
  /** Schema of the arguments. A `z.strictObject` tells the model of arguments that do not exist. */
  readonly input: Input
  /**
   * What the caller needs for a call: every one of the `scopes`, which are the application's own and begin with `tools:`, and at least one
   * of the `groups`. Whoever lacks it has no such tool: its models are not told of it, and a call of it is refused before anything is
   * looked up or anybody is asked.
   *
   * @example
   * requires: { scopes: ['tools:pay'], groups: ['finance', 'managers'] }
   */
  readonly requires?: Requires
  /** `key`: the tool does its work once for one `callKey`. `none`, the default: a call that may have begun is not made again. */
  readonly idempotency?: 'key' | 'none'
  /** One try, in milliseconds. */
  readonly timeoutMs?: number
  /** Tries that the tool itself fails, the last one included. */
  readonly attempts?: number
  /**
   * Looks up, before anybody is asked, what the model's words cannot be trusted for. Facts are recorded with the call, shown to
   * who approves, given to `execute`, and rules may look at them. Write it above `approvers` and `execute`: the compiler reads
   * from top to bottom, and they get its types.
   *
   * @example
   * facts: ({ sku }, { services }) => services.catalogue.priceOf(sku)
   */
  readonly facts?: (args: z.output<Input>, context: FactsContext<Env, Services>) => Facts | Promise<Facts>
  /**
   * Who may decide about this very call.
   *
   * @example
   * approvers: async ({ caller, services }) => ({ principals: [await services.staff.managerOf(caller.principal)] })
   */
  readonly approvers?: (
    call: ApproversContext<Env, Services, NoInfer<AsJson<Facts>>> & { readonly args: z.output<Input> },
  ) => ApproversOfCall | Promise<ApproversOfCall>
  /** Does the work. Throws a `ToolError` to say no; the model reads what it returns. */
  readonly execute: (
    args: z.output<Input>,
    context: ToolContext<Env, Services, NoInfer<AsJson<Facts>>>,
  ) => ToolResult | Promise<ToolResult>
}

/**
 * A tool that does nothing to the world, changes something that can be taken back, or something that cannot.
 * `NumberFact` and `TextFact` are the facts that its rules look at: what `facts` finds has to have them.
 */
export type ToolDefinition<
  Input extends z.ZodObject,
  NumberFact extends string,
  TextFact extends string,
  Facts extends FactsWith<NumberFact, TextFact>,
  Env,
  Services,
> = Fields<Input, Facts, Env, Services> & Effects<ToolApproval<z.input<Input>, NumberFact, TextFact>>

/** Facts that have at least these. */
export type FactsWith<NumberFact extends string, TextFact extends string> = {
  readonly [F in NumberFact]: number
} & { readonly [F in TextFact]: string }

type Effects<Approval> =
  | {
      readonly effect: 'read'
      /** `local`: inside the workflow task, for tools that answer within a second. `activity` where it is left out. */
      readonly execution?: 'activity' | 'local'
      readonly approval?: Approval
    }
  | {
      readonly effect: 'write'
      readonly execution?: 'activity'
      readonly approval?: Approval
    }
  | {
      readonly effect: 'irreversible'
      readonly execution?: 'activity'
      /** Has to say when a person is asked, or that the tool is denied. */
      readonly approval: Approval
    }

/** A tool's definition whatever its types. */
export type LooseDefinition<Input extends z.ZodObject, Facts extends object, Env, Services> = Fields<
  Input,
  Facts,
  Env,
  Services
> &
  Effects<{ readonly rules?: readonly AnyRule[]; readonly otherwise?: Verdict }>

/** What a tool without handlers does: the run itself hands the conversation on, or starts a sub-agent. */
export interface Delegation {
  readonly execution: 'handoff' | 'child'
  readonly to: string
  /** What a sub-agent keeps of the caller's groups and scopes. */
  readonly narrows?: Narrowing
}

/**
 * A tool of an application. `Env` and `Services` are what its handlers need: an application without them cannot take it.
 */
export interface DefinedTool<in Env = unknown, in Services = unknown> {
  readonly holdfast: 'tool'
  readonly name: string
  /** null: made of the purpose of the agent that it leads to. */
  readonly description: string | null
  readonly input: z.ZodObject
  readonly effect: Effect
  readonly requires?: Requires
  readonly idempotency?: 'key' | 'none'
  readonly execution?: 'activity' | 'local'
  readonly timeoutMs?: number
  readonly attempts?: number
  readonly approval?: { readonly rules?: readonly AnyRule[]; readonly otherwise?: Verdict }
  /** null for a tool that is no handoff and no sub-agent. */
  readonly delegation: Delegation | null
  /** What the product does in place of handlers. */
  readonly builtIn?: BuiltInTool
  readonly handlers: Pick<Tool, 'execute' | 'facts' | 'approvers'>
  /** Handlers of the definition that are no functions. */
  readonly notFunctions: readonly string[]
  /** Fields of the definition that no tool has. */
  readonly unknownFields: readonly string[]
  readonly setup: Setup | null
  /** Never set: it exists to hold the two type parameters. */
  readonly needs?: (env: Env, services: Services) => void
}

/** A tool whatever its types. */
export type AnyTool = DefinedTool<never, never>
