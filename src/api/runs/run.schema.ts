import { z } from 'zod'
import { BUDGET_PERIODS, BUDGET_SCOPES } from '../../contracts/budgets/budget.ts'
import { PRIORITIES, RUN_REASONS, RUN_STATUSES, USUAL_PRIORITY } from '../../contracts/runs/run.ts'
import { MULTITASK_STRATEGIES } from '../../contracts/threads/thread.ts'
import { REQUEST_LIMITS } from '../../policies/api.ts'
import { actsFor, RIGHTS_NEED_PRINCIPAL, rightsNeedPrincipal } from '../access/acting.schema.ts'
import { recordedCredential } from '../access/credential.schema.ts'
import { principalName } from '../access/key.schema.ts'
import { content, fitsInput, INPUT_BOUNDS } from '../files/content.schema.ts'
import { cursor, limit, pageOf, whole } from '../http/paging/paging.schema.ts'
import { approvalId, runId, threadId } from '../http/requests/ids.schema.ts'
import { idempotencyKey, preferWait, traceparent } from '../http/requests/request-headers.schema.ts'
import { spoken, text } from '../http/requests/text.schema.ts'
import { runWebhook } from '../webhooks/webhook.schema.ts'
import { changeBudgetBody, runBudget, startBudget } from './budget/run-budget.schema.ts'
import { runUsage } from './run-usage.schema.ts'

const { inputMessages, inputCharacters, deadlineMs } = REQUEST_LIMITS

const inputMessage = z.strictObject({ role: z.literal('user'), content })

/** A body with this key is refused before it gets here, and so is a query. */
const metadataKey = text(REQUEST_LIMITS.metadataKeyCharacters)
  .min(1)
  .meta({ not: { const: '__proto__' } })

export const metadata = z
  .record(metadataKey, text(REQUEST_LIMITS.metadataValueCharacters))
  .refine(
    (entries) => Object.keys(entries).length <= REQUEST_LIMITS.metadataEntries,
    `Must be at most ${REQUEST_LIMITS.metadataEntries} entries long.`,
  )
  .meta({ maxProperties: REQUEST_LIMITS.metadataEntries })

const startFields = z.strictObject({
  agent: text(REQUEST_LIMITS.agentCharacters)
    .min(1)
    .describe('Name of an agent, as `/v1/agents` lists them.'),
  input: z
    .union([
      spoken(inputCharacters),
      z
        .array(inputMessage)
        .min(1)
        .max(inputMessages)
        .refine((messages) => fitsInput(messages.map((message) => message.content)), INPUT_BOUNDS),
    ])
    .describe(
      'What is asked: one message, or several of the same person. With files it is a message whose content is a list.',
    ),
  metadata: metadata.optional().describe('Kept with the run and given back; agents do not see it.'),
  deadline_ms: z
    .int()
    .min(deadlineMs.least)
    .max(deadlineMs.most)
    .optional()
    .describe("Time the run may take, waiting for people not counted, in place of the agent's own."),
  priority: z
    .literal(PRIORITIES)
    .optional()
    .describe(
      `Where tasks wait for a worker, those of 1 come before those of 5; ${USUAL_PRIORITY} if it is not said. Tenants take turns within a priority.`,
    ),
  budget: startBudget
    .optional()
    .describe("In place of the agent's own, name by name. More than that takes the scope `budgets:write`."),
  webhook: runWebhook.optional().describe('Is told of this run, beside the webhooks of the tenant.'),
  ...actsFor,
  multitask_strategy: z
    .enum(MULTITASK_STRATEGIES)
    .optional()
    .describe(
      'In a thread where a turn is in flight or waits: `enqueue`, which it is if not said, waits for its turn; `reject` is answered 409; `interrupt` cancels the turns before it and keeps what they have done; `rollback` cancels them, and the messages of the one in flight leave the thread. The last two take the scope `runs:cancel`.',
    ),
})

export const startRunBody = startFields
  .extend({ thread_id: threadId.optional().describe('The thread in which the run is a turn.') })
  .refine(
    ({ thread_id, multitask_strategy }) => thread_id !== undefined || multitask_strategy === undefined,
    { path: ['multitask_strategy'], error: 'Only a run in a thread has one.' },
  )
  .check(rightsNeedPrincipal)
  .meta({
    id: 'StartRun',
    dependentRequired: { ...RIGHTS_NEED_PRINCIPAL.dependentRequired, multitask_strategy: ['thread_id'] },
    examples: [
      {
        agent: 'support',
        input: 'Invoice A-1017 charges me twice. I would like my money back.',
        metadata: { ticket: '4711' },
      },
    ],
  })
export type StartRunBody = z.output<typeof startRunBody>

