import type { Memory } from '../../contracts/memory/memory.ts'
import type { Db } from '../database/database.ts'
import { storableText } from '../database/postgres-text.ts'
import { statement } from '../database/statement.ts'
import { MEMORY_COLUMNS, type Owner } from './memory-row.ts'

const NEWEST = statement(
  'newest_facts',
  `
  select ${MEMORY_COLUMNS} from memories where tenant = :tenant and principal = :principal
  order by kept_at desc, id desc limit :limit`,
)

/**
 * A fact is found by any of the words, and comes first the more of them it has. `plainto_tsquery` makes a query of any text, which
 * wants all words.
 */
const SEARCH = statement(
  'search_facts',
  `
  with query as (select replace(plainto_tsquery('simple', :query)::text, ' & ', ' | ')::tsquery as any_word)
  select ${MEMORY_COLUMNS} from memories, query
  where tenant = :tenant and principal = :principal and search @@ any_word
  order by ts_rank(search, any_word) desc, kept_at desc, id desc limit :limit`,
)

const COUNT = statement(
  'count_facts',
  'select count(*)::integer as kept from memories where tenant = :tenant and principal = :principal',
)

export interface Recalled {
  readonly facts: readonly Memory[]
  /** How many the principal has. */
  readonly kept: number
}

/** The principal's facts that have words of the query, or the newest. */
export async function recallFacts(
  db: Db,
  { tenant, principal, query, limit }: Owner & { readonly query?: string; readonly limit: number },
): Promise<Recalled> {
  const owner = { tenant, principal }
  const facts = await db.query<Memory>(
    query === undefined
      ? NEWEST.with({ ...owner, limit })
      : SEARCH.with({ ...owner, limit, query: storableText(query) }),
  )
  const [row] = await db.query<{ kept: number }>(COUNT.with(owner))
  return { facts, kept: row?.kept ?? 0 }
}
