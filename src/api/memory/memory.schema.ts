import { z } from 'zod'
import { REQUEST_LIMITS } from '../../policies/api.ts'
import { MEMORY } from '../../policies/operations/memory.ts'
import { principalName } from '../access/key.schema.ts'
import { cursor, limit, pageOf } from '../http/paging/paging.schema.ts'
import { memoryId, runId, threadId } from '../http/requests/ids.schema.ts'
import { spoken, text } from '../http/requests/text.schema.ts'

const keptInThread = threadId.optional().describe('Only what was kept in this thread last.')

/** The person in whose name a request about one memory is sent. */
export const memoryQuery = z.strictObject({
  principal: principalName
    .optional()
    .describe('Whose memory it is. With the scope `principals:act` the request is treated as that person’s.'),
})

export const memoriesQuery = z.strictObject({
  principal: memoryQuery.shape.principal.describe('Whose memories.'),
  agent: text(REQUEST_LIMITS.agentCharacters)
    .min(1)
    .optional()
    .describe('Only what this agent has kept last.'),
  thread_id: keptInThread,
  limit,
  after: cursor,
})

export const deleteMemoriesQuery = z.strictObject({
  principal: principalName.describe('Whose memories.'),
  thread_id: keptInThread,
})

export const changeMemoryBody = z
  .strictObject({
    fact: spoken(MEMORY.factCharacters).describe(
      'Sent also where only `about` changes: whoever changes a memory vouches for its text.',
    ),
    about: spoken(MEMORY.aboutCharacters).nullable().optional().describe('null takes it away.'),
  })
  .meta({ id: 'ChangeMemory', examples: [{ fact: 'Maya drinks tea.', about: 'drinks' }] })

const source = z.strictObject({
  agent: z.string(),
  run_id: runId,
  thread_id: threadId.optional(),
  step: z.int().min(0),
  index: z.int().min(0).describe('Place of the call in its step.'),
  seq: z
    .int()
    .min(0)
    .describe(
      "Place of the call's result among the run's messages; what stands before it is what the model had read.",
    ),
})

export const memory = z
  .strictObject({
    id: memoryId,
    object: z.literal('memory'),
    principal: z.string().describe('Whom it is about: for whom the run acted.'),
    fact: z.string(),
    about: z.string().nullable(),
    source: source.describe('The call that has kept it, the last one where several have.'),
    tainted: z
      .boolean()
      .describe(
        'It may come from somebody else than the principal: the run had read content of others before, and no person has written the text since.',
      ),
    tainted_by: z
      .array(z.string())
      .describe(
        'What the run had read before: `tool:<name>` for a result, `user:<name>` for a message, `file:<id>` for a file in one.',
      ),
    created_at: z.iso.datetime(),
    kept_at: z.iso.datetime().describe('When it was kept last.'),
    edited_by: z.string().optional(),
    edited_at: z.iso.datetime().optional(),
  })
  .meta({ id: 'Memory' })
export type MemoryResource = z.output<typeof memory>

export const memoryPage = pageOf(memory).meta({ id: 'MemoryPage' })

export const memoriesDeleted = z
  .strictObject({ object: z.literal('memories_deleted'), deleted: z.int().min(0) })
  .meta({ id: 'MemoriesDeleted' })
