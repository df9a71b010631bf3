import { z } from 'zod'
import { APPROVAL_STATUSES, DECISIONS } from '../../contracts/approvals/approval.ts'
import { BUDGET_PERIODS, BUDGET_SCOPES } from '../../contracts/budgets/budget.ts'
import { CACHE_HITS } from '../../contracts/cache/answer-cache.ts'
import type { EventType } from '../../contracts/events/event.ts'
import { ANSWER_PROBLEMS } from '../../contracts/models/answer.ts'
import { WINDOW_STRATEGIES } from '../../contracts/models/context.ts'
import { ESCALATION_CAUSES } from '../../contracts/models/routing.ts'
import { RUN_REASONS, TERMINAL_STATUSES } from '../../contracts/runs/run.ts'
import { EFFECTS } from '../../contracts/tools/tool.ts'
import { recordedCredential } from '../access/credential.schema.ts'
import { approvalId, runId, threadId } from '../http/requests/ids.schema.ts'
import { limits } from '../runs/budget/run-budget.schema.ts'
import { runUsage } from '../runs/run-usage.schema.ts'

const count = z.int().min(0)
const time = z.iso.datetime()
const code = z.string().describe('A code of the catalogue of errors.')
const preview = z.string().describe('The beginning of it.')

/** `child_run_id` is there where a sub-agent of the run asked. */
const ofApproval = { approval_id: approvalId, child_run_id: runId.optional() }
const ofStep = { step: count, index: count.describe('Place among the calls of the step.') }
const ofCall = { ...ofStep, call_id: z.string(), tool: z.string() }
const vote = { by: z.string(), decision: z.enum(DECISIONS), comment: z.string().optional() }
const waits = z.looseObject({
  ...ofApproval,
  approvers: z.array(z.string()).describe('Groups whose members may decide now.'),
  expires_at: time,
})
const toolEnded = z.looseObject({
  ...ofCall,
  status: z.enum(['ok', 'failed', 'outcome_unknown']),
  code: code.optional(),
  preview: preview.optional(),
  rule: z.string().optional().describe('Name of the rule that kept the call from being made.'),
})

const LIMITS = ['cost', 'tokens', 'model_calls', 'tool_calls', 'steps', 'active_ms', 'kill_switch'] as const
const aboutLimit = {
  scope: z.enum(['run', ...BUDGET_SCOPES]).optional(),
  subject: z.string().optional(),
  limit: z.enum(LIMITS).optional(),
  period: z.enum(BUDGET_PERIODS).optional(),
  allowed: count.optional(),
  used: count.optional(),
}
const ofBudget = z.looseObject({
  ...aboutLimit,
  limits: limits.optional().describe("The run's own, from now on."),
  resets_at: time.optional(),
})

const callUsage = z.looseObject({
  input_tokens: count,
  cached_input_tokens: count,
  cache_write_tokens: count,
  output_tokens: count,
  reasoning_tokens: count,
  estimated: z.literal(true).optional().describe('The server has counted no tokens: these are an estimate.'),
})

const runEnded = z.looseObject({
  status: z.enum(TERMINAL_STATUSES),
  reason: z.enum(RUN_REASONS).optional(),
  error: code.optional(),
  output: z.string().optional().describe('The answer.'),
  steps: count,
  usage: runUsage,
})

