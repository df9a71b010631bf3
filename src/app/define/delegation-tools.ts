import { z } from 'zod'
import { DELEGATION_INPUT } from '../../policies/tool-defaults.ts'
import type { DefinedTool, Delegation } from './tool-definition.ts'

export interface HandoffDefinition {
  /** Name of the agent that takes the conversation over. */
  readonly to: string
  /** `handoff_to_<to>` where it is left out. */
  readonly name?: string
  /** What the model reads; made of the other agent's purpose where it is left out. */
  readonly description?: string
  /** What the model is told of the tool's one argument, the reason. */
  readonly reason?: string
}

export interface SubAgentDefinition {
  /** Name of the agent that is started. */
  readonly to: string
  /** `ask_<to>` where it is left out. */
  readonly name?: string
  /** What the model reads; made of the other agent's purpose where it is left out. */
  readonly description?: string
  /** What the model is told of the tool's one argument, the task. */
  readonly task?: string
}

/** In the description of every handoff: other calls of its step are not made. */
const ALONE = 'Call it alone, without other calls in the same step.'

/**
 * A tool with which an agent gives the conversation to another one, who reads all of it.
 *
 * @example
 * defineAgent({ name: 'support', …, tools: [handoff({ to: 'billing' })] })
 */
export function handoff({ to, name, description, reason }: HandoffDefinition): DefinedTool {
  const { maxReasonCharacters, reason: defaultReason } = DELEGATION_INPUT
  return delegationTool(
    name ?? `handoff_to_${to}`,
    description === undefined ? null : `${description} ${ALONE}`,
    z.strictObject({
      reason: z
        .string()
        .min(1)
        .max(maxReasonCharacters)
        .describe(reason ?? defaultReason),
    }),
    { execution: 'handoff', to },
  )
}

/**
 * A tool with which an agent starts another one as a run of its own, and gets its answer. A sub-agent may do nothing that the
 * agent which starts it, or one that it can be handed to, may not.
 *
 * @example
 * defineAgent({ name: 'support', …, tools: [searchHelp, subAgent({ to: 'research' })] })
 */
export function subAgent({ to, name, description, task }: SubAgentDefinition): DefinedTool {
  const { maxTaskCharacters, task: defaultTask } = DELEGATION_INPUT
  return delegationTool(
    name ?? `ask_${to}`,
    description ?? null,
    z.strictObject({
      task: z
        .string()
        .min(1)
        .max(maxTaskCharacters)
        .describe(task ?? defaultTask),
    }),
    { execution: 'child', to },
  )
}

/** The description of a delegation tool that has none of its own. */
export function describeDelegation({ execution, to }: Delegation, purpose: string): string {
  const about = purpose === '' ? '' : ` ${purpose}`
  return execution === 'handoff'
    ? `Gives the conversation to ${to}.${about} ${ALONE}`
    : `Has ${to} work on a task and gives its answer.${about}`
}

function delegationTool(
  name: string,
  description: string | null,
  input: z.ZodObject,
  delegation: Delegation,
): DefinedTool {
  return {
    holdfast: 'tool',
    name,
    description,
    input,
    effect: 'read',
    delegation,
    handlers: {},
    notFunctions: [],
    unknownFields: [],
    setup: null,
  }
}
