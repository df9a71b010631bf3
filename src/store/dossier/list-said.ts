import { cutText } from '../../contracts/operator-text.ts'
import { DOSSIER } from '../../policies/operations/dossier.ts'
import type { Db } from '../database/database.ts'
import { statement } from '../database/statement.ts'
import type { StepRange } from './step-range.ts'

/** What was said to a run, its beginning. */
export interface Said {
  /** Place in the transcript. */
  readonly seq: number
  readonly text: string
}

interface WhatIsWanted extends Pick<StepRange, 'tenant' | 'runId'> {
  /** Whether the run's input is among it: what comes before its first answer. */
  readonly hasInput: boolean
  /** Messages that came later. */
  readonly seqs: readonly number[]
}

const LIST = statement(
  'list_said',
  `
  select seq, left(message ->> 'text', :most) as text from messages
  where run_id = :run_id and tenant = :tenant and message ->> 'role' = 'user'
    and (seq = any (:seqs::integer[]) or :has_input::boolean
      and seq < coalesce((select min(seq) from model_calls where run_id = :run_id and tenant = :tenant), 2147483647))
  order by seq limit :limit`,
)

/** In the order of the transcript. */
export async function listSaid(
  db: Db,
  { tenant, runId, hasInput, seqs }: WhatIsWanted,
): Promise<readonly Said[]> {
  if (!hasInput && seqs.length === 0) return []
  const { excerptCharacters, pageExcerpts: limit } = DOSSIER
  const most = excerptCharacters + 1
  const said = await db.query<Said>(
    LIST.with({ run_id: runId, tenant, has_input: hasInput, seqs, most, limit }),
  )
  return said.map(({ seq, text }) => ({ seq, text: cutText(text, excerptCharacters) }))
}
