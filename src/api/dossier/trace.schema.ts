import { z } from 'zod'
import { CACHE_HITS } from '../../contracts/cache/answer-cache.ts'
import { ANSWER_PROBLEMS } from '../../contracts/models/answer.ts'
import type { HedgedWith } from '../../contracts/models/model-call.ts'
import { RUN_STATUSES } from '../../contracts/runs/run.ts'
import { EFFECTS } from '../../contracts/tools/tool.ts'
import { DOSSIER } from '../../policies/operations/dossier.ts'
import { EXCHANGE_PURPOSES } from '../../store/dossier/keep-exchanges.ts'
import { approval } from '../approvals/approval.schema.ts'
import { event } from '../events/event.schema.ts'
import { afterSeq, whole } from '../http/paging/paging.schema.ts'
import { runId } from '../http/requests/ids.schema.ts'
import { run } from '../runs/run.schema.ts'

const HEDGE_OUTCOMES = ['stopped', 'failed'] as const satisfies readonly HedgedWith['outcome'][]
const count = z.int().min(0)
const time = z.iso.datetime()
const ms = count.describe('Milliseconds.')
const microUsd = z.int().nullable().describe('null where it is not known.')
const code = z.string().describe('A code of the catalogue of errors.')
const headers = z.record(z.string(), z.string())

const purpose = z.enum(EXCHANGE_PURPOSES)

const exchange = z
  .strictObject({
    purpose,
    method: z.string(),
    url: z.string(),
    status: z.int().nullable().describe('null: no answer came.'),
    began_at: time,
    head_ms: ms.nullable().describe("From the request to the answer's head."),
    first_byte_ms: ms.nullable().describe("From the request to the first byte of the answer's body."),
    took_ms: ms
      .nullable()
      .describe(
        'From the request to the end of the answer, or to where it was left. null: nobody has seen an end, so it is under way, or lost.',
      ),
    complete: z
      .boolean()
      .describe(
        'All of the answer came: to the end of the body, or to the mark that its wire ends an answer with.',
      ),
    worker: z.string().optional().describe('The process that made the request.'),
    lost: z
      .literal(true)
      .optional()
      .describe('Its worker is gone, and with it whatever came after `began_at`.'),
    request_headers: headers.describe('Those that say what was asked for. Never a key.'),
    answer_headers: headers.describe(
      'Those that say how the provider took it: ids, types, limits, times to wait.',
    ),
    request: z
      .strictObject({
        bytes: count,
        text: z.string().optional().describe('As it was sent. Only with `step`.'),
      })
      .describe('The body.'),
    answer: z
      .strictObject({
        bytes: count.describe('All that came.'),
        kept_bytes: count.describe('The beginning of it that is kept.'),
        text: z
          .string()
          .optional()
          .describe('As it came, a key that it repeats masked with `*`. Only with `step`.'),
        base64: z.string().optional().describe('In place of `text`, where the bytes are no UTF-8.'),
        excerpt: z
          .string()
          .optional()
          .describe('The beginning of what was said with an error status, where `text` is left out.'),
      })
      .describe('The body, after its content coding.'),
  })
  .meta({ id: 'WireExchange' })
export type ExchangeResource = z.output<typeof exchange>

const attempt = z
  .strictObject({
    attempt: count.describe('Counts the attempts of the run.'),
    purpose: purpose.optional().describe('Absent where no exchange is kept.'),
    provider: z.string(),
    model: z.string(),
    status: z
      .enum(['open', 'ok', 'failed', 'unknown'])
      .describe('`open`: under way. `unknown`: nobody has seen its end.'),
    code: code.optional(),
    served_by: z.string().optional(),
    request_id: z.string().optional().describe("The provider's name for the request."),
    began_at: time,
    ended_at: time.optional(),
    max_output_tokens: count.describe('The most that the answer might have had.'),
    worst_micro_usd: microUsd.describe('What was set aside for it; null where the model has no price.'),
    cost_micro_usd: microUsd,
    unknown_micro_usd: count.describe('What counts in place of a cost that is not known.'),
    usage: z.strictObject({
      input_tokens: count,
      cached_input_tokens: count,
      cache_write_tokens: count,
      output_tokens: count,
      reasoning_tokens: count,
      estimated: z.literal(true).optional(),
    }),
    lost: z
      .literal(true)
      .optional()
      .describe('A worker was lost while it asked: at least one exchange is not there, or without its end.'),
    taken_up: count.optional().describe('How often a later worker went on reading the answer.'),
    exchanges: z
      .array(exchange)
      .describe('The requests that were made for it, oldest first. Empty where none is kept.'),
  })
  .meta({ id: 'ModelAttempt' })
export type AttemptResource = z.output<typeof attempt>

