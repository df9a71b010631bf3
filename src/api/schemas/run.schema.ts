import { z } from 'zod'
import { RUN_REASONS, RUN_STATUSES } from '../../contracts/run.ts'
import { REQUEST_LIMITS } from '../../policies/api.ts'
import { approvalId, runId } from './ids.schema.ts'
import { cursor, limit, pageOf } from './paging.schema.ts'
import { spoken, text } from './text.schema.ts'

const { inputMessages, inputCharacters, deadlineMs } = REQUEST_LIMITS

const inputMessage = z.strictObject({ role: z.literal('user'), content: spoken(inputCharacters) })

const metadata = z
  .record(text(REQUEST_LIMITS.metadataKeyCharacters).min(1), text(REQUEST_LIMITS.metadataValueCharacters))
  .refine(
    (entries) => Object.keys(entries).length <= REQUEST_LIMITS.metadataEntries,
    `Must be at most ${REQUEST_LIMITS.metadataEntries} entries long.`,
  )

export const startRunBody = z
  .strictObject({
    agent: z
      .string()
      .min(1)
      .max(REQUEST_LIMITS.agentCharacters)
      .describe('Name of an agent, as `/v1/agents` lists them.'),
    input: z
      .union([
        spoken(inputCharacters),
        z
          .array(inputMessage)
          .min(1)
          .max(inputMessages)
          .refine(
            (messages) => messages.reduce((sum, { content }) => sum + content.length, 0) <= inputCharacters,
            `Must be at most ${inputCharacters} characters long in all.`,
          ),
      ])
      .describe('What is asked: one message, or several of the same person.'),
    metadata: metadata.optional().describe('Kept with the run and given back; agents do not see it.'),
    deadline_ms: z
      .int()
      .min(deadlineMs.least)
      .max(deadlineMs.most)
      .optional()
      .describe("Time the run may take, waiting for people not counted, in place of the agent's own."),
  })
  .meta({ id: 'StartRun' })
export type StartRunBody = z.output<typeof startRunBody>

const count = z.int().min(0)

export const run = z
  .strictObject({
    id: runId,
    object: z.literal('run'),
    agent: z.string(),
    agent_version: z.string(),
    status: z.enum(RUN_STATUSES),
    reason: z.enum(RUN_REASONS).optional(),
    required_action: z
      .strictObject({ type: z.literal('approval'), approvals: z.array(approvalId) })
      .optional(),
    output: z.string().optional().describe('The answer.'),
    error: z.strictObject({ code: z.string(), message: z.string() }).optional(),
    usage: z.strictObject({
      input_tokens: count.describe('All of them, cached ones included.'),
      cached_input_tokens: count,
      output_tokens: count,
      model_calls: count,
      tool_calls: count,
      cost_micro_usd: count.nullable().describe('null where the price of a call is not known.'),
    }),
    budget: z.null(),
    served_by: z.string().optional().describe('The model that answered last, as its provider names it.'),
    steps: count.describe('Turns of the loop so far.'),
    metadata: z.record(z.string(), z.string()),
    created_at: z.iso.datetime(),
    started_at: z.iso.datetime().optional(),
    completed_at: z.iso.datetime().optional(),
    links: z.strictObject({
      temporal: z.string().nullable().describe("The run's page in the Temporal Web UI, where that is known."),
      events: z.string(),
    }),
  })
  .meta({ id: 'Run' })
export type RunResource = z.output<typeof run>

export const runPage = pageOf(run).meta({ id: 'RunPage' })

export const runsQuery = z.strictObject({
  status: z.enum(RUN_STATUSES).optional(),
  agent: text(REQUEST_LIMITS.agentCharacters).min(1).optional(),
  limit,
  after: cursor,
})

/** `{}` or nothing at all: there is nothing to say yet. */
export const emptyBody = z.strictObject({}).optional()
