import { z } from 'zod'
import { THREADS } from '../../policies/operations/threads.ts'
import { actedFor } from '../access/acting.schema.ts'
import { principalName } from '../access/key.schema.ts'
import { afterSeq, cursor, limit, pageOf } from '../http/paging/paging.schema.ts'
import { runId, threadId } from '../http/requests/ids.schema.ts'
import { text } from '../http/requests/text.schema.ts'
import { metadata } from '../runs/run.schema.ts'

const title = text(THREADS.titleCharacters).min(1)

export const newThreadBody = z
  .strictObject({
    title: title.optional(),
    metadata: metadata.optional().describe('Kept with the thread and given back; agents do not see it.'),
    principal: actedFor.principal,
  })
  .optional()
  .meta({ id: 'NewThread', examples: [{ title: 'Invoice A-1017', metadata: { ticket: '4711' } }] })

export const changeThreadBody = z
  .strictObject({
    title: title.nullable().optional().describe('null takes it away.'),
    metadata: metadata.optional().describe('In the place of all entries.'),
  })
  .meta({ id: 'ChangeThread', examples: [{ title: 'Invoice A-1017, paid twice' }] })

export const thread = z
  .strictObject({
    id: threadId,
    object: z.literal('thread'),
    principal: z.string().describe('Whom it belongs to: whoever created it, or was named then.'),
    title: z.string().nullable(),
    metadata: z.record(z.string(), z.string()),
    status: z.enum(['idle', 'busy']).describe('`busy`: a turn is in flight or waits.'),
    active_run_id: runId.optional().describe('The run whose turn is in flight.'),
    waiting_runs: z.int().min(0).describe('How many runs wait for their turns.'),
    created_at: z.iso.datetime(),
    updated_at: z.iso.datetime().describe('Of title and metadata.'),
  })
  .meta({ id: 'Thread' })
export type ThreadResource = z.output<typeof thread>

export const threadPage = pageOf(thread).meta({ id: 'ThreadPage' })

export const threadsQuery = z.strictObject({
  principal: principalName.optional().describe('Whose threads.'),
  limit,
  after: cursor,
})

export const threadMessagesQuery = z.strictObject({
  order: z.enum(['asc', 'desc']).default('asc').describe('From the oldest on, or back from the newest.'),
  limit,
  after: afterSeq,
})
