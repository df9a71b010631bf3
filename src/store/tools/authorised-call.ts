import type { JsonObject } from '../../contracts/json.ts'
import type { Verdict } from '../../contracts/tool.ts'
import type { Db } from '../database/database.ts'
import { EVENT_CHANNEL } from '../record/events.ts'
import { OF_TENANT } from '../record/run-change.ts'
import type { ToolCallKey } from './find-tool-call.ts'

const APPROVAL_ID = `'apr_' || substr(run.id, 5) || '_' || call.step || '_' || call.index || '_'`

/**
 * `called`: the call as a stored answer has made it and a stored decision has left it. It is `permitted` where the plan's rules
 * allow it or the approval that they ask for was given, for just these arguments; and when it is made again, where a person has
 * said so. After `run`; takes step, index and again. A null is a release's that kept nothing to hold the call to.
 */
export function called(step: string, index: string, again: string): string {
  return `
  called as (
    select call.call_id, call.tool, call.verdict, call.terms, call.created_at, call.result_seq, call.first_time, run.id as run_id,
      coalesce(asked.id, once_more.id) is not null as asked,
      case when asked.status = 'edited' then asked.edited_arguments else call.arguments end as arguments,
      case when asked.status = 'edited' then asked.edited_sha256 else call.arguments_sha256 end as arguments_sha256,
      call.verdict is null or (
        case
          when asked.id is null then call.verdict = 'allow'
          else asked.status in ('approved', 'edited') and call.verdict <> 'deny'
            and asked.arguments_sha256 = call.arguments_sha256
        end
        and (${again} = 0 or once_more.status = 'approved' and once_more.arguments_sha256
          = case when asked.status = 'edited' then asked.edited_sha256 else call.arguments_sha256 end)
      ) as permitted
    from run
    join tool_calls as call on call.run_id = run.id and call.step = ${step} and call.index = ${index} and call.again = 0
    left join approvals as asked on asked.run_id = run.id and asked.id = ${APPROVAL_ID} || '0'
    left join approvals as once_more
      on once_more.run_id = run.id and once_more.id = ${APPROVAL_ID} || ${again} and ${again} > 0
  )`
}

/** Whether a call by this id, tool and hash may be made; always, in a run that was accepted before plans were kept. */
export function isAuthorised(callId: string, tool: string, sha256: string): string {
  return `(run.plan_sha256 is null or exists (
      select from called
      where called.permitted and called.call_id = ${callId} and called.tool = ${tool}
        and coalesce(called.arguments_sha256, ${sha256}) = ${sha256}
    ))`
}

export interface Permitted {
  readonly permitted: boolean
}

/** As `ANSWER`, with what `permitted` says. */
export const ANSWER_PERMITTED = `
  select
    changed.id is not null as changed, permitted.permitted,
    case when changed.id is not null
      then pg_notify('${EVENT_CHANNEL}', changed.id || ':' || changed.last_event_seq)
    end
  from permitted left join changed on true`

/** A call as the store knows it. */
export interface StoredCall {
  readonly callId: string
  readonly tool: string
  /** The model's, or those that a person has put in their place. */
  readonly arguments: JsonObject
  /** Of these. null in rows of an earlier release, as `verdict` and `terms`. */
  readonly argumentsSha256: string | null
  readonly verdict: Verdict | null
  readonly terms: string | null
  /** null where no rule asks, and in rows of an earlier release. */
  readonly firstTime: boolean | null
  /** Transcript position of its result; null in rows of an earlier release. */
  readonly resultSeq: number | null
  /** A person was asked about it. */
  readonly asked: boolean
  /** Since the answer was stored. */
  readonly ageMs: number
  readonly permitted: boolean
}

const FIND = `
  with run as (select id from runs where id = $1 and ${OF_TENANT}),
  ${called('$3::integer', '$4::integer', '$5::integer')}
  select call_id as "callId", tool, arguments, arguments_sha256 as "argumentsSha256", verdict, terms,
    first_time as "firstTime", result_seq as "resultSeq", asked,
    (extract(epoch from clock_timestamp() - created_at) * 1000)::bigint as "ageMs", permitted
  from called`

/** null where no answer that the store has makes such a call. */
export async function findStoredCall(
  db: Db,
  { run, step, index, again }: ToolCallKey,
): Promise<StoredCall | null> {
  const [row] = await db.query<StoredCall>({
    name: 'find_stored_call',
    text: FIND,
    values: [run.runId, run.tenant, step, index, again],
  })
  return row ?? null
}
