import type { PlannedCache } from '../../contracts/cache/answer-cache.ts'
import type { StopReason } from '../../contracts/models/model.ts'
import type { CallUsage } from '../../contracts/models/usage.ts'
import type { AssistantMessage } from '../../contracts/runs/message.ts'
import { ANSWER_CACHE } from '../../policies/models/answer-cache.ts'
import type { CachedAnswer } from '../../store/cache/cached-answer.ts'
import type { ComparedQuestion } from '../../store/cache/keep-answer.ts'
import { lookUpAnswer } from '../../store/cache/look-up-answer.ts'
import { activityKey } from '../activity-key.ts'
import type { Dependencies } from '../dependencies.ts'
import { holdLead, type Lead } from './lead.ts'
import { type CacheableCall, hasUsedTools, isAskedAgain, requestKeys } from './request-key.ts'
import { createSimilarAnswers, type EmbedText } from './similar-answers.ts'

/** An answer as its model gave it. */
export interface MadeAnswer {
  readonly message: AssistantMessage
  readonly stop: StopReason
  readonly servedBy: string
  readonly usage: CallUsage
  readonly costMicroUsd: number | null
  /** False where the model is asked to go on with it or to repair it. */
  readonly isUsable: boolean
}

export type Found =
  | { readonly hit: CachedAnswer; readonly waitedMs: number | null }
  /** Another run asks the same now. */
  | { readonly waits: true }
  | { readonly miss: Miss }

/** A model is to be asked. */
export interface Miss {
  /** Keeps the answer for later calls, if it may be kept. Never rejects. */
  keep(answer: MadeAnswer): Promise<void>
  /** Has to be called once the call has ended, with an answer or without. Never rejects. */
  end(): Promise<void>
}

/** The answer is for this call alone. */
export const KEEP_NOTHING: Miss = { keep: async () => undefined, end: async () => undefined }

/**
 * Finds an answer that was given before: to the same request, or to one whose last message means the same while all the rest is equal.
 * Where there is none, one of the calls that ask the same at once leads, and the others wait.
 *
 * @param embed null: questions are compared by their words
 */
export function createAnswerCache(
  deps: Pick<Dependencies, 'database' | 'logger'>,
  embed: EmbedText | null,
): (call: CacheableCall) => Promise<Found> {
  const { database } = deps
  const similar = createSimilarAnswers(database, embed)

  return async (call) => {
    const { run, cache, agent, model, step, hop } = call
    if (cache.withTools !== true && hasUsedTools(call.messages)) return { miss: KEEP_NOTHING }
    if (isAskedAgain(call.messages)) return { miss: KEEP_NOTHING }
    const keys = requestKeys(call)
    const holder = activityKey()
    const looked = await lookUpAnswer(database, {
      run,
      step,
      hop,
      provider: model.provider,
      model: model.model,
      owner: { tenant: run.tenant, agent: agent.agent.name, promptVersion: agent.prompt.version },
      key: keys.key,
      exactMs: oldestMs(cache),
      similarMs: cache.semantic?.ttlMs ?? 0,
      holder,
    })
    if (looked.standing === 'hit') return { hit: looked.cached, waitedMs: looked.waitedMs }
    if (looked.standing === 'waits') return { waits: true }
    if (looked.standing === 'alone') return { miss: KEEP_NOTHING }
    const lead = holdLead({ key: keys.key, holder }, deps)
    try {
      const question = await similar.compared(call, keys.question)
      const found = question && (await similar.find(call, keys.frame, question))
      if (found === null) return { miss: missOf(cache, lead, keys.frame, question) }
      // Under this request's own key, too: the next one finds it without an embedding, and so do those who wait.
      const { id: _id, hit: via, ...answer } = found
      await lead.keep({
        ...answer,
        via,
        frame: keys.frame,
        ttlMs: cache.semantic?.ttlMs ?? 0,
        question: null,
      })
      await lead.end()
      return { hit: found, waitedMs: null }
    } catch (error) {
      await lead.end()
      throw error
    }
  }
}

function missOf(cache: PlannedCache, lead: Lead, frame: string, question: ComparedQuestion | null): Miss {
  return {
    keep(made) {
      const answer = keptAnswer(cache, made)
      if (answer === null) return lead.decline()
      const { inputTokens, outputTokens } = made.usage
      const { costMicroUsd } = made
      return lead.keep({
        frame,
        ttlMs: oldestMs(cache),
        question,
        answer,
        inputTokens,
        outputTokens,
        costMicroUsd,
      })
    },
    end: () => lead.end(),
  }
}

/** How long the same request is given the same answer: a question also means the same as itself. */
function oldestMs({ exact, semantic }: PlannedCache): number {
  return Math.max(exact?.ttlMs ?? 0, semantic?.ttlMs ?? 0)
}

/** The part of an answer that is kept; null where it is not whole, is too large, or has calls that could or may not be made again. */
function keptAnswer(
  { withTools }: PlannedCache,
  { message, stop, servedBy, isUsable }: MadeAnswer,
): CachedAnswer['answer'] | null {
  const { text, toolCalls } = message
  if (!isUsable || (stop !== 'end' && stop !== 'tool_calls')) return null
  if (toolCalls.length > 0 ? withTools !== true : text.trim() === '') return null
  if (toolCalls.some(({ problem }) => problem !== undefined)) return null
  if (Buffer.byteLength(JSON.stringify([text, toolCalls])) > ANSWER_CACHE.maxAnswerBytes) return null
  return { message: { ...message, wire: 'none', wireItems: [] }, stop, servedBy }
}
