import { activityInfo, cancellationSignal } from '@temporalio/activity'
import type { ApplicationFailure } from '@temporalio/common'
import type { CallModelInput, HopWithheld, ModelDecision } from '../contracts/activities.ts'
import { SHARED_ONLY } from '../policies/budgets.ts'
import { MODEL_CLOCKS } from '../policies/models.ts'
import { type BegunModelCall, beginModelCall, settleAttempt, storeModelCall } from '../store/model-calls.ts'
import { beating } from './beating.ts'
import type { Dependencies } from './dependencies.ts'
import { failure } from './failure.ts'
import { createLifeSigns } from './life-signs.ts'
import type { ModelAnswer } from './models/model-adapter.ts'
import { ModelFailure } from './models/model-failure.ts'
import { answerPreview } from './preview.ts'
import { readToolCalls } from './read-tool-calls.ts'
import { createRequestFrames, type RequestFrame } from './request-frame.ts'

/**
 * One hop: books an attempt, shows the transcript to a model and stores what it answers before returning, so that an answer is
 * never paid for twice. An attempt that finds its key stored returns what is there; one that the budgets do not cover asks
 * nobody. What an attempt has cost is settled whether it came to an answer or not.
 */
export function createCallModel(deps: Dependencies) {
  const { database, adapterFor, findTool, prices, logger } = deps
  const frameOf = createRequestFrames(deps)

  return function callModel(input: CallModelInput): Promise<ModelDecision | HopWithheld> {
    return beating(() => call(input))
  }

  async function call(input: CallModelInput): Promise<ModelDecision | HopWithheld> {
    const { run, step, hop, seq, model, budget, inbox = [], firstTimeOf = [] } = input
    const frame = await frameOf(input)
    if (frame === null) throw failure('callModel', 'agent_unknown')

    const begun = await beginModelCall(database, {
      run,
      step,
      hop,
      seq,
      inbox,
      firstTimeOf,
      provider: model.provider,
      model: model.model,
      agent: input.agent,
      maxOutputTokens: model.maxOutputTokens,
      fixedTokens: frame.tokens,
      contextKey: frame.key,
      rates: prices.worstRates(model.provider, model.model),
      priceBook: prices.version,
      budget: budget ?? SHARED_ONLY,
    })
    if ('stored' in begun) return budget ? { ...begun.stored, spent: begun.spent } : begun.stored
    if ('withheld' in begun) return begun
    if ('runEnded' in begun) throw failure('callModel', 'run_ended', { final: true })
    if ('priceUnknown' in begun) throw failure('callModel', 'model_price_unknown', { final: true })

    const startedAt = performance.now()
    const answer = await ask(input, frame, begun)
    const { calls, notes } = readToolCalls(answer.message.toolCalls, {
      allowed: frame.tools.map(({ name }) => name),
      firstTimeOf,
      neverUsed: begun.neverUsed,
      seq,
      findTool,
    })
    const { usage, servedBy } = answer
    const { decision, spent } = await storeModelCall(database, {
      run,
      step,
      hop,
      attempt: begun.attempt,
      shared: begun.shared,
      seq,
      inbox,
      failedHops: input.failedHops ?? [],
      provider: model.provider,
      model: model.model,
      contextKey: frame.key,
      requestId: answer.requestId,
      message: { ...answer.message, madeBy: { provider: model.provider, model: model.model } },
      notes,
      decision: {
        stop: answer.stop,
        toolCalls: calls,
        usage,
        costMicroUsd: prices.price({ provider: model.provider, model: servedBy, asked: model.model, usage }),
        servedBy,
        preview: answerPreview(answer.message),
      },
      latencyMs: Math.round(performance.now() - startedAt),
    })
    return budget ? { ...decision, spent } : decision
  }

  /** @throws ApplicationFailure with the failure's code; the attempt is settled as far as anybody knows what it has cost. */
  async function ask(
    input: CallModelInput,
    frame: RequestFrame,
    begun: BegunModelCall,
  ): Promise<ModelAnswer> {
    const { run, step, hop } = input
    const model = { ...input.model, maxOutputTokens: begun.maxOutputTokens }
    const { attempt } = activityInfo()
    const signs = createLifeSigns({ run, step, hop, attempt }, deps)
    try {
      return await adapterFor(model).generate(
        {
          model,
          system: frame.system,
          messages: begun.transcript,
          tools: frame.tools,
          cacheKey: `${input.agent}@${input.prompt.version}`,
        },
        { signal: cancellationSignal(), onProgress: signs.progress },
      )
    } catch (error) {
      if (!(error instanceof ModelFailure)) throw error
      const about = { runId: run.runId, step, hop, attempt, model: model.model }
      logger.warn({ err: error, ...about }, 'model call failed')
      // Where the store does not take it, the attempt stays open, and counts as unknown once the run goes on or ends.
      await settleFailure(input, begun.attempt, error).catch((err: unknown) =>
        logger.error({ err, ...about }, 'attempt not settled'),
      )
      throw toActivityFailure(error)
    } finally {
      await signs.stop()
    }
  }

  async function settleFailure(
    { run, step, hop, model }: CallModelInput,
    attempt: number,
    { code, billed, usage, requestId }: ModelFailure,
  ): Promise<void> {
    const which = { run, step, hop, attempt, code, requestId: requestId ?? null }
    if (usage !== undefined) {
      const costMicroUsd = prices.price({ provider: model.provider, model: model.model, usage })
      await settleAttempt(database, { ...which, status: 'failed', costMicroUsd, usage })
    } else if (billed === 'no') {
      await settleAttempt(database, { ...which, status: 'failed', costMicroUsd: 0, usage: 'nothing' })
    } else {
      await settleAttempt(database, { ...which, status: 'unknown', costMicroUsd: null, usage: 'unknown' })
    }
  }
}

/** A provider that wants to be left alone for longer than we wait counts as gone: the next model is asked. */
function toActivityFailure({ code, retryAfterMs }: ModelFailure): ApplicationFailure {
  if (retryAfterMs === undefined) return failure('callModel', code)
  return failure('callModel', code, { retryAfterMs, final: retryAfterMs > MODEL_CLOCKS.longestRetryAfterMs })
}
