import { z } from 'zod'
import { REQUEST_LIMITS } from '../../policies/api.ts'
import { ID_CHARACTERS } from '../new-id.ts'

export const runId = z
  .templateLiteral(['run_', z.string().regex(new RegExp(`^${ID_CHARACTERS}$`))])
  .describe('`run_` and 26 characters that sort by time of creation.')

/** An approval's id names the call it is about: its run, step, place in the step and repetition. */
export const approvalId = z.templateLiteral([
  'apr_',
  z.string().regex(new RegExp(`^${ID_CHARACTERS}(_\\d{1,6}){3}$`)),
])

export const messageId = z
  .string()
  .regex(new RegExp(`^[A-Za-z0-9._:-]{1,${REQUEST_LIMITS.messageIdCharacters}}$`))

export const runParams = z.strictObject({ id: runId })
export const approvalParams = z.strictObject({ id: approvalId })
export const agentParams = z.strictObject({ name: z.string().max(REQUEST_LIMITS.agentCharacters) })
