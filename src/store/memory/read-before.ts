import type { RunIdentity } from '../../contracts/runs/run.ts'
import type { Db } from '../database/database.ts'
import { statement } from '../database/statement.ts'

/** A call, by its run and step. */
export interface BeforeCall {
  readonly run: RunIdentity
  readonly step: number
}

/** What a run's models had read, before a call, from others than its principal. Names, each once. */
export interface ReadBefore {
  /** Tools that had been called, and whose results were shown. */
  readonly tools: readonly string[]
  /** Other principals who had written messages. */
  readonly users: readonly string[]
  /** Files in messages of people: their content may be anybody's. */
  readonly files: readonly string[]
}

/*
 *   line      the run, and the runs that it works for as a sub-agent: their models have written its task
 *   shown     these, and the earlier turns of their threads
 *   answered  calls whose results were shown: those of the run's earlier steps, and of the other runs
 *
 * Takes :run_id, :tenant, :step.
 */
const SHOWN = `
  recursive line as (
    select id, parent_run_id, thread_id from runs where id = :run_id and tenant = :tenant
    union all
    select runs.id, runs.parent_run_id, runs.thread_id from line join runs on runs.id = line.parent_run_id
  ),
  shown as (
    select id from line
    union
    select turn.run_id from line join thread_turns as turn on turn.thread_id = line.thread_id
    where turn.first_seq is not null and not turn.rolled_back
  ),
  answered as (
    select call.run_id, call.tool, call.result_seq from shown join tool_calls as call on call.run_id = shown.id
    where call.status in ('done', 'answered') and (call.run_id <> :run_id or call.step < :step::integer)
  )`

const READ_BEFORE = statement(
  'read_before_call',
  `
  with ${SHOWN},
  users as (
    select event.data ->> 'by' as name
    from shown join run_events as event on event.run_id = shown.id and event.type = 'message.received'
    union
    select runs.principal from shown join runs on runs.id = shown.id
  ),
  sent_files as (
    select distinct file ->> 'id' as id
    from shown join messages on messages.run_id = shown.id, json_array_elements(messages.message -> 'files') as file
    where messages.message ->> 'role' = 'user' and exists (select from run_files where run_files.run_id = shown.id)
  )
  select
    array(select distinct tool from answered order by tool) as tools,
    array(select name from users where name <> :principal order by name) as users,
    array(select id from sent_files order by id) as files`,
)

export async function readBefore(db: Db, { run, step }: BeforeCall): Promise<ReadBefore> {
  const { runId, tenant, principal } = run
  const [row] = await db.query<ReadBefore>(READ_BEFORE.with({ run_id: runId, tenant, principal, step }))
  return row ?? { tools: [], users: [], files: [] }
}

const RESULTS_BEFORE = statement(
  'results_before_call',
  `
  with ${SHOWN}
  select messages.message ->> 'content' as content
  from answered join messages on messages.run_id = answered.run_id and messages.seq = answered.result_seq
  where answered.tool = any (:tools::text[])`,
)

/** What these tools had answered by then. */
export async function resultsBefore(
  db: Db,
  { run, step }: BeforeCall,
  tools: readonly string[],
): Promise<string[]> {
  const { runId, tenant } = run
  const rows = await db.query<{ content: string }>(
    RESULTS_BEFORE.with({ run_id: runId, tenant, step, tools }),
  )
  return rows.map(({ content }) => content)
}
