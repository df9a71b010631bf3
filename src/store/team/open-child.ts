import type { OpenChildInput, OpenedChild } from '../../contracts/activities.ts'
import type { BookedLimits } from '../../contracts/budget.ts'
import type { RunIdentity } from '../../contracts/run.ts'
import type { Database, Db } from '../database/database.ts'
import { storableJson } from '../database/postgres-text.ts'
import { EVENT_CHANNEL } from '../record/events.ts'
import { changeRun, LOCK_RUN, TELL_EVENTS } from '../record/run-change.ts'
import { planSha256 } from '../runs/plan-sha256.ts'
import { type Amounts, shareOf } from './child-share.ts'

export interface OpenChild extends Omit<OpenChildInput, 'arguments'> {
  /** The sub-agent's input. */
  readonly task: string
  /** Of the call's arguments. */
  readonly argumentsSha256: string
  /** With less than this left it is not begun. */
  readonly least: Amounts
}

/**
 * Accepts a run that works for another one, with a part of that one's budget set aside for it. Once: asked again it gives the
 * same part. `ended`: the parent has ended, and nothing begins for it any more.
 *
 * A transaction, since the part is counted from the parent's locked row.
 */
export async function openChild(database: Database, input: OpenChild): Promise<OpenedChild | 'ended'> {
  const { run, plan, limits = {}, least } = input
  return database.transaction(async (tx) => {
    const { open, allowed, ...booked } = await lockParent(tx, run)
    const existing = await findShare(tx, input)
    if (existing !== null) return { limits: existing }
    if (!open) return 'ended'
    const asked = plan.budget?.limits ?? {}
    const part = shareOf({ asked, limits: lowest(limits, allowed ?? {}), booked, least })
    if ('withheld' in part) return part
    await insertChild(tx, input, part.limits)
    return part
  })
}

interface Parent extends Amounts {
  readonly open: boolean
  /** What it was accepted with and has been granted since; null where that is not known. */
  readonly allowed: BookedLimits | null
}

async function lockParent(tx: Db, { runId, tenant }: RunIdentity): Promise<Parent> {
  const [row] = await tx.query<Parent>({
    name: 'lock_parent',
    text: `
      select completed_at is null as open, allowed_limits as allowed,
        settled_micro_usd + unknown_micro_usd + held_micro_usd as "costMicroUsd",
        input_tokens + output_tokens + unknown_tokens + held_tokens as tokens,
        attempts + held_model_calls as "modelCalls"
      from runs where id = $1 and tenant = $2
      for no key update`,
    values: [runId, tenant],
  })
  if (row === undefined) throw new Error(`The store has no run ${runId} of this tenant.`)
  return row
}

function lowest(one: BookedLimits, other: BookedLimits): BookedLimits {
  const names = ['maxCostMicroUsd', 'maxTokens', 'maxModelCalls'] as const
  const both = names.map((name) => [name, Math.min(one[name] ?? Infinity, other[name] ?? Infinity)] as const)
  return Object.fromEntries(both.filter(([, limit]) => Number.isFinite(limit)))
}

async function findShare(tx: Db, { run, childRunId }: OpenChild): Promise<BookedLimits | null> {
  const [row] = await tx.query<{ cost: number | null; tokens: number | null; calls: number | null }>({
    name: 'find_child_share',
    text: `
      select share_micro_usd as cost, share_tokens as tokens, share_model_calls as calls
      from runs where id = $1 and tenant = $2 and parent_run_id = $3`,
    values: [childRunId, run.tenant, run.runId],
  })
  if (row === undefined) return null
  const { cost, tokens, calls } = row
  return {
    ...(cost !== null && { maxCostMicroUsd: cost }),
    ...(tokens !== null && { maxTokens: tokens }),
    ...(calls !== null && { maxModelCalls: calls }),
  }
}

const INSERT = `
  with ${LOCK_RUN},
  created as (
    insert into runs (
      id, tenant, principal, groups, workflow_id, agent, agent_version, prompt_version, plan, request_sha256, input_count,
      metadata, last_event_seq, parent_run_id, parent_step, parent_index, share_micro_usd, share_tokens, share_model_calls,
      budget_limits, allowed_limits, plan_sha256
    )
    select $5, parent.tenant, parent.principal, parent.groups, $6, $7, $8, $9, $10, $11, 1,
      '{}', 1, parent.id, $12, $13, $14, $15, $16,
      $17, $17, $19
    from run join runs as parent on parent.id = run.id
    returning id, tenant, agent, share_micro_usd, share_tokens, share_model_calls
  ),
  placed as (
    insert into messages (run_id, seq, tenant, message) select id, 0, tenant, $18::json from created
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
      last_event_seq = runs.last_event_seq + cardinality($3::text[])
    from run, created where runs.id = run.id
    returning runs.id, runs.tenant, runs.last_event_seq
  ),
  ${TELL_EVENTS}
  select true as changed,
    pg_notify('${EVENT_CHANNEL}', changed.id || ':' || changed.last_event_seq),
    pg_notify('${EVENT_CHANNEL}', created.id || ':1')
  from changed, created`

async function insertChild(tx: Db, input: OpenChild, share: BookedLimits): Promise<void> {
  const { run, childRunId, plan, step, index } = input
  const { agent, prompt } = plan
  const limits = { ...plan.budget?.limits, ...share }
  // What its workflow is started with.
  const accepted = plan.budget === undefined ? plan : { ...plan, budget: { ...plan.budget, limits } }
  await changeRun(tx, {
    name: 'open_child',
    text: INSERT,
    run,
    events: [
      { type: 'sub_agent.started', data: { child_run_id: childRunId, agent: agent.name, step, index } },
    ],
    values: [
      childRunId,
      input.workflowId,
      agent.name,
      agent.version,
      prompt.version,
      storableJson(accepted),
      input.argumentsSha256,
      step,
      index,
      share.maxCostMicroUsd ?? null,
      share.maxTokens ?? null,
      share.maxModelCalls ?? null,
      storableJson(limits),
      storableJson({ role: 'user', text: input.task }),
      planSha256(accepted),
    ],
  })
}
