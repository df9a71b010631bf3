import { z } from 'zod'
import { REQUEST_LIMITS } from '../../../policies/api.ts'
import { ID_CHARACTERS } from '../../../security/new-id.ts'
import { text } from './text.schema.ts'

/** A run's id after the prefix. A sub-agent's run has its parent's id, with the step and place of the call. */
const RUN = `${ID_CHARACTERS}((_[0-9]{1,6}){2})?`

export const runId = z
  .templateLiteral(['run_', z.string().regex(new RegExp(`^${RUN}$`))])
  .describe(
    "`run_` and 26 characters that sort by time of creation; a sub-agent's run is its parent's with step and place of the call.",
  )

/** An approval's id names the call it is about: its run, step, place in the step and repetition. */
export const approvalId = z
  .templateLiteral(['apr_', z.string().regex(new RegExp(`^${RUN}(_[0-9]{1,6}){3}$`))])
  .describe('`apr_`, its run, and the place of the call that it is about.')

export const threadId = z
  .templateLiteral(['thr_', z.string().regex(new RegExp(`^${ID_CHARACTERS}$`))])
  .describe('`thr_` and 26 characters that sort by time of creation.')

/** A memory's id names the call that has kept it first: its run, step and place in the step. */
export const memoryId = z
  .templateLiteral(['mem_', z.string().regex(new RegExp(`^${RUN}(_[0-9]{1,6}){2}$`))])
  .describe('`mem_`, its run, and the place of the call that has kept it first.')

export const fileId = z
  .templateLiteral(['file_', z.string().regex(new RegExp(`^${ID_CHARACTERS}$`))])
  .describe('`file_` and 26 characters that sort by time of creation.')

/** The webhook of a run has the run's characters. */
export const webhookId = z
  .templateLiteral(['whk_', z.string().regex(new RegExp(`^${ID_CHARACTERS}$`))])
  .describe('`whk_` and 26 characters that sort by time of creation.')

/** A delivery's id names its webhook, and the event or the day that it tells of. */
export const deliveryId = z
  .templateLiteral([
    'whd_',
    z.string().regex(new RegExp(`^${ID_CHARACTERS}_(${ID_CHARACTERS}_[0-9]{1,10}|[0-9]{8})$`)),
  ])
  .describe('`whd_`, its webhook, and what it tells of.')

export const messageId = z
  .string()
  .regex(new RegExp(`^[A-Za-z0-9._:-]{1,${REQUEST_LIMITS.messageIdCharacters}}$`))

export const scheduleId = z
  .templateLiteral(['sch_', z.string().regex(new RegExp(`^${ID_CHARACTERS}$`))])
  .describe('`sch_` and 26 characters that sort by time of creation.')

export const runParams = z.strictObject({ id: runId })
export const scheduleParams = z.strictObject({ id: scheduleId })
export const fileParams = z.strictObject({ id: fileId })
export const threadParams = z.strictObject({ id: threadId })
export const memoryParams = z.strictObject({ id: memoryId })
export const approvalParams = z.strictObject({ id: approvalId })
export const webhookParams = z.strictObject({ id: webhookId })
export const deliveryParams = z.strictObject({ id: webhookId, delivery_id: deliveryId })
export const agentParams = z.strictObject({
  name: text(REQUEST_LIMITS.agentCharacters).min(1).describe('As `/v1/agents` lists it.'),
})
