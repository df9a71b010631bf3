import { ANSWER_CACHE, EMBEDDINGS } from '../../policies/models/answer-cache.ts'
import type { CachedAnswer } from '../../store/cache/cached-answer.ts'
import { findMeans, findSimilar } from '../../store/cache/find-similar.ts'
import type { ComparedQuestion } from '../../store/cache/keep-answer.ts'
import type { Dependencies } from '../dependencies.ts'
import { LEXICAL_SPACE, lexicalVector } from './lexical-vector.ts'
import type { CacheableCall } from './request-key.ts'
import { allowsOneAnswer, hasSameWords } from './same-wording.ts'
import { specificsHash } from './specifics.ts'

/** Embeddings for calls, of one model. */
export interface EmbedText {
  readonly model: string
  /** A vector of length 1; null where there is none for this call. */
  embed(call: CacheableCall, text: string): Promise<readonly number[] | null>
}

export interface SimilarAnswers {
  /** The question as it is compared with others; null where it is compared with none. */
  compared(call: CacheableCall, question: string | null): Promise<ComparedQuestion | null>
  /** The answer to the most similar question, if that one may have the same answer. */
  find(
    call: CacheableCall,
    frame: string,
    question: ComparedQuestion,
  ): Promise<(CachedAnswer & { readonly hit: 'semantic' | 'lexical' }) | null>
}

/** Compares questions by their embeddings or, without an embeddings server, by their words. */
export function createSimilarAnswers(
  database: Dependencies['database'],
  embed: EmbedText | null,
): SimilarAnswers {
  let means: ReturnType<typeof findMeans> | null = null
  /** Asked once a process. An outage is asked about again. */
  function meansOf(): ReturnType<typeof findMeans> {
    means ??= findMeans(database).catch((error: unknown) => {
      means = null
      throw error
    })
    return means
  }

  return {
    async compared(call, question) {
      const { semantic } = call.cache
      if (semantic === undefined || question === null) return null
      if (Buffer.byteLength(question) > ANSWER_CACHE.maxQuestionBytes) return null
      const vector = embed === null ? lexicalVector(question) : await embed.embed(call, question)
      if (vector === null) return null
      const space = embed === null ? LEXICAL_SPACE : `${embed.model}/${vector.length}`
      return { text: question, specifics: specificsHash(question), space, vector }
    },

    async find({ run, cache: { semantic } }, frame, question) {
      if (semantic === undefined) return null
      const { text, ...compared } = question
      const found = await findSimilar(
        database,
        {
          ...compared,
          tenant: run.tenant,
          frame,
          ttlMs: semantic.ttlMs,
          threshold: embed === null ? semantic.lexicalThreshold : semantic.threshold,
        },
        await meansOf(),
      )
      const best = found.find(
        (candidate) =>
          allowsOneAnswer(candidate.question, text) && (embed === null || isToldApart(candidate, text)),
      )
      if (best === undefined) return null
      const { question: _question, similarity: _similarity, ...answer } = best
      return { ...answer, hit: embed === null ? 'lexical' : 'semantic' }
    },
  }
}

/** Whether the embeddings tell the two questions apart, as far as their words differ. */
function isToldApart(
  { question, similarity }: { readonly question: string; readonly similarity: number },
  text: string,
): boolean {
  return similarity < EMBEDDINGS.notToldApart || hasSameWords(question, text)
}
