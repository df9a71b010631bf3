import type { RUN_LIMITS } from '../policies/limits.ts'
import type { ModelTier } from '../policies/models.ts'
import type { ToolName } from '../policies/tools.ts'
import type { PromptRef } from './prompts/prompt.ts'

/** An agent has a row of limits under its name; one without does not compile. */
export type AgentName = keyof typeof RUN_LIMITS

/** What an agent is: a page of data. Everything in it ends up in the plan of the runs it starts from then on. */
export interface AgentDefinition {
  readonly name: AgentName
  /** Goes up with every change that alters how the agent behaves. */
  readonly version: string
  /** One sentence for people who choose among agents. */
  readonly purpose: string
  readonly tier: ModelTier
  readonly prompt: PromptRef
  readonly tools: readonly ToolName[]
  /** What the caller reads when no model of the chain answers. */
  readonly degradedAnswer: string
}

/** Keeps the literal name, so that the registry's type knows which agents there are. */
export function defineAgent<const A extends AgentDefinition>(agent: A): A {
  return agent
}
