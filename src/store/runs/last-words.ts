import type { RunIdentity } from '../../contracts/run.ts'
import type { Db } from '../database/database.ts'

/** What a model said, at its place in the transcript. */
export interface Words {
  readonly seq: number
  readonly text: string
  /** It stood by itself. Otherwise it came with tool calls. */
  readonly isAnswer: boolean
}

/** The model's last answer; where it has given none, the last that it said beside its tool calls. */
export async function findLastWords(db: Db, { runId, tenant }: RunIdentity): Promise<Words | null> {
  const [words] = await db.query<Words>({
    name: 'find_last_words',
    text: `
      select * from (
        select call.step, messages.seq, messages.message ->> 'text' as text,
          json_array_length(call.decision -> 'toolCalls') = 0 as "isAnswer"
        from model_calls as call
        join messages on messages.run_id = call.run_id and messages.seq = call.seq
        where call.run_id = $1 and call.tenant = $2 and messages.message ->> 'role' = 'assistant'
      ) as said
      where btrim(text) <> ''
      order by "isAnswer" desc, step desc
      limit 1`,
    values: [runId, tenant],
  })
  return words === undefined ? null : { seq: words.seq, text: words.text, isAnswer: words.isAnswer }
}
