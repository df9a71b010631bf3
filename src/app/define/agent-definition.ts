import type { z } from 'zod'
import type { RunBudget } from '../../contracts/budgets/budget.ts'
import type { CacheScope } from '../../contracts/cache/answer-cache.ts'
import type { WindowStrategy } from '../../contracts/models/context.ts'
import type { RunLimits, WhenNoModel } from '../../contracts/runs/plan.ts'
import type { ModelChoice, ModelName, ModelRow } from './model-definition.ts'
import type { PromptFile } from './prompt.ts'
import type { EscalationDefinition, RoutingRule } from './routing-definition.ts'
import type { Setup } from './setup-definition.ts'
import type { DefinedTool } from './tool-definition.ts'

/** The context of a run, for instructions that do not say which members they use. */
export interface AnyContext {
  readonly [name: string]: unknown
}

/** An agent's own limits; what it leaves out is the product's default. */
export type AgentLimits = Partial<Pick<RunLimits, 'maxSteps' | 'deadlineMs'>>

/** An agent's own budget. `limits` replaces the product's whole: a limit that it leaves out is not limited. */
export type AgentBudget = Partial<RunBudget>

/** Which answers of an agent are given again without asking a model. At least one of `exact` and `semantic`. */
export interface AgentCache {
  /** The same request, letter by letter, gets the same answer for this long. */
  readonly exact?: { readonly ttlMs: number }
  /**
   * A question of the same meaning gets the same answer for this long. Thresholds are cosines above 0 and at most 1: of embeddings, and
   * of words where no embeddings server is configured.
   */
  readonly semantic?: {
    readonly ttlMs: number
    readonly threshold?: number
    readonly lexicalThreshold?: number
  }
  /** `principal`: only whose run it was made for is given an answer again. `tenant`: everybody of the tenant. */
  readonly scope?: CacheScope
  /** True: turns that have used or use tools are given again, too. Their results may be old by then, or a caller's own. */
  readonly withTools?: boolean
}

export interface AgentWindow {
  /** The most tokens of a request: instructions, tools and messages. */
  readonly maxTokens: number
  /**
   * What happens to the older messages: they are left out (`sliding`, the default), a summary takes their place (`both`), or a summary takes
   * the place of nearly all (`summary`). The whole conversation stays in the store.
   */
  readonly strategy?: WindowStrategy
  /** The model that writes summaries. Without it: the first of the cheaper chain, or else of the chain. */
  readonly summaryModel?: ModelName | ModelRow
}

export interface AgentDefinition<Env, Services, Context> {
  /** Lower-case letters, digits and underscores: what callers and other agents name. */
  readonly name: string
  /** Goes up with every change that alters how the agent behaves: `v1`, `v2`. */
  readonly version: string
  /** One sentence for people, and agents, that choose among agents. */
  readonly purpose?: string
  /**
   * What the model is told first: the text itself, `prompt('name.version')` for a file, or a function of the run's context.
   *
   * @example
   * instructions: ({ user, today }: { user: string; today: string }) => `You help ${user}. Today is ${today}.`
   */
  readonly instructions: string | PromptFile | ((context: Context) => string)
  readonly tools?: readonly DefinedTool<Env, Services>[]
  /** A tier's name, a chain such as `['openai/gpt-5.5', 'anthropic/claude-haiku-4-5']`, or a chain and a cheaper one. */
  readonly models?: ModelChoice
  /** Rules that choose other models, judged once when the agent gets the run. The first that holds counts; without one, `models` does. */
  readonly routing?: readonly RoutingRule[]
  /** Stronger models that are asked for the rest of the run, once an answer fails one of these checks. */
  readonly escalate?: EscalationDefinition
  /**
   * Schema of the answer, which is a JSON object then. An answer that does not fit is repaired, or the run ends `incomplete` with the reason
   * `output_invalid`.
   *
   * @example
   * output: z.strictObject({ urgent: z.boolean(), summary: z.string() })
   */
  readonly output?: z.ZodObject
  /** What the caller reads when no model answers. */
  readonly degradedAnswer?: string
  /** What a run does when no model answers: it ends with the degraded answer (`answer`), or waits so long for a model. */
  readonly whenNoModel?: WhenNoModel
  /** Absent: every call asks a model. */
  readonly cache?: AgentCache
  readonly limits?: AgentLimits
  readonly budget?: AgentBudget
  /** How much of a long conversation the models are shown. Without it a conversation grows up to what they can read. */
  readonly window?: AgentWindow
  /** False: nobody starts a run with it, it is only handed to or started by other agents. */
  readonly startable?: boolean
}

/** An agent of an application. The type parameters are what it needs: an application without them cannot take it. */
export interface DefinedAgent<in Env = unknown, in Services = unknown, in Context = AnyContext> {
  readonly holdfast: 'agent'
  readonly definition: AgentDefinition<never, never, never>
  /** Fields of the definition that no agent has. */
  readonly unknownFields: readonly string[]
  readonly setup: Setup | null
  /** Never set: it exists to hold the three type parameters. */
  readonly needs?: (env: Env, services: Services, context: Context) => void
}

/** An agent whatever its types. */
export type AnyAgent = DefinedAgent<never, never, never>
