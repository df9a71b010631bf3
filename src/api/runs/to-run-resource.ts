import { NOTHING_SPENT } from '../../contracts/budgets/budget.ts'
import { ERROR_CODES } from '../../contracts/error-codes.ts'
import { mapValues } from '../../contracts/map-values.ts'
import type { RouteChoice } from '../../contracts/models/routing.ts'
import { NO_USAGE } from '../../contracts/models/usage.ts'
import type { RequiredAction, WaitingFor } from '../../contracts/runs/run.ts'
import type { RunRow } from '../../store/record/run-row.ts'
import { runTraceOf } from '../../telemetry/traces/run-trace.ts'
import { toRunBudget } from './budget/to-run-budget.ts'
import type { RunResource } from './run.schema.ts'
import type { WorkflowLink } from './workflow-link.ts'

export function toRunResource(run: RunRow, linkTo: WorkflowLink): RunResource {
  return {
    id: run.id,
    object: 'run',
    agent: run.agent,
    agent_version: run.agentVersion,
    principal: run.principal,
    priority: run.priority,
    ...(run.startedBy !== null && { started_by: run.startedBy }),
    status: run.status,
    ...(run.reason !== null && { reason: run.reason }),
    ...(run.requiredAction !== null && { required_action: toRequiredAction(run.requiredAction) }),
    ...(run.waitingFor !== null && { waiting_for: toWaitingFor(run.waitingFor) }),
    ...(run.output !== null && { output: run.output }),
    ...(run.outputFits && run.output !== null && { output_json: JSON.parse(run.output) }),
    ...(run.error !== null && { error: { code: run.error, message: ERROR_CODES[run.error].text } }),
    usage: toUsage(run),
    budget: toRunBudget(run),
    ...(run.parentRunId !== null && { parent_run_id: run.parentRunId }),
    ...(run.threadId !== null && { thread_id: run.threadId }),
    ...(run.servedBy !== null && { served_by: run.servedBy }),
    ...(run.routes !== null && { routes: mapValues(run.routes, toRoute) }),
    steps: run.steps,
    trace_id: runTraceOf(run.id, run).traceId,
    // The schema of a start only accepts text.
    metadata: run.metadata as Record<string, string>,
    created_at: run.createdAt,
    ...(run.startedAt !== null && { started_at: run.startedAt }),
    ...(run.completedAt !== null && { completed_at: run.completedAt }),
    links: { temporal: linkTo(run.workflowId), events: `/v1/runs/${run.id}/events` },
  }
}

/**
 * The run as it was when it was accepted: the answer to every start with its idempotency key, however far the run has come, so that a
 * repeated request gets the same answer.
 */
export function asAccepted(run: RunRow): RunRow {
  return {
    ...run,
    status: 'queued',
    reason: null,
    requiredAction: null,
    waitingFor: null,
    output: null,
    outputFits: false,
    error: null,
    usage: NO_USAGE,
    promptCacheSavedMicroUsd: 0,
    budget: { limits: run.plan.budget?.limits ?? {}, spent: NOTHING_SPENT, heldMicroUsd: 0 },
    servedBy: null,
    routes: null,
    steps: 0,
    startedAt: null,
    completedAt: null,
  }
}

function toRoute({ rule, classifier }: RouteChoice): NonNullable<RunResource['routes']>[string] {
  return { rule, ...(classifier?.label !== undefined && { label: classifier.label }) }
}

function toWaitingFor(wait: WaitingFor): NonNullable<RunResource['waiting_for']> {
  if (wait.type === 'models') return wait
  return { type: 'thread', thread_id: wait.threadId, since: wait.since }
}

function toRequiredAction(action: RequiredAction): NonNullable<RunResource['required_action']> {
  if (action.type === 'approval') return { type: 'approval', approvals: [...action.approvals] }
  const { scope, limit, period, allowed, used, resetsAt } = action.reached
  return {
    type: 'budget',
    scope,
    limit,
    ...(period !== undefined && { period }),
    allowed,
    used,
    ...(resetsAt !== undefined && { resets_at: resetsAt }),
    expires_at: action.expiresAt,
  }
}

function toUsage({ usage, promptCacheSavedMicroUsd }: RunRow): RunResource['usage'] {
  return {
    input_tokens: usage.inputTokens,
    cached_input_tokens: usage.cachedInputTokens,
    output_tokens: usage.outputTokens,
    model_calls: usage.modelCalls,
    tool_calls: usage.toolCalls,
    cost_micro_usd: usage.costMicroUsd,
    ...(usage.estimated && { estimated: true as const }),
    prompt_cache_saved_micro_usd: promptCacheSavedMicroUsd,
  }
}
