import type { z } from 'zod'
import type { RunBudget } from '../../contracts/budget.ts'
import type { RunLimits, WhenNoModel } from '../../contracts/plan.ts'
import type { ModelChoice } from './model-definition.ts'
import type { PromptFile } from './prompt.ts'
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
  readonly limits?: AgentLimits
  readonly budget?: AgentBudget
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
