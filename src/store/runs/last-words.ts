import type { RunIdentity } from '../../contracts/runs/run.ts'
import type { Db } from '../database/database.ts'
import { statement } from '../database/statement.ts'

/** What a model said, at its place in the transcript. */
export interface Words {
  readonly seq: number
  readonly text: string
  /** False where it came with tool calls. */
  readonly isAnswer: boolean
}

const FIND_LAST_WORDS = statement(
  'find_last_words',
  `
  select * from (
    select call.step, messages.seq, coalesce(messages.message ->> 'output', messages.message ->> 'text') as text,
      json_array_length(call.decision -> 'toolCalls') = 0 as "isAnswer"
    from model_calls as call
    join messages on messages.run_id = call.run_id and messages.seq = call.seq
    where call.run_id = :run_id and call.tenant = :tenant and messages.message ->> 'role' = 'assistant'
  ) as said
  where btrim(text) <> ''
  order by "isAnswer" desc, step desc
  limit 1`,
)

/** The model's last answer. Where there is none, the last text that stood beside tool calls. */
export async function findLastWords(db: Db, { runId, tenant }: RunIdentity): Promise<Words | null> {
  const [words] = await db.query<Words>(FIND_LAST_WORDS.with({ run_id: runId, tenant }))
  return words === undefined ? null : { seq: words.seq, text: words.text, isAnswer: words.isAnswer }
}
