import type { Db } from '../database/database.ts'
import { statement } from '../database/statement.ts'
import type { StepRange } from './step-range.ts'

/** A step of a run, as far as it has begun. */
export interface BegunStep {
  readonly step: number
  readonly beganAt: string
  /** Bytes of what its tools were given and have given. */
  readonly bytes: number
}

export interface StepPage extends Pick<StepRange, 'tenant' | 'runId'> {
  /** The last step of the page before. */
  readonly after: number
  readonly limit: number
}

const OF_PAGE = 'run_id = :run_id and tenant = :tenant and step > :after'

/** A step begins with the first look-up, attempt or answer of it: an answer of the cache has no attempt. */
const LIST = statement(
  'list_begun_steps',
  `
  with begun as (
    select step, began_at, 0 as bytes from model_attempts where ${OF_PAGE}
    union all
    select step, began_at, 0 from cache_look_ups where ${OF_PAGE}
    union all
    select step, created_at, 0 from model_calls where ${OF_PAGE}
    union all
    select call.step, call.created_at,
      coalesce(octet_length(call.arguments::text), 0) + coalesce(octet_length(result.message::text), 0)
    from (select * from tool_calls where ${OF_PAGE}) as call
    left join messages as result on result.run_id = call.run_id and result.seq = call.result_seq
  )
  select step, min(began_at) as "beganAt", sum(bytes)::bigint as bytes from begun
  group by step order by step limit :limit`,
)

/** In their order. */
export function listSteps(db: Db, { tenant, runId, after, limit }: StepPage): Promise<BegunStep[]> {
  return db.query<BegunStep>(LIST.with({ run_id: runId, tenant, after, limit }))
}
