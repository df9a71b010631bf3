import type { BookedLimits } from '../../contracts/budgets/budget.ts'
import type { RunPlan } from '../../contracts/runs/plan.ts'
import type { RunIdentity } from '../../contracts/runs/run.ts'
import { withLimits } from '../../contracts/team/child-plan.ts'
import type { OpenChildInput, OpenedChild } from '../../contracts/team/sub-agent.ts'
import type { Database, Db } from '../database/database.ts'
import { storableJson, storableText } from '../database/postgres-text.ts'
import { statement } from '../database/statement.ts'
import { ADD_EVENTS, changeRun, LOCK_RUN, noSuchRun } from '../record/change-run.ts'
import { EVENT_CHANNEL } from '../record/events.ts'
import { planSha256 } from '../runs/plan-sha256.ts'
import { type Amounts, shareOf } from './child-share.ts'

export interface OpenChild
  extends Pick<OpenChildInput, 'run' | 'childRunId' | 'workflowId' | 'step' | 'index' | 'limits'> {
  /** The child's, with the limits that it asks for. */
  readonly plan: RunPlan
  /** The sub-agent's input. */
  readonly task: string
  /** SHA-256 of the call's arguments. */
  readonly argumentsSha256: string
  /** The parent's trace, and the call that the sub-agent answers as a span of it. */
  readonly trace: { readonly traceId: string; readonly callerSpanId: string }
  /** With less than this left of the parent's budget the sub-agent is not started. */
  readonly least: Amounts
}

const LOCK_PARENT = statement(
  'lock_parent',
  `
  select completed_at is null as open, allowed_limits as allowed,
    settled_micro_usd + unknown_micro_usd + held_micro_usd as "costMicroUsd",
    input_tokens + output_tokens + unknown_tokens + held_tokens as tokens,
    attempts + held_model_calls as "modelCalls"
  from runs where id = :run_id and tenant = :tenant
  for no key update`,
)

const FIND_SHARE = statement(
  'find_child_share',
  `
  select share_micro_usd as cost, share_tokens as tokens, share_model_calls as calls
  from runs where id = :child_run_id and tenant = :tenant and parent_run_id = :run_id`,
)

/**
 * Accepts a sub-agent's run, and sets aside a share of its parent's budget for it. Repeated, it returns the same share. `ended`: the
 * parent has ended, so that no sub-agent may start for it.
 *
 * A transaction, since the share is computed from the parent's locked row: two sub-agents could otherwise be given the same money.
 */
export async function openChild(database: Database, input: OpenChild): Promise<OpenedChild | 'ended'> {
  const { run, plan, limits = {}, least } = input
  return database.transaction(async (tx) => {
    const { open, allowed, ...booked } = await lockParent(tx, run)
    const existing = await findShare(tx, input)
    if (existing !== null) return { limits: existing }
    if (!open) return 'ended'
    const asked = plan.budget?.limits ?? {}
    const share = shareOf({ asked, limits: lowest(limits, allowed ?? {}), booked, least })
    if ('withheld' in share) return share
    await insertChild(tx, input, share.limits)
    return share
  })
}

interface Parent extends Amounts {
  readonly open: boolean
  /** The limits that it was accepted with and was granted since; null for a run of a release that did not keep them. */
  readonly allowed: BookedLimits | null
}

async function lockParent(tx: Db, { runId, tenant }: RunIdentity): Promise<Parent> {
  const [row] = await tx.query<Parent>(LOCK_PARENT.with({ run_id: runId, tenant }))
  if (row === undefined) throw noSuchRun(runId)
  return row
}

function lowest(one: BookedLimits, other: BookedLimits): BookedLimits {
  const names = ['maxCostMicroUsd', 'maxTokens', 'maxModelCalls'] as const
  const both = names.map((name) => [name, Math.min(one[name] ?? Infinity, other[name] ?? Infinity)] as const)
  return Object.fromEntries(both.filter(([, limit]) => Number.isFinite(limit)))
}