/** The same where the path names the thread. */
export const startTurnBody = startFields.check(rightsNeedPrincipal).meta({
  id: 'StartTurn',
  ...RIGHTS_NEED_PRINCIPAL,
  examples: [{ agent: 'support', input: 'And the one from June?', multitask_strategy: 'enqueue' }],
})

const count = z.int().min(0)

const requiredAction = z
  .discriminatedUnion('type', [
    z.strictObject({
      type: z.literal('approval'),
      approvals: z.array(approvalId).describe('Of the run and of its sub-agents.'),
    }),
    z.strictObject({
      type: z.literal('budget'),
      scope: z
        .enum(['run', ...BUDGET_SCOPES])
        .describe("Whose budget: the run's own, or one that runs share."),
      limit: z.enum(['cost', 'tokens', 'model_calls', 'tool_calls', 'steps', 'active_ms', 'kill_switch']),
      period: z.enum(BUDGET_PERIODS).optional(),
      allowed: count,
      used: count.describe('Spent, unknown and set aside.'),
      resets_at: z.iso.datetime().optional().describe('When the period ends, and the run goes on by itself.'),
      expires_at: z.iso.datetime().describe('When the run waits no longer and ends.'),
    }),
  ])
  .describe('What a person or program has to do before the run goes on.')

const waitingFor = z
  .discriminatedUnion('type', [
    z.strictObject({
      type: z.literal('models'),
      since: z.iso.datetime(),
      until: z.iso.datetime().describe('When the run waits no longer and ends.'),
    }),
    z.strictObject({
      type: z.literal('thread'),
      thread_id: threadId.describe('Turns before its own are not over.'),
      since: z.iso.datetime(),
    }),
  ])
  .describe(
    'What the run waits for by itself. `models`: none answers, and it tries again from time to time. `thread`: it is not its turn yet.',
  )

export const run = z
  .strictObject({
    id: runId,
    object: z.literal('run'),
    agent: z.string(),
    agent_version: z.string(),
    principal: z
      .string()
      .describe('Whom it belongs to and acts for: whoever started it, or was named by the start.'),
    started_by: recordedCredential
      .optional()
      .describe("What its start was let in by; not there for a sub-agent's run."),
    priority: z.literal(PRIORITIES),
    status: z.enum(RUN_STATUSES),
    reason: z.enum(RUN_REASONS).optional(),
    required_action: requiredAction.optional(),
    waiting_for: waitingFor.optional(),
    output: z.string().optional().describe('The answer; of a run that ended without one, what there is.'),
    output_json: z
      .record(z.string(), z.unknown())
      .optional()
      .describe('The answer as a value, where the agent has an output schema and the answer fits it.'),
    error: z.strictObject({ code: z.string(), message: z.string() }).optional(),
    usage: runUsage,
    budget: runBudget.nullable().describe('null where the agent has none.'),
    parent_run_id: runId.optional().describe('The run that this one works for.'),
    thread_id: threadId.optional().describe('The thread in which it is a turn.'),
    served_by: z.string().optional().describe('The model that answered last, as its provider names it.'),
    routes: z
      .record(
        z.string(),
        z.strictObject({
          rule: z.string().nullable().describe('The rule that chose its models; null where none held.'),
          label: z.string().optional().describe("The classifier's, where the rule has one."),
        }),
      )
      .optional()
      .describe('By agent: which rule has chosen its models, of agents with rules about them.'),
    steps: count.describe('Turns of the loop so far.'),
    trace_id: z.string().describe('W3C Trace Context: the trace that its spans belong to.'),
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
  status: z.enum(RUN_STATUSES).optional().describe('The runs that have it now.'),
  agent: text(REQUEST_LIMITS.agentCharacters).min(1).optional().describe('The agent they were started with.'),
  principal: principalName.optional().describe('Whose runs.'),
  priority: whole(PRIORITIES[0], PRIORITIES[4]).optional().describe('The runs of this priority.'),
  started_by: principalName
    .optional()
    .describe(
      "A credential's id, as runs have it in `started_by`: the runs that it has started, and those of tokens for pages that it has made.",
    ),
  metadata: metadata.optional().describe('`metadata[key]=value`: entries that the run has, among others.'),
  thread_id: threadId.optional().describe('The runs of this thread.'),
  parent_run_id: runId
    .optional()
    .describe('The sub-agents of this run. Without it the list has only runs that somebody started.'),
  limit,
  after: cursor,
})

/** The body is optional, and so is everything in it. */
export const resumeBody = z
  .strictObject({
    budget: changeBudgetBody
      .optional()
      .describe('Changes what the run may use from then on. It takes the scope `budgets:write`.'),
  })
  .optional()

export const startHeaders = z.looseObject({
  'idempotency-key': idempotencyKey('principal that sends it'),
  prefer: preferWait('when the run has ended or requires action'),
  traceparent: traceparent(),
})

/** `{}` or no body: the request takes no parameters. */
export const emptyBody = z.strictObject({}).optional()
