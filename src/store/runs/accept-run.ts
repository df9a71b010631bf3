import type { UserMessage } from '../../contracts/message.ts'
import type { Db } from '../database/database.ts'
import { storableJson, storableText } from '../database/postgres-text.ts'
import { EVENT_CHANNEL } from '../record/events.ts'
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

/** What a run is accepted with; the rest of its row comes of that. */
export interface NewRun extends Pick<RunRow, GivenColumns> {
  /** In place of `workflowId`, where another run has that: another principal has used the same key. */
  readonly ownWorkflowId?: string
  /** Stored at seq 0, 1, … of the transcript. */
  readonly input: readonly UserMessage[]
}

const EXISTING = `runs.tenant = $2 and (runs.id = $1 or (runs.principal = $3 and runs.idempotency_key = $9))`

const ACCEPT = `
  with named as (
    select case when exists (select from runs where workflow_id = $4 and parent_run_id is null) then $16 else $4 end as workflow_id
  ),
  created as (
    insert into runs (
      id, tenant, principal, workflow_id, agent, agent_version, prompt_version, plan, idempotency_key, request_sha256,
      input_count, metadata, groups, plan_sha256, allowed_limits, last_event_seq
    )
    values (
      $1, $2, $3, (select workflow_id from named), $5, $6, $7, $8, $9, $10, json_array_length($11::json), $12, $13, $14,
      $15, 1
    )
    on conflict do nothing
    returning *
  ),
  placed as (
    insert into messages (run_id, seq, tenant, message)
    select created.id, input.n - 1, created.tenant, input.message
    from created, json_array_elements($11::json) with ordinality as input (message, n)
  ),
  told as (
    insert into run_events (run_id, seq, tenant, type, data)
    select id, 1, tenant, 'run.queued', json_build_object('agent', agent, 'by', principal) from created
  )
  select ${RUN_COLUMNS}, true as created, pg_notify('${EVENT_CHANNEL}', id || ':1') from created
  union all
  select ${RUN_COLUMNS}, false, null from runs where ${EXISTING} and not exists (select from created)`

/**
 * Records a run, its input and its first event; or, where the principal has used the key before, returns that run unchanged. The
 * caller compares `requestSha256`.
 */
export async function acceptRun(db: Db, run: NewRun): Promise<{ run: RunRow; created: boolean }> {
  const values = [
    run.id,
    run.tenant,
    run.principal,
    run.workflowId,
    run.agent,
    run.agentVersion,
    run.promptVersion,
    storableJson(run.plan),
    run.idempotencyKey,
    run.requestSha256,
    storableJson(run.input),
    storableJson(run.metadata),
    run.groups.map(storableText),
    planSha256(run.plan),
    storableJson(run.plan.budget?.limits ?? {}),
    run.ownWorkflowId ?? run.workflowId,
  ]
  // An insert that waits for an equal row in flight then does nothing, and that row is younger than the statement's view. It can
  // lose to another principal with the same key, then to a request of its own principal; the third view shows both.
  for (let view = 1; view <= 3; view += 1) {
    const [row] = await db.query<RunColumns & { created: boolean; pg_notify: unknown }>({
      name: 'accept_run',
      text: ACCEPT,
      values,
    })
    if (row !== undefined) {
      const { created, pg_notify: _notified, ...columns } = row
      return { run: toRunRow(columns), created }
    }
  }
  throw new Error(`Run ${run.id} belongs to another tenant.`)
}
