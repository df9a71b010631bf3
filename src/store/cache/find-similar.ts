import { ANSWER_CACHE } from '../../policies/models/answer-cache.ts'
import type { Db } from '../database/database.ts'
import { type NamedStatement, statement } from '../database/statement.ts'
import { ANSWER_COLUMNS, type CachedAnswer } from './cached-answer.ts'
import type { ComparedQuestion } from './keep-answer.ts'

export interface FindSimilar extends Omit<ComparedQuestion, 'text'> {
  readonly tenant: string
  readonly frame: string
  /** Greatest age of an answer, in milliseconds. */
  readonly ttlMs: number
  /** The least cosine. */
  readonly threshold: number
}

/** An answer with the question that it was given to. */
export interface SimilarAnswer extends Omit<CachedAnswer, 'hit'> {
  readonly question: string
  readonly similarity: number
}

/** Vectors have the length 1, so their product is their cosine. */
const SIMILARITY = {
  pgvector: '1 - (vector::vector <=> :vector::real[]::vector)',
  plain:
    '(select sum(one::float8 * other::float8) from unnest(vector, :vector::real[]) as pair (one, other))',
} as const

type Means = keyof typeof SIMILARITY

const FIND: { readonly [M in Means]: NamedStatement } = {
  pgvector: finding('pgvector'),
  plain: finding('plain'),
}

/*
 *   candidate  the newest entries that can be compared at all
 *   compared   the same, with their similarity
 */
function finding(means: Means): NamedStatement {
  return statement(
    `find_similar_${means}`,
    `
    with candidate as materialized (
      select id, ${ANSWER_COLUMNS}, question, vector from cache_entries
      where tenant = :tenant and frame = :frame and vector_space = :space and specifics = :specifics and vector is not null
        and created_at > clock_timestamp() - :ttl_ms::bigint * interval '1 millisecond'
      order by cache_entries.created_at desc limit ${ANSWER_CACHE.mostCompared}
    ),
    compared as materialized (select candidate.*, ${SIMILARITY[means]} as similarity from candidate)
    select id, answer, "inputTokens", "outputTokens", "costMicroUsd", "createdAt", question, similarity
    from compared where similarity >= :threshold::float8
    order by similarity desc limit ${ANSWER_CACHE.mostSimilar}`,
  )
}

/** Answers to the most similar questions, the most similar one first. Every candidate is compared: the search is exact. */
export async function findSimilar(db: Db, find: FindSimilar, means: Means): Promise<SimilarAnswer[]> {
  return db.query<SimilarAnswer>(
    FIND[means].with({
      tenant: find.tenant,
      frame: find.frame,
      space: find.space,
      specifics: find.specifics,
      ttl_ms: find.ttlMs,
      vector: find.vector,
      threshold: find.threshold,
    }),
  )
}

const HAS_PGVECTOR = statement(
  'has_pgvector',
  `select exists (select from pg_extension where extname = 'vector') as there`,
)

/** How vectors can be compared in this database. */
export async function findMeans(db: Db): Promise<Means> {
  const [row] = await db.query<{ there: boolean }>(HAS_PGVECTOR.with({}))
  return row?.there === true ? 'pgvector' : 'plain'
}
