import { cancellationSignal } from '@temporalio/activity'
import type { HopBudget } from '../../../contracts/budgets/budget.ts'
import type { CallUsage } from '../../../contracts/models/usage.ts'
import type { RunIdentity } from '../../../contracts/runs/run.ts'
import { SHARED_ONLY } from '../../../policies/budgets.ts'
import { EMBEDDINGS } from '../../../policies/models/answer-cache.ts'
import { settleAttempt } from '../../../store/models/settle-attempt.ts'
import { runFields } from '../../../telemetry/fact-run.ts'
import { activityKey } from '../../activity-key.ts'
import type { Dependencies } from '../../dependencies.ts'
import { forAttempt } from '../../dossier/exchange-scope.ts'
import { untilStored } from '../../until-stored.ts'
import { createAttemptFacts } from '../attempt-facts.ts'
import { type CallClock, startCallClock } from '../call-clock.ts'
import { failedWith } from '../failures/failed-with.ts'
import { logSaid } from '../failures/log-said.ts'
import { ModelFailure } from '../failures/model-failure.ts'
import { type BookedSideCall, createBookSideCall } from '../side-calls/book-side-call.ts'
import { type Embeddings, OWN_EMBEDDINGS } from './create-embeddings.ts'

export interface EmbedQuestion {
  readonly run: RunIdentity
  readonly agent: string
  readonly step: number
  readonly hop: number
  readonly text: string
  readonly budget: HopBudget | undefined
}

interface Embedded {
  readonly vector: readonly number[]
  readonly usage: CallUsage
}

/** The vector of a question; null where there is none: the budget does not cover the request, or the server is away. */
export type EmbedBooked = (question: EmbedQuestion) => Promise<readonly number[] | null>

/** Nothing, for a server whose models are in no price book: it is the operator's own. */
const FREE = [{ aboveTokens: 0, inputMicroUsd: 0, outputMicroUsd: 0 }]

/**
 * Asks for embeddings as models are asked: through the traffic's gates, booked with the worst case within the run's budget and the shared
 * ones, and settled with the cost. After a failure the server is left alone for a while, so that no call waits for one that is away.
 */
export function createBookedEmbedding(
  embeddings: Embeddings,
  deps: Pick<Dependencies, 'database' | 'traffic' | 'prices' | 'logger' | 'logsContent' | 'telemetry'>,
): EmbedBooked {
  const { database, prices, logger } = deps
  const { provider, model } = embeddings
  const isOwn = provider === OWN_EMBEDDINGS
  const bookSideCall = createBookSideCall(deps)
  const facts = createAttemptFacts(deps)
  let restsUntilMs = 0

  function book({ run, agent, step, hop, text, budget = SHARED_ONLY }: EmbedQuestion) {
    return bookSideCall({
      kind: 'embedding',
      run,
      agent,
      step,
      hop,
      provider,
      model,
      maxOutputTokens: 0,
      inputTokens: embeddings.mostTokens(text),
      budget: leaveOneCall(budget),
      rates: prices.worstRates(provider, model) ?? (isOwn ? FREE : null),
      // Apart from the tries of the model that is asked next.
      activity: `${activityKey()}/embedding`,
    })
  }

  /** @throws ModelFailure, or the failure that the run was stopped with */
  async function ask(text: string, { pass }: BookedSideCall, clock: CallClock): Promise<Embedded> {
    try {
      const { vector, inputTokens } = await embeddings.embed(text, cancellationSignal())
      // A server that does not count is booked with the most that it can have read.
      const usage = { ...NO_TOKENS, inputTokens: inputTokens ?? embeddings.mostTokens(text) }
      await pass.leave({ kind: 'answered', usage, latencyMs: clock.read().durationMs })
      return { vector, usage }
    } catch (error) {
      await pass.leave(error instanceof ModelFailure ? failedWith(error) : { kind: 'stopped' })
      throw error
    }
  }

  return async (question) => {
    if (performance.now() < restsUntilMs) return null
    const booked = await book(question)
    if (!('attempt' in booked)) return null
    const { run, agent, step, hop, text } = question
    const attempt = { run, step, hop, attempt: booked.attempt }
    const asked = {
      ...attempt,
      agent,
      model: { provider, model },
      maxOutputTokens: 0,
      purpose: 'embedding',
    } as const
    const clock = startCallClock()
    try {
      const which = { runId: run.runId, step, hop, attempt: booked.attempt, purpose: 'embedding' } as const
      const { vector, usage } = await forAttempt(which, () => ask(text, booked, clock))
      const timing = clock.read()
      const costMicroUsd = prices.price({ provider, model, usage }) ?? (isOwn ? 0 : null)
      await untilStored(() => settleAttempt(database, { ...attempt, status: 'ok', costMicroUsd, usage }))
      facts.answered(asked, timing, { usage }, costMicroUsd)
      return vector
    } catch (error) {
      if (!(error instanceof ModelFailure)) throw error
      const timing = clock.read()
      const about = { ...runFields(run), step, hop, model }
      logger.warn({ err: error, ...about }, 'embedding failed')
      logSaid(deps, about, error)
      restsUntilMs = performance.now() + EMBEDDINGS.restMs
      const settled =
        error.billed === 'no'
          ? ({ status: 'failed', costMicroUsd: 0, usage: 'nothing' } as const)
          : ({ status: 'unknown', costMicroUsd: null, usage: 'unknown' } as const)
      await untilStored(() => settleAttempt(database, { ...attempt, ...settled, code: 'embedding_failed' }))
      facts.failed(asked, timing, error)
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