async function findShare(tx: Db, { run, childRunId }: OpenChild): Promise<BookedLimits | null> {
  const [row] = await tx.query<{ cost: number | null; tokens: number | null; calls: number | null }>(
    FIND_SHARE.with({ child_run_id: childRunId, tenant: run.tenant, run_id: run.runId }),
  )
  if (row === undefined) return null
  const { cost, tokens, calls } = row
  return {
    ...(cost !== null && { maxCostMicroUsd: cost }),
    ...(tokens !== null && { maxTokens: tokens }),
    ...(calls !== null && { maxModelCalls: calls }),
  }
}

/*
 *   run             the parent's locked row
 *   created         the sub-agent's run
 *   messages_added  its task, as its input
 *   queued          its first event
 *   changed         the parent: its share is set aside
 *   events_added    the parent's event
 */
const INSERT = statement(
  'open_child',
  `
  with ${LOCK_RUN},
  created as (
    insert into runs (
      id, tenant, principal, groups, workflow_id, agent, agent_version, prompt_version, plan, request_sha256, input_count,
      metadata, last_event_seq, parent_run_id, parent_step, parent_index, share_micro_usd, share_tokens, share_model_calls,
      budget_limits, allowed_limits, plan_sha256, trace_id, caller_span_id, trace_sampled, priority
    )
    select :child_run_id, parent.tenant, parent.principal, coalesce(:groups::text[], parent.groups), :workflow_id, :agent, :agent_version, :prompt_version, :plan, :request_sha256, 1,
      '{}', 1, parent.id, :step, :index, :share_micro_usd, :share_tokens, :share_model_calls,
      :limits, :limits, :plan_sha256, :trace_id, :caller_span_id, parent.trace_sampled, parent.priority
    from run join runs as parent on parent.id = run.id
    returning id, tenant, agent, share_micro_usd, share_tokens, share_model_calls
  ),
  messages_added as (
    insert into messages (run_id, seq, tenant, message) select id, 0, tenant, :input::json from created
  ),
  queued as (
    insert into run_events (run_id, seq, tenant, type, data)
    select id, 1, tenant, 'run.queued', json_build_object('agent', agent) from created
  ),
  changed as (
    update runs set
      held_micro_usd = runs.held_micro_usd + coalesce(created.share_micro_usd, 0),
      held_tokens = runs.held_tokens + coalesce(created.share_tokens, 0),
      held_model_calls = runs.held_model_calls + coalesce(created.share_model_calls, 0),
      last_event_seq = runs.last_event_seq + cardinality(:event_types::text[])
    from run, created where runs.id = run.id
    returning runs.id, runs.tenant, runs.last_event_seq
  ),
  ${ADD_EVENTS}
  select true as changed,
    pg_notify('${EVENT_CHANNEL}', changed.id || ':' || changed.last_event_seq),
    pg_notify('${EVENT_CHANNEL}', created.id || ':1')
  from changed, created`,
)

async function insertChild(tx: Db, input: OpenChild, share: BookedLimits): Promise<void> {
  const { run, childRunId, plan, step, index } = input
  const { agent, prompt } = plan
  const limits = { ...plan.budget?.limits, ...share }
  // Its activities are held to this plan, and its workflow is started with its part of it.
  const accepted = withLimits(plan, share)
  await changeRun(tx, INSERT, {
    run,
    events: [
      { type: 'sub_agent.started', data: { child_run_id: childRunId, agent: agent.name, step, index } },
    ],
    values: {
      child_run_id: childRunId,
      workflow_id: input.workflowId,
      agent: agent.name,
      agent_version: agent.version,
      prompt_version: prompt.version,
      groups: plan.caller?.groups.map(storableText) ?? null,
      plan: storableJson(accepted),
      plan_sha256: planSha256(accepted),
      trace_id: input.trace.traceId,
      caller_span_id: input.trace.callerSpanId,
      request_sha256: input.argumentsSha256,
      step,
      index,
      share_micro_usd: share.maxCostMicroUsd ?? null,
      share_tokens: share.maxTokens ?? null,
      share_model_calls: share.maxModelCalls ?? null,
      limits: storableJson(limits),
      input: storableJson({ role: 'user', text: input.task }),
    },
  })
}
