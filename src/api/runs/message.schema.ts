import { z } from 'zod'
import { ANSWER_PROBLEMS } from '../../contracts/models/answer.ts'
import { REQUEST_LIMITS } from '../../policies/api.ts'
import { actedFor, GROUPS_NEED_PRINCIPAL, rightsNeedPrincipal } from '../access/acting.schema.ts'
import { afterSeq, limit, pageOf } from '../http/paging/paging.schema.ts'
import { messageId, runId } from '../http/requests/ids.schema.ts'
import { spoken } from '../http/requests/text.schema.ts'

export const message = z
  .strictObject({
    object: z.literal('message'),
    seq: z.int().describe('Place in the transcript, from 0.'),
    run_id: runId,
    role: z.enum(['user', 'assistant', 'tool']),
    content: z.string(),
    by: z
      .string()
      .optional()
      .describe(
        "The principal that said it, for `user`; not there for a sub-agent's input, which its parent's model wrote.",
      ),
    about: z
      .enum(ANSWER_PROBLEMS)
      .optional()
      .describe(
        'For `user`: the run itself wrote the message, since the answer before it cannot be used as it is.',
      ),
    tool_calls: z
      .array(
        z.strictObject({
          call_id: z.string(),
          tool: z.string(),
          arguments: z.record(z.string(), z.unknown()),
        }),
      )
      .optional(),
    call_id: z.string().optional().describe('The call that this is the result of.'),
    tool: z.string().optional(),
    is_error: z.boolean().optional(),
    created_at: z.iso.datetime(),
  })
  .meta({ id: 'Message' })
export type MessageResource = z.output<typeof message>

export const messagePage = pageOf(message).meta({ id: 'MessagePage' })

export const messagesQuery = z.strictObject({ limit, after: afterSeq })

export const addMessageBody = z
  .strictObject({
    id: messageId.optional().describe('Chosen by the caller: the same id again is the same message.'),
    content: spoken(REQUEST_LIMITS.inputCharacters),
    ...actedFor,
  })
  .check(rightsNeedPrincipal)
  .meta({
    id: 'AddMessage',
    ...GROUPS_NEED_PRINCIPAL,
    examples: [{ id: 'msg-1', content: 'It is the one that I bought in May.' }],
  })

/** A message that was taken in; the run reads it before its next model call. */
export const addedMessage = z
  .strictObject({ object: z.literal('added_message'), id: z.string(), run_id: runId })
  .meta({ id: 'AddedMessage' })