/** The data of each event type. Later releases may add members. */
export const EVENT_DATA = {
  'run.queued': z.looseObject({
    agent: z.string(),
    by: z.string().optional().describe('Who started it.'),
    thread_id: threadId.optional(),
  }),
  'run.started': z.looseObject({ agent: z.string(), agent_version: z.string(), prompt_version: z.string() }),
  'message.received': z.looseObject({
    message_id: z.string(),
    message_seq: count.describe('Place of the message in the transcript.'),
    by: z.string().optional().describe('Who wrote it.'),
  }),
  'message.unread': z.looseObject({
    unread: count.describe('Messages that no model was shown before the run ended.'),
    message_ids: z.array(z.string()).describe('Ids of the oldest of them.'),
  }),
  'submission.dropped': z.looseObject({
    dropped: count.describe('What was sent to the run past what may wait, so far.'),
  }),
  'principal.represented': z.looseObject({
    by: z.string().describe('The person in whose name a message or a decision was sent.'),
    sent_by: recordedCredential.describe('What sent it.'),
    message_id: z.string().optional(),
    approval_id: z.string().optional(),
  }),
  'cancel.requested': z.looseObject({ by: z.string() }),
  'turn.rolled_back': z.looseObject({
    by: z.string(),
    for_run_id: runId.describe('The run that takes its place in the thread.'),
  }),
  'model.routed': z.looseObject({
    step: count,
    agent: z.string(),
    rule: z
      .string()
      .nullable()
      .describe("The rule that decided; null where none held, and the agent's own models are asked."),
    cause: z
      .enum(ESCALATION_CAUSES)
      .optional()
      .describe('What was wrong with the answer before, where stronger models are asked over it.'),
    models: z.array(z.string()).describe('The models that are asked from now on, in their order.'),
    classifier: z
      .looseObject({
        model: z.string(),
        label: z.string().optional(),
        problem: z
          .string()
          .optional()
          .describe("Why it gave no label, so that the agent's own models are asked."),
        usage: callUsage.optional(),
        cost_micro_usd: count.nullable().optional(),
      })
      .optional()
      .describe('The call that sorted the input, where the rule has one.'),
  }),
  'model.completed': z.looseObject({
    step: count,
    hop: count.describe('Place of the model in the chain, from 0.'),
    model: z.string().describe('The model that was asked.'),
    served_by: z.string().describe('The model that answered, as its provider names it.'),
    stop: z.enum(['end', 'tool_calls', 'max_output_tokens', 'refusal', 'pause']),
    preview,
    message_seq: count.describe('Place of the whole answer in the transcript.'),
    tool_calls: z.array(
      z.looseObject({
        index: count,
        call_id: z.string(),
        tool: z.string(),
        arguments: z.unknown(),
        problem: z.string().optional().describe('Why the call cannot be made.'),
      }),
    ),
    usage: callUsage,
    cost_micro_usd: count.nullable(),
    hedge: z
      .looseObject({ hop: count, model: z.string(), outcome: z.enum(['stopped', 'failed']) })
      .optional()
      .describe('The other model that was asked for this answer, since one of the two was silent for long.'),
    prompt_cache_saved_micro_usd: z
      .int()
      .nullable()
      .optional()
      .describe("What the provider's cache has saved; below 0 where more was written to it than read."),
    problem: z
      .enum(ANSWER_PROBLEMS)
      .optional()
      .describe('Why the answer cannot be used as it is. The message after it tells the model so.'),
    problem_at: z
      .array(z.string())
      .optional()
      .describe('JSON pointers of what does not fit the output schema.'),
    cached: z
      .enum(CACHE_HITS)
      .optional()
      .describe('The answer was given before, to the same or a similar request: no provider was asked.'),
    saved: z
      .looseObject({ cost_micro_usd: count, input_tokens: count, output_tokens: count })
      .optional()
      .describe('What the answer had cost when it was made.'),
    waited_ms: count.optional().describe('How long the call waited for another run that asked the same.'),
  }),
  'model.failed': z.looseObject({ step: count, hop: count, model: z.string(), code }),
  'model.reattached': z.looseObject({ step: count, hop: count, model: z.string() }),
  'tool.started': z.looseObject({ ...ofCall, effect: z.enum(EFFECTS) }),
  'tool.completed': toolEnded,
  'tool.failed': toolEnded,
  'approval.requested': z.looseObject({
    ...ofApproval,
    ...ofStep,
    tool: z.string(),
    effect: z.enum(EFFECTS),
    arguments_sha256: z.string().describe('What a decision has to repeat.'),
    facts: z.record(z.string(), z.unknown()).optional().describe('What the tool has looked up of the call.'),
    cause: z.enum(['policy', 'outcome_unknown']),
    rule: z.string(),
    expires_at: time,
  }),
  'approval.voted': z.looseObject({ ...ofApproval, ...z.object(vote).partial().shape }),
  'approval.escalated': waits,
  'approval.reminded': waits,
  'approval.refused': z.looseObject({
    approval_id: z.string().describe('As the decision named it: there may be no such approval.'),
    by: z.string(),
    code,
  }),
  'approval.decided': z.looseObject({
    ...ofApproval,
    status: z.enum(APPROVAL_STATUSES),
    by: z.string(),
    comment: z.string().optional(),
    votes: z.array(z.looseObject({ ...vote, at: time })).optional(),
    edited_arguments_sha256: z.string().optional(),
  }),
  'budget.reached': ofBudget.extend({
    expires_at: time.optional().describe('When the run waits no longer.'),
    last_failure: code
      .optional()
      .describe('How the last try of the model failed that now may not be asked again.'),
  }),
  'budget.resumed': ofBudget,
  'budget.changed': ofBudget.extend({ by: z.string().optional() }),
  'budget.degraded': ofBudget,
  'budget.finishing': ofBudget,
  'budget.threshold': ofBudget.extend({ ratio: z.number().optional() }),
  'models.away': z.looseObject({
    step: count,
    until: time.optional().describe('When the run waits no longer.'),
  }),
  'models.returned': z.looseObject({ step: count, tries: count.describe('How often the chain was tried.') }),
  'context.compacted': z.looseObject({
    step: count,
    agent: z.string().describe('Whose models are shown less from now on.'),
    number: count.describe("Counts the agent's windows in this run, from 1."),
    cause: z.enum(['near_limit', 'predicted', 'refused']),
    strategy: z.enum(WINDOW_STRATEGIES).describe('`sliding` where no summary could be written.'),
    tokens_before: count.describe('Of a request, by our count.'),
    tokens_after: count,
    messages: count.describe('Of the whole transcript.'),
    messages_kept: count,
    messages_left_out: count,
    result_bytes: count.optional().describe('Tool results are shown up to this size.'),
    summary: z
      .looseObject({
        model: z.string().describe('The model that was asked.'),
        served_by: z.string(),
        preview,
        usage: callUsage,
        cost_micro_usd: count.nullable(),
      })
      .optional(),
    no_summary: code.optional().describe('Why there is none, where the agent wants one.'),
  }),
  'agent.handed_off': z.looseObject({ ...ofCall, to: z.string() }),
  'sub_agent.started': z.looseObject({ ...ofStep, child_run_id: runId, agent: z.string() }),
  'sub_agent.completed': z.looseObject({
    ...ofStep,
    child_run_id: runId,
    agent: z.string(),
    status: z.enum(TERMINAL_STATUSES),
    reason: z.enum(RUN_REASONS).optional(),
    usage: runUsage,
  }),
  'run.forgery_refused': z.looseObject({
    activity: z.string().describe('What was asked for in the name of the run.'),
    problem: z.string().describe('What of it does not agree with the record.'),
  }),
  'run.resumed': z.looseObject({ by: z.string(), limits: limits.optional() }),
  'run.completed': runEnded,
  'run.incomplete': runEnded,
  'run.failed': runEnded,
  'run.cancelled': runEnded.extend({ by: z.string().optional().describe('Who asked for it.') }),
  'run.expired': runEnded,
} as const satisfies Record<EventType, z.ZodType>