const modelCall = z
  .strictObject({
    hop: count.describe(
      'Place of the model in the chain, from 0. Calls beside the answer have hops of their own.',
    ),
    purpose: purpose.optional().describe('Absent where no exchange is kept.'),
    provider: z.string(),
    model: z.string(),
    cache: z
      .strictObject({
        outcome: z.enum(['waits', 'miss', ...CACHE_HITS]),
        saved_micro_usd: count,
        began_at: time,
      })
      .optional()
      .describe('What the answer cache said. Absent where it was not asked.'),
    skipped: z
      .array(z.strictObject({ code, at: time }))
      .optional()
      .describe(
        'Each time that the chain went on without asking the model, and why: its circuit was open, say.',
      ),
    attempts: z.array(attempt),
    answer: z
      .strictObject({
        stop: z.string(),
        served_by: z.string(),
        preview: z.string(),
        message_seq: count.describe('Place of the whole answer in the transcript.'),
        latency_ms: ms,
        cost_micro_usd: microUsd,
        problem: z.enum(ANSWER_PROBLEMS).optional().describe('Why it cannot be used as it is.'),
        cached: z.enum(CACHE_HITS).optional().describe('It was given before: no provider was asked.'),
        hedge: z
          .strictObject({ hop: count, model: z.string(), outcome: z.enum(HEDGE_OUTCOMES) })
          .optional()
          .describe('The other model that was asked for it, since one of the two was silent for long.'),
        at: time,
      })
      .optional()
      .describe('The answer that counts for the hop.'),
  })
  .meta({ id: 'TracedModelCall' })
export type ModelCallResource = z.output<typeof modelCall>

const toolCall = z
  .strictObject({
    index: count.describe('Place among the calls of the step.'),
    again: count.describe('How often a person has said "call again" before.'),
    call_id: z.string(),
    tool: z.string(),
    effect: z.enum(EFFECTS).optional(),
    status: z.string(),
    verdict: z.enum(['allow', 'ask', 'deny']).optional().describe("What the plan's rules say of it."),
    arguments: z.record(z.string(), z.unknown()).optional().describe('As the model gave them.'),
    facts: z.record(z.string(), z.unknown()).optional().describe('What the tool has looked up beforehand.'),
    output: z.string().optional().describe('As the model was shown it.'),
    outcome: z
      .strictObject({ status: z.enum(['ok', 'failed', 'outcome_unknown']), code: code.optional() })
      .optional(),
    tries: z
      .strictObject({ begun: count, failed: count.describe('By the tool itself.') })
      .optional()
      .describe('Tries of a call that changes something.'),
    requested_at: time,
    started_at: time.optional(),
    ended_at: time.optional(),
    latency_ms: ms.optional(),
    approvals: z.array(approval).describe('What people were asked about it, with their votes.'),
    sub_agent: z
      .strictObject({
        run_id: runId,
        agent: z.string(),
        status: z.enum(RUN_STATUSES),
        href: z.string().describe('Its own dossier.'),
        // A reference to itself has no type of its own.
        trace: z
          .looseObject({ object: z.literal('run_trace') })
          .optional()
          .describe('The first page of its dossier, as far as `depth` and the size of the answer allow.'),
      })
      .optional(),
  })
  .meta({ id: 'TracedToolCall' })
export type ToolCallResource = Omit<z.output<typeof toolCall>, 'sub_agent'> & {
  sub_agent?: Omit<NonNullable<z.output<typeof toolCall>['sub_agent']>, 'trace'> & { trace?: TraceResource }
}

const step = z
  .strictObject({
    step: count,
    agent: z.string().describe('Who speaks in it.'),
    began_at: time,
    href: z.string().describe('The step alone, with the bodies of its exchanges.'),
    model_calls: z.array(modelCall),
    tool_calls: z.array(toolCall),
    events: z
      .array(event)
      .describe('What else happened from its beginning to that of the next step, oldest first.'),
  })
  .meta({ id: 'TracedStep' })
export type StepResource = Omit<z.output<typeof step>, 'tool_calls'> & { tool_calls: ToolCallResource[] }

export const trace = z
  .strictObject({
    object: z.literal('run_trace'),
    run,
    said: z
      .array(z.strictObject({ seq: count.describe('Place in the transcript.'), text: z.string() }))
      .describe(
        `What was said to it, the first ${DOSSIER.excerptCharacters} characters of each: its input, on the first page, and messages that it got later.`,
      ),
    events: z.array(event).describe('What happened before its first step. Only on the first page.'),
    steps: z.array(step),
    has_more: z.boolean(),
    next: z.string().nullable().describe('Give it as `after` to get the page that follows.'),
  })
  .meta({ id: 'RunTrace' })
export type TraceResource = Omit<z.output<typeof trace>, 'steps'> & { steps: StepResource[] }

const { default: usual, most } = DOSSIER.pageSteps

export const traceQuery = z.strictObject({
  step: whole(1, 2_147_483_647).optional().describe('This step alone, with the bodies of its exchanges.'),
  depth: whole(0, DOSSIER.mostDepth)
    .default(0)
    .describe(`How deep the dossiers of sub-agents are nested: 0 to ${DOSSIER.mostDepth}, 0 if not said.`)
    .meta({ default: 0 }),
  limit: whole(1, most)
    .default(usual)
    .describe(
      `Steps of a page: 1 to ${most}, ${usual} if not said. A page ends sooner where its steps are large.`,
    )
    .meta({ default: usual }),
  after: afterSeq.describe('The `next` of the page before, or the number of a step.'),
})
