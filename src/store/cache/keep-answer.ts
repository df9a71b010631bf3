import { CACHE_LEASES } from '../../policies/models/answer-cache.ts'
import type { Db } from '../database/database.ts'
import { storableJson, storableText } from '../database/postgres-text.ts'
import { statement } from '../database/statement.ts'
import type { CachedAnswer } from './cached-answer.ts'
import { type CacheLead, OWN_LEAD } from './leases.ts'

/** How a question is compared with others. */
export interface ComparedQuestion {
  readonly text: string
  /** Hash of what has to be the same in both: numbers, names and so on. */
  readonly specifics: string
  /** Only vectors of one space are compared: the model that made them, and their length. */
  readonly space: string
  /** Of length 1. */
  readonly vector: readonly number[]
}

export interface KeepAnswer extends Omit<CachedAnswer, 'id' | 'hit' | 'createdAt'> {
  readonly lead: CacheLead
  readonly frame: string
  /** Greatest age of the answer, in milliseconds. */
  readonly ttlMs: number
  /** null: the entry answers the same request only. */
  readonly question: ComparedQuestion | null
  /** The entry is a copy of another one, which was found like this. */
  readonly via?: 'semantic' | 'lexical'
  /** When the model answered; now where it is not given. */
  readonly createdAt?: string
}

/*
 *   lead  the lease, which now says that the answer is there. Without it nothing is kept: whoever has lost the lead to another run, or
 *         to a purge, may have an answer that is out of date
 */
const KEEP = statement(
  'keep_answer',
  `
  with lead as (
    update cache_leases set state = 'kept', expires_at = clock_timestamp() + :kept_ms::bigint * interval '1 millisecond'
    where ${OWN_LEAD}
    returning key, tenant, agent, prompt_version
  )
  insert into cache_entries (
    key, frame, tenant, agent, prompt_version, answer, input_tokens, output_tokens, cost_micro_usd,
    question, specifics, vector_space, vector, via, created_at, expires_at
  )
  select lead.key, :frame, lead.tenant, lead.agent, lead.prompt_version, :answer::json, :input_tokens, :output_tokens,
    :cost_micro_usd, :question, :specifics, :space, :vector::real[], :via, answered.at,
    answered.at + :ttl_ms::bigint * interval '1 millisecond'
  from lead, (select coalesce(:created_at::timestamptz, clock_timestamp())) as answered (at)
  on conflict (key) do update set
    frame = excluded.frame, answer = excluded.answer, input_tokens = excluded.input_tokens,
    output_tokens = excluded.output_tokens, cost_micro_usd = excluded.cost_micro_usd, question = excluded.question,
    specifics = excluded.specifics, vector_space = excluded.vector_space, vector = excluded.vector, via = excluded.via,
    created_at = excluded.created_at, expires_at = excluded.expires_at
  returning id`,
)

/** Keeps the answer of a call that leads. @returns the entry's number; null where the call leads no more */
export async function keepAnswer(db: Db, kept: KeepAnswer): Promise<number | null> {
  const { lead, question } = kept
  const [row] = await db.query<{ id: number }>(
    KEEP.with({
      ...lead,
      frame: kept.frame,
      answer: storableJson(kept.answer),
      input_tokens: kept.inputTokens,
      output_tokens: kept.outputTokens,
      cost_micro_usd: kept.costMicroUsd,
      question: storableText(question?.text ?? null),
      specifics: question?.specifics ?? null,
      space: question?.space ?? null,
      vector: question?.vector ?? null,
      via: kept.via ?? null,
      created_at: kept.createdAt ?? null,
      ttl_ms: kept.ttlMs,
      kept_ms: CACHE_LEASES.keptMs,
    }),
  )
  return row?.id ?? null
}
