import type { Json } from '../../contracts/json.ts'
import type { UserMessage } from '../../contracts/runs/message.ts'
import { canonicalSha256 } from '../../security/canonical-sha256.ts'
import type { RunRow } from '../../store/record/run-row.ts'
import { acceptRun, type NewRun } from '../../store/runs/accept-run.ts'
import { storePrompts } from '../../store/runs/prompts.ts'
import { acceptRunWithWebhook } from '../../store/webhooks/accept-run-with-webhook.ts'
import { actingFor } from '../access/acting.ts'
import type { Principal } from '../access/principal.ts'
import type { ApiContext } from '../context.ts'
import { newId } from '../http/new-id.ts'
import { Problem } from '../http/problems/problem.ts'
import type { CallersTrace } from '../http/requests/read-traceparent.ts'
import { workflowIds } from '../temporal/workflow-id.ts'
import { toRunWebhook } from '../webhooks/to-run-webhook.ts'
import { checkStartBudget } from './budget/check-start-budget.ts'
import { toBudgetOverrides } from './budget/to-budget-overrides.ts'
import { pinPrompts } from './pin-prompts.ts'
import type { StartRunBody } from './run.schema.ts'

interface Accepted {
  readonly run: RunRow
  readonly input: readonly UserMessage[]
  /** False for a repeated request: the run is the first one's. */
  readonly created: boolean
}

/**
 * Stores a run. From then on it will be started, even if this process dies. Of concurrent requests with the same idempotency key one
 * creates the run, and the others get that run.
 *
 * @throws Problem unknown_agent, idempotency_key_reused, forbidden, webhook_url_refused
 */
export async function acceptStart(
  { app, outside, database, webhookHosts }: Pick<ApiContext, 'app' | 'outside' | 'database' | 'webhookHosts'>,
  sender: Principal,
  body: StartRunBody,
  idempotencyKey: string | null,
  trace: CallersTrace | null = null,
): Promise<Accepted> {
  const caller = actingFor(sender, body)
  const ownPlan = app.plan(body.agent)
  if (ownPlan === null) {
    throw new Problem('unknown_agent', {
      errors: [{ pointer: '/agent', detail: 'There is no agent with this name.' }],
    })
  }
  const { tenant, id: principal, groups } = caller
  const { deadline_ms: deadlineMs, budget } = body
  if (budget !== undefined) checkStartBudget(budget, ownPlan, caller)
  const requestedPlan = app.plan(body.agent, {
    ...(deadlineMs !== undefined && { deadlineMs }),
    ...(budget !== undefined && { budget: toBudgetOverrides(budget) }),
  })
  const metadata = body.metadata ?? {}
  const webhook = body.webhook === undefined ? null : toRunWebhook(body.webhook, webhookHosts)
  const context = await app.context(
    { caller: { tenant, principal, groups }, metadata, now: new Date() },
    outside,
  )
  const { plan, prompts } = pinPrompts(app, requestedPlan ?? ownPlan, context)
  await storePrompts(database, prompts)
  const input = toMessages(body.input)
  const requestSha256 = canonicalSha256(body as Json)
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
    startedBy: caller.credential,
    ...(trace && { traceId: trace.traceId, callerSpanId: trace.spanId, traceSampled: trace.sampled }),
  }
  const { run, created } =
    webhook === null
      ? await acceptRun(database, newRun)
      : await acceptRunWithWebhook(database, newRun, webhook)
  if (run.requestSha256 !== requestSha256) throw new Problem('idempotency_key_reused')
  return { run, input, created }
}

function toMessages(input: StartRunBody['input']): UserMessage[] {
  if (typeof input === 'string') return [{ role: 'user', text: input }]
  return input.map(({ content }) => ({ role: 'user', text: content }))
}
