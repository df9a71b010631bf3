import type { Db } from '../database/database.ts'
import { unprepared } from '../database/statement.ts'

/** An agent's cache: what it has, and what has come of it so far. */
export interface CacheOverview {
  readonly agent: string
  /** Answers that are kept now. */
  readonly entries: number
  readonly exactHits: number
  readonly semanticHits: number
  readonly lexicalHits: number
  readonly misses: number
  /** Calls that wait for another run's answer now. */
  readonly waiting: number
  readonly savedMicroUsd: number
  readonly savedInputTokens: number
  readonly savedOutputTokens: number
}

/*
 *   kept    entries by agent
 *   looked  look-ups by agent; those of ended runs wait no more
 */
const OVERVIEW = unprepared(`
  with kept as (
    select agent, count(*) as entries from cache_entries
    where tenant = :tenant and expires_at > clock_timestamp() group by agent
  ),
  looked as (
    select look_up.agent, count(*) filter (where outcome = 'exact') as exact, count(*) filter (where outcome = 'semantic') as semantic,
      count(*) filter (where outcome = 'lexical') as lexical, count(*) filter (where outcome = 'miss') as misses,
      count(*) filter (where outcome = 'waits' and exists (
        select from runs where runs.id = look_up.run_id and runs.completed_at is null
      )) as waiting,
      sum(saved_micro_usd)::bigint as micro_usd, sum(saved_input_tokens)::bigint as input_tokens,
      sum(saved_output_tokens)::bigint as output_tokens
    from cache_look_ups as look_up where look_up.tenant = :tenant group by look_up.agent
  )
  select agent, coalesce(entries, 0) as entries, coalesce(exact, 0) as "exactHits", coalesce(semantic, 0) as "semanticHits",
    coalesce(lexical, 0) as "lexicalHits", coalesce(misses, 0) as misses, coalesce(waiting, 0) as waiting,
    coalesce(micro_usd, 0) as "savedMicroUsd", coalesce(input_tokens, 0) as "savedInputTokens",
    coalesce(output_tokens, 0) as "savedOutputTokens"
  from kept full join looked using (agent)
  order by agent collate "C"`)

/** By agent, in the order of their names; only agents whose calls have looked for an answer. */
export async function cacheOverview(db: Db, tenant: string): Promise<CacheOverview[]> {
  return db.query<CacheOverview>(OVERVIEW.with({ tenant }))
}
