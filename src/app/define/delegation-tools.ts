import { z } from 'zod'
import type { Narrowing, Requires } from '../../contracts/access/entitlement.ts'
import { DELEGATION_INPUT } from '../../policies/tool-defaults.ts'
import type { DefinedTool, Delegation } from './tool-definition.ts'

interface DelegationDefinition {
  /** What the caller needs for a call, as `requires` of `defineTool`. */
  readonly requires?: Requires
}

export interface HandoffDefinition extends DelegationDefinition {
  /** Name of the agent that takes the conversation over. The caller stays the same. */
  readonly to: string
  /** `handoff_to_<to>` where it is left out. */
  readonly name?: string
  /** What the model reads; made of the other agent's purpose where it is left out. */
  readonly description?: string
  /** What the model is told of the tool's one argument, the reason. */
  readonly reason?: string
}

export interface SubAgentDefinition extends DelegationDefinition, Narrowing {
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
export function handoff({ to, name, description, reason, requires }: HandoffDefinition): DefinedTool {
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
    requires,
  )
}

/**
 * A tool with which an agent starts another one as a run of its own, and gets its answer. A sub-agent may do nothing that the
 * agent which starts it, or one that it can be handed to, may not. It acts for the same caller: with the groups and scopes that its parent
 * has, or with those of them that `groups` and `scopes` name.
 *
 * @example
 * defineAgent({ name: 'support', …, tools: [searchHelp, subAgent({ to: 'research' })] })
 */
export function subAgent({
  to,
  name,
  description,
  task,
  requires,
  groups,
  scopes,
}: SubAgentDefinition): DefinedTool {
  const { maxTaskCharacters, task: defaultTask } = DELEGATION_INPUT
  const narrows = { ...(groups !== undefined && { groups }), ...(scopes !== undefined && { scopes }) }
  const isNarrowed = Object.keys(narrows).length > 0
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
    { execution: 'child', to, ...(isNarrowed && { narrows }) },
    requires,
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
  requires: Requires | undefined,
): DefinedTool {
  return {
    holdfast: 'tool',
    name,
    description,
    input,
    effect: 'read',
    ...(requires !== undefined && { requires }),
    delegation,
    handlers: {},
    notFunctions: [],
    unknownFields: [],
    setup: null,
  }
}
