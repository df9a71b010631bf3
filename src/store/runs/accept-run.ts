import type { UserMessage } from '../../contracts/runs/message.ts'
import { USUAL_PRIORITY } from '../../contracts/runs/run.ts'
import type { Db } from '../database/database.ts'
import { storableJson, storableText } from '../database/postgres-text.ts'
import { statement } from '../database/statement.ts'
import { EVENT_CHANNEL } from '../record/events.ts'
import { addFileUses } from '../record/file-uses.ts'
import { RUN_COLUMNS, type RunColumns, type RunRow, toRunRow } from '../record/run-row.ts'
import { planSha256 } from './plan-sha256.ts'

type GivenColumns =
  | 'id'
  | 'tenant'
  | 'principal'
  | 'groups'
  | 'workflowId'
  | 'agent'
  | 'agentVersion'
  | 'promptVersion'
  | 'plan'
  | 'idempotencyKey'
  | 'requestSha256'
  | 'metadata'

/** What a run is accepted with. */
export interface NewRun
  extends Pick<RunRow, GivenColumns>,
    Partial<
      Pick<RunRow, 'priority' | 'startedBy' | 'traceId' | 'callerSpanId' | 'traceSampled' | 'threadId'>
    > {
  /** Used where another run has `workflowId` already, since another principal has sent the same key. */
  readonly ownWorkflowId?: string
  /** Stored at seq 0, 1, … of the transcript. */
  readonly input: readonly UserMessage[]
}

/** The run that has the id, or the principal's run that was accepted with the key. */
const EXISTING = `runs.tenant = :tenant and (runs.id = :id or (runs.principal = :principal and runs.idempotency_key = :idempotency_key))`

const FILE_USES = addFileUses({
  runId: 'created.id',
  tenant: 'created.tenant',
  from: 'created, json_array_elements(:input::json) as input (message)',
  message: 'input.message',
})

const ACCEPT = statement(
  'accept_run',
  `
  with named as (
    select case when exists (select from runs where workflow_id = :workflow_id and parent_run_id is null) then :own_workflow_id else :workflow_id end as workflow_id
  ),
  created as (
    insert into runs (
      id, tenant, principal, workflow_id, agent, agent_version, prompt_version, plan, idempotency_key, request_sha256,
      input_count, metadata, groups, plan_sha256, allowed_limits, last_event_seq,
      trace_id, caller_span_id, trace_sampled, started_by, started_by_id, started_by_maker_id, thread_id, priority
    )
    values (
      :id, :tenant, :principal, (select workflow_id from named), :agent, :agent_version, :prompt_version, :plan, :idempotency_key, :request_sha256, json_array_length(:input::json), :metadata, :groups, :plan_sha256,
      :limits, 1,
      :trace_id, :caller_span_id, :trace_sampled, :started_by, :started_by::json ->> 'id', :started_by::json -> 'maker' ->> 'id', :thread_id, :priority
    )
    on conflict do nothing
    returning *
  ),
  messages_added as (
    insert into messages (run_id, seq, tenant, message)
    select created.id, input.n - 1, created.tenant, input.message
    from created, json_array_elements(:input::json) with ordinality as input (message, n)
  ),
  files_used as (
    ${FILE_USES}
  ),
  events_added as (
    insert into run_events (run_id, seq, tenant, type, data)
    select id, 1, tenant, 'run.queued', json_strip_nulls(json_build_object('agent', agent, 'by', principal, 'thread_id', thread_id))
    from created
  )
  select ${RUN_COLUMNS}, true as created, pg_notify('${EVENT_CHANNEL}', id || ':1') from created
  union all
  select ${RUN_COLUMNS}, false, null from runs where ${EXISTING} and not exists (select from created)`,
)

/**
 * Records a run, its input and its first event. Where the principal has used the key before, it returns that run unchanged, and the
 * caller compares `requestSha256`.
 */
export async function acceptRun(db: Db, run: NewRun): Promise<{ run: RunRow; created: boolean }> {
  const accept = ACCEPT.with({
    id: run.id,
    tenant: run.tenant,
    principal: run.principal,
    workflow_id: run.workflowId,
    own_workflow_id: run.ownWorkflowId ?? run.workflowId,
    agent: run.agent,
    agent_version: run.agentVersion,
    prompt_version: run.promptVersion,
    plan: storableJson(run.plan),
    plan_sha256: planSha256(run.plan),
    limits: storableJson(run.plan.budget?.limits ?? {}),
    idempotency_key: run.idempotencyKey,
    request_sha256: run.requestSha256,
    input: storableJson(run.input),
    metadata: storableJson(run.metadata),
    groups: run.groups.map(storableText),
    trace_id: run.traceId ?? null,
    caller_span_id: run.callerSpanId ?? null,
    trace_sampled: run.traceSampled ?? null,
    priority: run.priority ?? USUAL_PRIORITY,
    started_by: run.startedBy ? storableJson(run.startedBy) : null,
    thread_id: run.threadId ?? null,
  })
  // No row comes back where the insert gave way to an equal row that was committed after the statement began, and that it therefore
  // cannot see. That happens twice at most: once with another principal of the same key, once with a request of the same principal.
  for (let attempt = 1; attempt <= 3; attempt += 1) {
    const [row] = await db.query<RunColumns & { created: boolean; pg_notify: unknown }>(accept)
    if (row !== undefined) {
      const { created, pg_notify: _notified, ...columns } = row
      return { run: toRunRow(columns), created }
    }
  }
  throw new Error(`Run ${run.id} belongs to another tenant.`)
}
