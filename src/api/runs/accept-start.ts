import type { Json } from '../../contracts/json.ts'
import type { UserMessage } from '../../contracts/runs/message.ts'
import { canonicalSha256 } from '../../security/canonical-sha256.ts'
import type { RunRow } from '../../store/record/run-row.ts'
import { acceptRun } from '../../store/runs/accept-run.ts'
import { storePrompts } from '../../store/runs/prompts.ts'
import type { Principal } from '../access/principal.ts'
import type { ApiContext } from '../context.ts'
import { newId } from '../http/new-id.ts'
import { Problem } from '../http/problems/problem.ts'
import type { CallersTrace } from '../http/requests/read-traceparent.ts'
import { workflowIds } from '../temporal/workflow-id.ts'
import { toBudgetOverrides } from './budget/to-budget-overrides.ts'
import { pinPrompts } from './pin-prompts.ts'
import { requirePlan } from './require-plan.ts'
import type { StartRunBody } from './run.schema.ts'

export interface AcceptedStart {
  readonly run: RunRow
  readonly input: readonly UserMessage[]
  /** False for a repeated request: the run is the first one's. */
  readonly created: boolean
}

/**
 * Stores a run. From then on it will be started, even if this process dies. Of concurrent requests with the same idempotency key one
 * creates the run, and the others get that run.
 *
 * @throws Problem unknown_agent, idempotency_key_reused, forbidden
 */
export async function acceptStart(
  { app, outside, database }: Pick<ApiContext, 'app' | 'outside' | 'database'>,
  caller: Principal,
  body: StartRunBody,
  idempotencyKey: string | null,
  trace: CallersTrace | null = null,
): Promise<AcceptedStart> {
  const ownPlan = requirePlan(app, body, caller)
  const { tenant, id: principal, groups } = caller
  const { deadline_ms: deadlineMs, budget } = body
  const requestedPlan = app.plan(body.agent, {
    ...(deadlineMs !== undefined && { deadlineMs }),
    ...(budget !== undefined && { budget: toBudgetOverrides(budget) }),
  })
  const metadata = body.metadata ?? {}
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

  const { run, created } = await acceptRun(database, {
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
    ...(trace && { traceId: trace.traceId, callerSpanId: trace.spanId, traceSampled: trace.sampled }),
  })
  if (run.requestSha256 !== requestSha256) throw new Problem('idempotency_key_reused')
  return { run, input, created }
}

function toMessages(input: StartRunBody['input']): UserMessage[] {
  if (typeof input === 'string') return [{ role: 'user', text: input }]
  return input.map(({ content }) => ({ role: 'user', text: content }))
}
