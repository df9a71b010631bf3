import { toolScopesOf } from '../../contracts/access/tool-scope.ts'
import type { Json } from '../../contracts/json.ts'
import type { UserMessage } from '../../contracts/runs/message.ts'
import type { ThreadId } from '../../contracts/threads/thread.ts'
import { canonicalSha256 } from '../../security/canonical-sha256.ts'
import { newId } from '../../security/new-id.ts'
import type { Database } from '../../store/database/database.ts'
import type { RunRow } from '../../store/record/run-row.ts'
import { acceptRun, type NewRun } from '../../store/runs/accept-run.ts'
import { storePrompts } from '../../store/runs/prompts.ts'
import { findRunByKey } from '../../store/runs/runs.ts'
import { type AcceptedTurn, type AcceptTurn, acceptTurn } from '../../store/threads/accept-turn.ts'
import { acceptRunWithWebhook, type RunWebhook } from '../../store/webhooks/accept-run-with-webhook.ts'
import { actingFor } from '../access/acting.ts'
import { insufficientScope } from '../access/insufficient-scope.ts'
import type { Principal } from '../access/principal.ts'
import { reaches } from '../access/reaches.ts'
import { requireThread } from '../access/require-thread.ts'
import type { ApiContext } from '../context.ts'
import { hasFile } from '../files/content.schema.ts'
import { readContent, withHashes } from '../files/read-content.ts'
import { requireReaders } from '../files/require-readers.ts'
import { Problem } from '../http/problems/problem.ts'
import type { CallersTrace } from '../http/requests/read-traceparent.ts'
import type { AdmitRun } from '../limits/open-run-limit.ts'
import { workflowIds } from '../temporal/workflow-id.ts'
import { toRunWebhook } from '../webhooks/to-run-webhook.ts'
import { toBudgetOverrides } from './budget/to-budget-overrides.ts'
import { pinPrompts } from './pin-prompts.ts'
import { requirePlan } from './require-plan.ts'
import type { StartRunBody } from './run.schema.ts'

/** A run that is in the store, and what is to be done in Temporal. */
export interface AcceptedStart extends AcceptedTurn {
  readonly input: readonly UserMessage[]
}

/**
 * Stores a run. From then on it will be started, even if this process dies. Of concurrent requests with the same idempotency key one
 * creates the run, and the others get that run.
 *
 * @param admit is called where the run is new, before it is committed
 * @throws Problem unknown_agent, idempotency_key_reused, forbidden, webhook_url_refused; not_found, thread_busy, thread_full; what
 * {@link readContent} throws, models_cannot_read_files
 */
export async function acceptStart(
  { app, outside, database, webhookHosts }: Pick<ApiContext, 'app' | 'outside' | 'database' | 'webhookHosts'>,
  sender: Principal,
  body: StartRunBody,
  idempotencyKey: string | null,
  trace: CallersTrace | null = null,
  admit: AdmitRun | null = null,
): Promise<AcceptedStart> {
  const caller = actingFor(sender, body)
  const ownPlan = requirePlan(app, body, caller)
  const { tenant, id: principal, groups } = caller
  const scopes = toolScopesOf(caller.scopes)
  const { deadline_ms: deadlineMs, budget } = body
  if (body.thread_id !== undefined) await requireTurns(database, caller, body.thread_id, body)
  const requestedPlan = app.plan(body.agent, {
    ...(deadlineMs !== undefined && { deadlineMs }),
    ...(budget !== undefined && { budget: toBudgetOverrides(budget) }),
  })
  const metadata = body.metadata ?? {}
  const webhook = body.webhook === undefined ? null : toRunWebhook(body.webhook, webhookHosts)
  const context = await app.context(
    { caller: { tenant, principal, groups, scopes }, metadata, now: new Date() },
    outside,
  )
  const { plan, prompts } = pinPrompts(
    app,
    { ...(requestedPlan ?? ownPlan), caller: { groups, scopes } },
    context,
  )
  await storePrompts(database, prompts)
  const requestSha256 = await hashOf(body)
  const known = await knownStart(database, caller, body, idempotencyKey)
  if (known?.requestSha256 === requestSha256) return { ...UNCHANGED, run: known }
  requireReaders(plan, typeof body.input === 'string' ? [] : body.input.map(({ content }) => content))
  const input = await toMessages(database, caller, body.input)
  const id = newId('run')
  const workflowId = workflowIds(plan.agent.name, tenant, principal, idempotencyKey, id)

  const newRun: NewRun = {
    id,
    tenant,
    principal,
    groups,
    workflowId: workflowId.usual,
    ownWorkflowId: workflowId.own,
    agent: plan.agent.name,
    agentVersion: plan.agent.version,
    promptVersion: plan.prompt.version,
    plan,
    idempotencyKey,
    requestSha256,
    input,
    metadata,
    ...(body.priority !== undefined && { priority: body.priority }),
    startedBy: caller.credential,
    ...(trace && { traceId: trace.traceId, callerSpanId: trace.spanId, traceSampled: trace.sampled }),
  }
  const { thread_id: threadId, multitask_strategy: strategy = 'enqueue' } = body
  const accepted =
    threadId === undefined
      ? await acceptAlone(database, newRun, webhook, admit)
      : await acceptInThread(database, {
          run: { ...newRun, threadId },
          webhook,
          strategy,
          by: principal,
          ...(admit && { admit }),
        })
  if (accepted.run.requestSha256 !== requestSha256) throw new Problem('idempotency_key_reused')
  return { ...accepted, input }
}

