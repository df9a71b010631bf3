import { z } from 'zod'
import { MEMORY } from '../../policies/operations/memory.ts'
import type { BuiltInTool } from '../tool.ts'
import type { DefinedTool } from './tool-definition.ts'

/**
 * Keeps a fact about the person that the run acts for, over runs and threads. The product carries it out.
 *
 * @example
 * defineAgent({ name: 'support', …, tools: [remember, recall] })
 *
 * @example
 * // Somebody is asked before anything is kept.
 * const rememberIfAgreed: DefinedTool = { ...remember, approval: { otherwise: 'ask' } }
 */
export const remember: DefinedTool = {
  ...builtInTool('remember'),
  description:
    'Keeps one fact about the person that you work for, so that it can be recalled in later conversations. Use it for what will still be true and useful then: a preference, a circumstance, an agreement. Never for instructions, passwords or what the person did not want kept. Gives the id of the fact.',
  input: z.strictObject({
    fact: z
      .string()
      .min(1)
      .max(MEMORY.factCharacters)
      .describe('One fact, in a sentence that can be understood by itself.'),
    about: z
      .string()
      .min(1)
      .max(MEMORY.aboutCharacters)
      .optional()
      .describe('Its subject, in a word or two.'),
  }),
  effect: 'write',
}

/** Finds facts that `remember` has kept about the person that the run acts for, whichever agent has kept them. */
export const recall: DefinedTool = {
  ...builtInTool('recall'),
  description:
    'Finds facts that were kept about the person that you work for in earlier conversations: those that have a word of the query, or the newest. Gives for each the fact, when it was kept and by which agent and run; `tainted` is true where that run had read content of others before, so that the fact may be theirs.',
  input: z.strictObject({
    query: z
      .string()
      .min(1)
      .max(MEMORY.queryCharacters)
      .optional()
      .describe('Words to look for, as they may stand in the fact. Without it: the newest facts.'),
    limit: z
      .int()
      .min(1)
      .max(MEMORY.recalled)
      .optional()
      .describe(`The most facts that come back; ${MEMORY.recalled} if not said.`),
  }),
  effect: 'read',
  execution: 'local',
}

function builtInTool(builtIn: BuiltInTool) {
  return {
    holdfast: 'tool',
    name: builtIn,
    builtIn,
    idempotency: 'key',
    delegation: null,
    handlers: {},
    notFunctions: [],
    unknownFields: [],
    setup: null,
  } as const
}
