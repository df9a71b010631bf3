import type { WhenNoModel } from '../contracts/plan.ts'
import type { RUN_LIMITS } from '../policies/limits.ts'
import type { ModelTier } from '../policies/models.ts'
import type { HandoffTarget, ToolName } from '../policies/tools.ts'
import type { PromptRef } from './prompts/prompt.ts'

/** An agent has a row of limits under its name; one without does not compile. */
export type AgentName = keyof typeof RUN_LIMITS

/** Whoever a run can be handed to and nobody can start. A tool that hands to somebody who is neither does not compile. */
export type SpecialistName = Exclude<HandoffTarget, AgentName>

/** What an agent is: a page of data. Everything in it ends up in the plan of the runs it starts from then on. */
interface Page<N extends string> {
  readonly name: N
  /** Goes up with every change that alters how the agent behaves. */
  readonly version: string
  readonly tier: ModelTier
  readonly prompt: PromptRef
  /** Whom it hands to and what it starts follows from these: the rows of such tools name them. */
  readonly tools: readonly ToolName[]
  /** What the caller reads when no model of the chain answers. */
  readonly degradedAnswer: string
  /**
   * What happens then: the run ends with that answer and a list of what it has done (`answer`), or waits for a model. A specialist
   * that says nothing does as the agent which the run began with; such an agent that says nothing answers.
   */
  readonly whenNoModel?: WhenNoModel
}

/** An agent that runs are started with. */
export interface AgentDefinition extends Page<AgentName> {
  /** One sentence for people who choose among agents. */
  readonly purpose: string
}

/** One that takes over within a run. Its limits are the run's. */
export type SpecialistDefinition = Page<SpecialistName>

/** Keeps the literal name, so that the registry's type knows which agents there are. */
export function defineAgent<const A extends AgentDefinition>(agent: A): A {
  return agent
}

export function defineSpecialist<const S extends SpecialistDefinition>(specialist: S): S {
  return specialist
}
