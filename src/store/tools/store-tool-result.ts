import type { ToolMessage } from '../../contracts/message.ts'
import type { ToolOutcome } from '../../contracts/tool-call.ts'
import type { Db } from '../database/database.ts'
import { storableJson, storableText } from '../database/postgres-text.ts'
import { changeRunFor, LOCK_RUN, TELL_EVENTS } from '../record/run-change.ts'
import { ANSWER_PERMITTED, called, isAuthorised, type Permitted } from './authorised-call.ts'
import { findToolCall, type ToolCallKey } from './find-tool-call.ts'

export interface StoreToolResult extends ToolCallKey {
  /** Transcript position of the message. */
  readonly seq: number
  readonly attempt: number
  readonly message: ToolMessage
  /** Of the arguments that it was made with. */
  readonly argumentsSha256: string
  readonly outcome: ToolOutcome
  readonly latencyMs: number
}

const STORE = `
  with ${LOCK_RUN},
  ${called('$5::integer', '$6::integer', '$7::integer')},
  permitted as (
    select ${isAuthorised('$8', '$9', '$16')}
      and not exists (select from called where result_seq <> $14) as permitted
    from run
  ),
  written as (
    insert into tool_calls as call
      (run_id, step, index, again, tenant, call_id, tool, status, outcome, attempt, latency_ms, ended_at)
    select run.id, $5, $6, $7, run.tenant, $8, $9, $10, $11, $12, $13, clock_timestamp()
    from run, permitted where run.open and permitted
    on conflict (run_id, step, index, again) do update
      set status = excluded.status, outcome = excluded.outcome, attempt = excluded.attempt,
        latency_ms = excluded.latency_ms, ended_at = excluded.ended_at
      where call.outcome is null
    returning run_id, tenant
  ),
  placed as (
    insert into messages (run_id, seq, tenant, message)
    select run_id, $14, tenant, $15::json from written where $15::json is not null
    on conflict (run_id, seq) do update set message = excluded.message
  ),
  used as (
    insert into tools_used (tenant, principal, tool)
    select run.tenant, run.principal, $9 from run, written where $11::json ->> 'status' = 'ok'
    on conflict do nothing
  ),
  changed as (
    update runs set
      tool_calls = runs.tool_calls + 1,
      last_event_seq = runs.last_event_seq + cardinality($3::text[])
    from written where runs.id = $1
    returning runs.id, runs.tenant, runs.last_event_seq
  ),
  ${TELL_EVENTS}
  ${ANSWER_PERMITTED}`

/**
 * Keeps what came of a call and returns the outcome that counts for its key: the one that was stored first. With an unknown
 * outcome the message is not placed, since a person decides first what the model is told. `not_authorised`: the call is none that
 * may be made, and nothing is kept of it.
 */
export async function storeToolResult(
  db: Db,
  result: StoreToolResult,
): Promise<ToolOutcome | 'not_authorised'> {
  const { run, step, index, again, message, outcome } = result
  const { status, code, preview } = outcome
  const unknown = status === 'outcome_unknown'
  const { changed, permitted } = await changeRunFor<Permitted>(db, {
    name: 'store_tool_result',
    text: STORE,
    run,
    events: [
      {
        type: status === 'ok' ? 'tool.completed' : 'tool.failed',
        data: {
          step,
          index,
          call_id: message.callId,
          tool: message.tool,
          status,
          ...(code && { code }),
          preview,
        },
      },
    ],
    values: [
      step,
      index,
      again,
      storableText(message.callId),
      storableText(message.tool),
      unknown ? 'unknown' : 'done',
      storableJson(outcome),
      result.attempt,
      result.latencyMs,
      result.seq,
      unknown ? null : storableJson(message),
      result.argumentsSha256,
    ],
  })
  if (!permitted) return 'not_authorised'
  return changed ? outcome : ((await findToolCall(db, result))?.outcome ?? outcome)
}
