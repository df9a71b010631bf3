import { z } from 'zod'
import { FILE_TYPES } from '../../contracts/files/file.ts'
import { ANSWER_PROBLEMS } from '../../contracts/models/answer.ts'
import { actedFor, GROUPS_NEED_PRINCIPAL, rightsNeedPrincipal } from '../access/acting.schema.ts'
import { content, fitsInput, INPUT_BOUNDS } from '../files/content.schema.ts'
import { afterSeq, limit, pageOf } from '../http/paging/paging.schema.ts'
import { fileId, messageId, runId } from '../http/requests/ids.schema.ts'

const part = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('text'), text: z.string() }),
  z.strictObject({
    type: z.enum(['image', 'file']),
    file_id: fileId,
    content_type: z.enum(FILE_TYPES),
    filename: z.string().optional(),
  }),
])

export const message = z
  .strictObject({
    object: z.literal('message'),
    seq: z.int().describe('Place in the transcript, from 0.'),
    run_id: runId,
    role: z.enum(['user', 'assistant', 'tool']),
    content: z.string().describe('The text alone.'),
    parts: z.array(part).optional().describe('Texts and files in their order, where it has files.'),
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
    content: content.refine((one) => fitsInput([one]), INPUT_BOUNDS),
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
