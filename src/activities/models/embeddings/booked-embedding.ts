import { cancellationSignal } from '@temporalio/activity'
import type { HopBudget } from '../../../contracts/budget.ts'
import type { RunIdentity } from '../../../contracts/run.ts'
import { EMBEDDINGS } from '../../../policies/answer-cache.ts'
import { SHARED_ONLY } from '../../../policies/budgets.ts'
import { beginModelCall } from '../../../store/models/begin-model-call.ts'
import { settleAttempt } from '../../../store/models/settle-attempt.ts'
import { activityKey } from '../../activity-key.ts'
import type { Dependencies } from '../../dependencies.ts'
import { untilStored } from '../../until-stored.ts'
import { ModelFailure } from '../failures/model-failure.ts'
import { type Embeddings, OWN_EMBEDDINGS } from './create-embeddings.ts'

export interface EmbedQuestion {
  readonly run: RunIdentity
  readonly agent: string
  readonly step: number
  readonly hop: number
  readonly text: string
  readonly budget: HopBudget | undefined
}

/** The vector of a question; null where there is none: the budget does not cover the request, or the server is away. */
export type EmbedBooked = (question: EmbedQuestion) => Promise<readonly number[] | null>

/** Nothing, for a server whose models are in no price book: it is the operator's own. */
const FREE = [{ aboveTokens: 0, inputMicroUsd: 0, outputMicroUsd: 0 }]

/**
 * Asks for embeddings as models are asked: the request is booked with its worst case, within the run's budget and the shared ones, and
 * settled with its cost. After a failure the server is left alone for a while, so that no call waits for one that is away.
 */
export function createBookedEmbedding(
  embeddings: Embeddings,
  { database, prices, logger }: Pick<Dependencies, 'database' | 'prices' | 'logger'>,
): EmbedBooked {
  const { provider, model } = embeddings
  const isOwn = provider === OWN_EMBEDDINGS
  let restsUntilMs = 0

  function begin({ run, agent, step, hop, text, budget = SHARED_ONLY }: EmbedQuestion) {
    return beginModelCall(database, {
      run,
      agent,
      step,
      hop,
      provider,
      model,
      // Its input is this text alone: no message of the transcript comes before the first one.
      seq: 0,
      inbox: [],
      firstTimeOf: [],
      maxOutputTokens: 0,
      fixedTokens: embeddings.mostTokens(text),
      contextKey: 'embedding',
      rates: prices.worstRates(provider, model) ?? (isOwn ? FREE : null),
      priceBook: prices.version,
      budget: leaveOneCall(budget),
      // Apart from the tries of the model that is asked next.
      activity: `${activityKey()}/embedding`,
    })
  }

  return async (question) => {
    if (performance.now() < restsUntilMs) return null
    const begun = await begin(question)
    if (!('transcript' in begun)) return null
    const { run, step, hop, text } = question
    const attempt = { run, step, hop, attempt: begun.attempt }
    try {
      const { vector, inputTokens } = await embeddings.embed(text, cancellationSignal())
      // A server that does not count is booked with the most that it can have read.
      const usage = { ...NO_TOKENS, inputTokens: inputTokens ?? embeddings.mostTokens(text) }
      const costMicroUsd = prices.price({ provider, model, usage }) ?? (isOwn ? 0 : null)
      await untilStored(() => settleAttempt(database, { ...attempt, status: 'ok', costMicroUsd, usage }))
      return vector
    } catch (error) {
      if (!(error instanceof ModelFailure)) throw error
      logger.warn({ err: error, runId: run.runId, step, hop, model }, 'embedding failed')
      restsUntilMs = performance.now() + EMBEDDINGS.restMs
      const settled =
        error.billed === 'no'
          ? ({ status: 'failed', costMicroUsd: 0, usage: 'nothing' } as const)
          : ({ status: 'unknown', costMicroUsd: null, usage: 'unknown' } as const)
      await untilStored(() => settleAttempt(database, { ...attempt, ...settled, code: 'embedding_failed' }))
      return null
    }
  }
}

/** A limit of calls leaves one for the model: an embedding without an answer is worth nothing. */
function leaveOneCall(budget: HopBudget): HopBudget {
  const { maxModelCalls, ...limits } = budget.limits
  if (maxModelCalls === undefined) return budget
  return { ...budget, limits: { ...limits, maxModelCalls: maxModelCalls - 1 } }
}

const NO_TOKENS = {
  inputTokens: 0,
  cachedInputTokens: 0,
  cacheWriteTokens: 0,
  outputTokens: 0,
  reasoningTokens: 0,
}
