import { createHash } from 'node:crypto'
import type { MemoryId, MemorySource } from '../../contracts/memory/memory.ts'
import { MEMORY } from '../../policies/operations/memory.ts'
import type { Database, Db } from '../database/database.ts'
import { storableText } from '../database/postgres-text.ts'
import { statement } from '../database/statement.ts'
import type { Owner } from './memory-row.ts'

export interface FactToKeep extends Owner {
  readonly fact: string
  readonly about: string | null
  readonly source: Omit<MemorySource, 'threadId'>
}

const LOCK = statement(
  'lock_memories',
  'select pg_advisory_xact_lock(hashtext(:tenant), hashtext(:principal))',
)

const FIND_OF_CALL = statement(
  'find_memory_of_call',
  'select id from memories where run_id = :run_id and step = :step and index = :index and tenant = :tenant',
)

/** A sub-agent's run is in the thread of the run that it works for. */
const KEEP = statement(
  'keep_fact',
  `
  with recursive line as (
    select parent_run_id, thread_id from runs where id = :run_id and tenant = :tenant
    union all
    select runs.parent_run_id, runs.thread_id from line join runs on runs.id = line.parent_run_id
  )
  insert into memories as memory
    (id, tenant, principal, fact, fact_sha256, about, agent, run_id, thread_id, step, index, seq, tainted_by, created_at, kept_at)
  select :id, :tenant, :principal, :fact, :fact_sha256, :about, :agent, :run_id,
    (select thread_id from line where thread_id is not null limit 1), :step::integer, :index::integer, :seq::integer,
    :tainted_by::text[], clock_timestamp(), clock_timestamp()
  where (select count(*) from memories where tenant = :tenant and principal = :principal) < :most::integer
    or exists (select from memories where tenant = :tenant and principal = :principal and fact_sha256 = :fact_sha256)
  on conflict (tenant, principal, fact_sha256) do update set
    about = case when memory.edited_by is null then excluded.about else memory.about end, agent = excluded.agent, run_id = excluded.run_id, thread_id = excluded.thread_id,
    step = excluded.step, index = excluded.index, seq = excluded.seq, tainted_by = excluded.tainted_by, kept_at = excluded.kept_at
  returning id`,
)

/**
 * Keeps a fact once for its call, however often the call is made. A fact of the same words is the same fact: it gets the newer
 * source, and the newer subject unless a person has written it.
 *
 * `full`: the principal has as many facts as there may be.
 */
export function keepFact(database: Database, kept: FactToKeep): Promise<MemoryId | 'full'> {
  const { tenant, principal, about, source } = kept
  const { runId, step, index } = source
  const fact = storableText(kept.fact)
  return database.transaction(async (tx) => {
    await lockMemories(tx, { tenant, principal })
    const call = { run_id: runId, step, index }
    const [before] = await tx.query<{ id: MemoryId }>(FIND_OF_CALL.with({ ...call, tenant }))
    if (before !== undefined) return before.id
    const [row] = await tx.query<{ id: MemoryId }>(
      KEEP.with({
        ...call,
        id: `mem_${runId.slice('run_'.length)}_${step}_${index}`,
        tenant,
        principal,
        fact,
        fact_sha256: factSha256(fact),
        about: storableText(about),
        agent: source.agent,
        seq: source.seq,
        tainted_by: source.taintedBy,
        most: MEMORY.factsOfPrincipal,
      }),
    )
    return row?.id ?? 'full'
  })
}

/** Has changes of one principal's facts come one after the other. To be called in a transaction. */
export async function lockMemories(tx: Db, { tenant, principal }: Owner): Promise<void> {
  await tx.query(LOCK.with({ tenant, principal }))
}

export function factSha256(fact: string): string {
  return createHash('sha256').update(fact).digest('hex')
}
