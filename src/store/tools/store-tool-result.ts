import type { ToolMessage } from '../../contracts/runs/message.ts'
import type { ToolOutcome } from '../../contracts/tools/tool-call.ts'
import type { Db } from '../database/database.ts'
import { storableJson, storableText } from '../database/postgres-text.ts'
import { statement } from '../database/statement.ts'
import { ADD_EVENTS, changeRunFor, LOCK_RUN } from '../record/change-run.ts'
import { addFileUses } from '../record/file-uses.ts'
import { IS_AUTHORISED, type Permitted, RESULT_PERMITTED, STORED_CALL } from './authorised-call.ts'
import { findToolCall, type ToolCallKey } from './find-tool-call.ts'
import { HANDED_BY, type HandedBy } from './handed-by.ts'

export interface StoreToolResult extends ToolCallKey {
  /** Transcript position of the message. */
  readonly seq: number
  readonly attempt: number
  readonly message: ToolMessage
  /** Of the arguments that the call was made with. */
  readonly argumentsSha256: string
  readonly outcome: ToolOutcome
  readonly latencyMs: number
}

export interface StoredResult extends HandedBy {
  /** The one that counts for the call's key: that which was stored first. */
  readonly outcome: ToolOutcome
}

const FILE_USES = addFileUses({
  runId: 'call_ended.run_id',
  tenant: 'call_ended.tenant',
  from: 'call_ended',
  message: ':message::json',
})

/*
 *   run             the locked row
 *   stored_call     the call as the stored answer made it
 *   permitted       whether it may be made, and its result stands at the place that the answer gave it; and whose call it is
 *   call_ended      the call's row with its outcome, unless one is stored
 *   messages_added  the result, where the model is to be shown it
 *   files_used      the images of the result
 *   tool_noted      the tool as used by the principal
 *   changed         the run: the call is counted
 *   events_added    the outcome
 */
const STORE = statement(
  'store_tool_result',
  `
  with ${LOCK_RUN},
  ${STORED_CALL},
  permitted as (
    select ${IS_AUTHORISED}
      and not exists (select from stored_call where result_seq <> :seq) as permitted,
      ${HANDED_BY} as "handedBy"
    from run
  ),
  call_ended as (
    insert into tool_calls as call
      (run_id, step, index, again, tenant, call_id, tool, status, outcome, attempt, latency_ms, ended_at)
    select run.id, :step, :index, :again, run.tenant, :call_id, :tool, :status, :outcome, :attempt, :latency_ms, clock_timestamp()
    from run, permitted where run.open and permitted
    on conflict (run_id, step, index, again) do update
      set status = excluded.status, outcome = excluded.outcome, attempt = excluded.attempt,
        latency_ms = excluded.latency_ms, ended_at = excluded.ended_at
      where call.outcome is null
    returning run_id, tenant
  ),
  messages_added as (
    insert into messages (run_id, seq, tenant, message)
    select run_id, :seq, tenant, :message::json from call_ended where :message::json is not null
    on conflict (run_id, seq) do update set message = excluded.message
  ),
  files_used as (
    ${FILE_USES}
  ),
  tool_noted as (
    insert into tools_used (tenant, principal, tool)
    select run.tenant, run.principal, :tool from run, call_ended where :outcome::json ->> 'status' = 'ok'
    on conflict do nothing
  ),
  changed as (
    update runs set
      tool_calls = runs.tool_calls + 1,
      last_event_seq = runs.last_event_seq + cardinality(:event_types::text[])
    from call_ended where runs.id = :run_id
    returning runs.id, runs.tenant, runs.last_event_seq
  ),
  ${ADD_EVENTS}
  ${RESULT_PERMITTED}`,
)

/**
 * Stores the outcome of a call and returns the one that counts for its key: the outcome that was stored first. The message of an
 * unknown outcome is not added, since a person decides first what the model is shown. `not_authorised`: the call must not be made,
 * and nothing was stored.
 */
export async function storeToolResult(
  db: Db,
  result: StoreToolResult,
): Promise<StoredResult | 'not_authorised'> {
  const { run, step, index, again, message, outcome } = result
  const { status, code, preview } = outcome
  const unknown = status === 'outcome_unknown'
  const { changed, permitted, handedBy } = await changeRunFor<Permitted & HandedBy>(db, STORE, {
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
    values: {
      step,
      index,
      again,
      call_id: storableText(message.callId),
      tool: storableText(message.tool),
      status: unknown ? 'unknown' : 'done',
      outcome: storableJson(outcome),
      attempt: result.attempt,
      latency_ms: result.latencyMs,
      seq: result.seq,
      message: unknown ? null : storableJson(message),
      arguments_sha256: result.argumentsSha256,
    },
  })
  if (!permitted) return 'not_authorised'
  return { outcome: changed ? outcome : ((await findToolCall(db, result))?.outcome ?? outcome), handedBy }
}