/** A run without a thread is started at once, and comes in nobody's way. */
async function acceptAlone(
  database: Database,
  newRun: NewRun,
  webhook: RunWebhook | null,
  admit: AdmitRun | null,
): Promise<AcceptedTurn> {
  const { run, created } =
    webhook === null && admit === null
      ? await acceptRun(database, newRun)
      : await database.transaction(async (tx) => {
          const accepted =
            webhook === null ? await acceptRun(tx, newRun) : await acceptRunWithWebhook(tx, newRun, webhook)
          if (accepted.created) await admit?.(tx)
          return accepted
        })
  return { run, created, begun: created ? run : null, interrupted: null, removed: [] }
}

async function acceptInThread(database: Database, turn: AcceptTurn): Promise<AcceptedTurn> {
  const accepted = await acceptTurn(database, turn)
  if (!('refused' in accepted)) return accepted
  throw new Problem(accepted.refused === 'no_thread' ? 'not_found' : accepted.refused)
}

/** @throws Problem not_found where the caller may not write in the thread, forbidden where it may not cancel what its strategy cancels */
export async function requireTurns(
  database: Database,
  caller: Principal,
  threadId: ThreadId,
  { multitask_strategy: strategy }: Pick<StartRunBody, 'multitask_strategy'>,
): Promise<void> {
  const { principal } = await requireThread(database, caller, threadId, 'write')
  if ((strategy === 'interrupt' || strategy === 'rollback') && !reaches(caller, principal, 'cancel'))
    throw insufficientScope(
      ['runs:cancel:all'],
      "To end turns in somebody else's thread takes runs:cancel:all.",
    )
}

/** What makes it another request under the same key. */
async function hashOf(body: StartRunBody): Promise<string> {
  if (typeof body.input === 'string') return canonicalSha256(body as Json)
  const input = await Promise.all(
    body.input.map(async (message) => ({ ...message, content: await withHashes(message.content) })),
  )
  return canonicalSha256({ ...body, input } as Json)
}

const UNCHANGED = { created: false, begun: null, interrupted: null, removed: [], input: [] } as const

/** The run that a start with files has made before: its files may be gone by now. Other starts find theirs when they are stored. */
async function knownStart(
  database: Database,
  { tenant, id }: Principal,
  { input }: StartRunBody,
  idempotencyKey: string | null,
): Promise<RunRow | null> {
  if (idempotencyKey === null || typeof input === 'string') return null
  return input.some(({ content }) => hasFile(content))
    ? findRunByKey(database, tenant, id, idempotencyKey)
    : null
}

async function toMessages(
  database: Database,
  caller: Principal,
  input: StartRunBody['input'],
): Promise<UserMessage[]> {
  if (typeof input === 'string') return [{ role: 'user', text: input }]
  const messages: UserMessage[] = []
  for (const [index, { content }] of input.entries())
    messages.push({
      role: 'user',
      ...(await readContent(database, caller, content, `/input/${index}/content`)),
    })
  return messages
}
