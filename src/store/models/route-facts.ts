import type { RouteChoice } from '../../contracts/models/routing.ts'
import type { RunIdentity } from '../../contracts/runs/run.ts'
import type { Db } from '../database/database.ts'
import { type NamedStatement, statement } from '../database/statement.ts'
import { noSuchRun, OF_TENANT } from '../record/change-run.ts'
import { EARLIER_MESSAGES, isInThread, threadValues } from '../record/turns.ts'

export interface FindRouteFacts {
  readonly run: RunIdentity
  readonly agent: string
  /** Transcript position of the agent's first answer. */
  readonly seq: number
  /** Ids of added messages, which have no place in the transcript yet. */
  readonly inbox: readonly string[]
  /** How much is wanted of what was written last. */
  readonly characters: number
}

/** What rules about an agent's models look at. */
export interface RouteFacts {
  /** The choice that was made before. */
  readonly stored: RouteChoice | null
  /** The run's, or its parent's. */
  readonly metadata: { readonly [name: string]: unknown }
  readonly inputCharacters: number
  readonly messages: number
  /** A model has answered before: in the run, or in an earlier turn of its thread. */
  readonly isContinued: boolean
  /** The beginning of what a person, or the parent's run, has written last. */
  readonly lastInput: string
}

/*
 *   run    the run's row, with its parent's metadata where it has a parent
 *   shown  what the agent's first call will show its model
 */
const FIND = finding('find_route_facts')
const FIND_IN_THREAD = finding(
  'find_route_facts_in_thread',
  `
    union all
    select place, message ->> 'role', message ->> 'text' from (${EARLIER_MESSAGES}) as earlier`,
)

function finding(name: string, earlier = ''): NamedStatement {
  return statement(
    name,
    `
  with run as (
    select runs.id, runs.routes -> :agent as stored, coalesce(parent.metadata, runs.metadata) as metadata
    from runs left join runs as parent on parent.id = runs.parent_run_id
    where runs.id = :run_id and runs.${OF_TENANT}
  ),
  shown as (
    select seq as place, message ->> 'role' as role, message ->> 'text' as text from messages
    where run_id = :run_id and seq < :seq - cardinality(:inbox::text[])${earlier}
    union all
    select :seq + listed.n, 'user', inbox.message ->> 'text'
    from unnest(:inbox::text[]) with ordinality as listed (id, n)
    join inbox_messages as inbox on inbox.run_id = :run_id and inbox.id = listed.id
  )
  select run.stored, run.metadata,
    (select coalesce(sum(char_length(text)), 0)::integer from shown where role = 'user') as "inputCharacters",
    (select count(*)::integer from shown) as messages,
    exists (select from shown where role = 'assistant') as "isContinued",
    coalesce((select left(text, :characters::integer) from shown where role = 'user' order by place desc limit 1), '') as "lastInput"
  from run`,
  )
}

/** @throws where the tenant has no such run */
export async function findRouteFacts(db: Db, find: FindRouteFacts): Promise<RouteFacts> {
  const { run, agent, seq, inbox, characters } = find
  const values = { run_id: run.runId, tenant: run.tenant, agent, seq, inbox, characters }
  const [facts] = await db.query<RouteFacts>(
    isInThread(run) ? FIND_IN_THREAD.with({ ...values, ...threadValues(run) }) : FIND.with(values),
  )
  if (facts === undefined) throw noSuchRun(run.runId)
  return facts
}
