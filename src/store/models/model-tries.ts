import type { ErrorCode } from '../../contracts/error-codes.ts'
import type { RunIdentity } from '../../contracts/runs/run.ts'
import type { Db } from '../database/database.ts'
import { statement } from '../database/statement.ts'

export interface FindModelTries {
  readonly run: RunIdentity
  readonly step: number
  readonly hop: number
  /** The last hop whose answer is one to the call. */
  readonly lastHop: number
  /** As {@link BeginModelCall} has it. */
  readonly activity: string
}

/** What came of the tries of one model call that were booked before. */
export interface ModelTries {
  /** The provider has failed them, or could not be reached. */
  readonly failed: number
  /** How often nobody has seen an end: of tries, and of attempts to read their answers. */
  readonly lost: number
  /** Of the last one that failed. */
  readonly code: ErrorCode | null
  readonly answered: boolean
  /** The latest attempt whose answer the provider goes on with by itself, as far as anybody knows: of this hop, or of its hedge's. */
  readonly inBackground: {
    readonly hop: number
    readonly attempt: number
    readonly responseId: string
  } | null
}

const FIND_TRIES = statement(
  'find_model_tries',
  `
  with tries as (
    select * from model_attempts
    where run_id = :run_id and step = :step and hop between :hop and :last_hop and activity = :activity
  ),
  own as (
    select (count(*) filter (where code <> 'model_call_stopped'))::integer as failed,
      count(*) filter (where code is null and status <> 'ok') as lost,
      (array_agg(code order by attempt desc) filter (where code <> 'model_call_stopped'))[1] as code
    from tries where hop = :hop
  ),
  background as (
    select hop, attempt, response_id as "responseId" from tries
    where response_id is not null and code is null and status in ('open', 'unknown')
    order by attempt desc limit 1
  )
  select failed, code, (lost + (select coalesce(sum(reattached), 0) from tries))::integer as lost,
    (select row_to_json(background) from background) as "inBackground",
    exists (select from model_calls where run_id = :run_id and step = :step and hop between :hop and :last_hop) as answered
  from own`,
)

export async function findModelTries(db: Db, find: FindModelTries): Promise<ModelTries> {
  const { run, step, hop, lastHop, activity } = find
  const [row] = await db.query<ModelTries>(
    FIND_TRIES.with({ run_id: run.runId, step, hop, last_hop: lastHop, activity }),
  )
  return row ?? { failed: 0, lost: 0, code: null, answered: false, inBackground: null }
}
