import type { JsonObject } from '../../contracts/json.ts'
import type { Verdict } from '../../contracts/tools/tool.ts'
import type { Db } from '../database/database.ts'
import { statement } from '../database/statement.ts'
import { OF_TENANT } from '../record/change-run.ts'
import { EVENT_CHANNEL } from '../record/events.ts'
import type { ToolCallKey } from './find-tool-call.ts'
import { HANDED_BY, type HandedBy } from './handed-by.ts'

const APPROVAL_ID = `'apr_' || substr(run.id, 5) || '_' || call.step || '_' || call.index || '_'`

/**
 * `stored_call`: the call as the stored model answer made it, with the arguments of an approved edit in place of the model's. Takes
 * `:step`, `:index`, `:again`; stands after `run`.
 *
 * It is `permitted` where the plan's rules allow it, or where the approval that they ask for was given for exactly these arguments.
 * A repeated call (`:again` above 0) also needs a person's approval of the repetition. `verdict` is null in rows of a release that did
 * not store it: such a call is permitted.
 */
export const STORED_CALL = `
  stored_call as (
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
        and (:again::integer = 0 or once_more.status = 'approved' and once_more.arguments_sha256
          = case when asked.status = 'edited' then asked.edited_sha256 else call.arguments_sha256 end)
      ) as permitted
    from run
    join tool_calls as call on call.run_id = run.id and call.step = :step::integer and call.index = :index::integer and call.again = 0
    left join approvals as asked on asked.run_id = run.id and asked.id = ${APPROVAL_ID} || '0'
    left join approvals as once_more
      on once_more.run_id = run.id and once_more.id = ${APPROVAL_ID} || :again::integer and :again::integer > 0
  )`

/**
 * Whether the call with this id, tool and hash of arguments may be made. Takes `:call_id`, `:tool`, `:arguments_sha256`; stands after
 * {@link STORED_CALL}. Always true in a run that was accepted by a release that stored no plan.
 */
export const IS_AUTHORISED = `(run.plan_sha256 is null or exists (
      select from stored_call
      where stored_call.permitted and stored_call.call_id = :call_id and stored_call.tool = :tool
        and coalesce(stored_call.arguments_sha256, :arguments_sha256) = :arguments_sha256
    ))`

export interface Permitted {
  readonly permitted: boolean
}

/** As `RESULT`, for a statement with `permitted`: returns its columns, too. */
export const RESULT_PERMITTED = `
  select
    changed.id is not null as changed, permitted.*,
    case when changed.id is not null
      then pg_notify('${EVENT_CHANNEL}', changed.id || ':' || changed.last_event_seq)
    end
  from permitted left join changed on true`

/** A tool call as {@link STORED_CALL} finds it. */
export interface StoredCall extends HandedBy {
  readonly callId: string
  readonly tool: string
  /** The model's, or those of an approved edit. */
  readonly arguments: JsonObject
  /** Of `arguments`. null in rows of an earlier release, as are `verdict` and `terms`. */
  readonly argumentsSha256: string | null
  readonly verdict: Verdict | null
  readonly terms: string | null
  /** null where no rule asks, and in rows of an earlier release. */
  readonly firstTime: boolean | null
  /** Transcript position of its result; null in rows of an earlier release. */
  readonly resultSeq: number | null
  /** A person was asked about it. */
  readonly asked: boolean
  /** Time since the model's answer was stored. */
  readonly ageMs: number
  readonly permitted: boolean
}

const FIND = statement(
  'find_stored_call',
  `
  with run as (select id from runs where id = :run_id and ${OF_TENANT}),
  ${STORED_CALL}
  select call_id as "callId", tool, arguments, arguments_sha256 as "argumentsSha256", verdict, terms,
    first_time as "firstTime", result_seq as "resultSeq", asked,
    (extract(epoch from clock_timestamp() - created_at) * 1000)::bigint as "ageMs", permitted, ${HANDED_BY} as "handedBy"
  from stored_call`,
)

/** null where no stored answer makes such a call. */
export async function findStoredCall(
  db: Db,
  { run, step, index, again }: ToolCallKey,
): Promise<StoredCall | null> {
  const [row] = await db.query<StoredCall>(
    FIND.with({ run_id: run.runId, tenant: run.tenant, step, index, again }),
  )
  return row ?? null
}
