import { activityInfo, cancellationSignal } from '@temporalio/activity'
import { CancelledFailure } from '@temporalio/common'
import type { CallModelInput, HopWithheld, ModelDecision } from '../contracts/activities.ts'
import { SHARED_ONLY } from '../policies/budgets.ts'
import { MODEL_CLOCKS } from '../policies/models.ts'
import {
  type BegunModelCall,
  beginModelCall,
  type StoredModelCall,
  storeModelCall,
} from '../store/model-calls.ts'
import { isOutage } from '../store/outage.ts'
import { beating } from './beating.ts'
import type { Dependencies } from './dependencies.ts'
import { failure } from './failure.ts'
import { createLifeSigns } from './life-signs.ts'
import { createModelTries } from './model-tries.ts'
import type { ModelAnswer } from './models/model-adapter.ts'
import { ModelFailure } from './models/model-failure.ts'
import { answerPreview } from './preview.ts'
import { readToolCalls } from './read-tool-calls.ts'
import { createRequestFrames, type RequestFrame } from './request-frame.ts'
import { untilStored } from './until-stored.ts'

/**
 * One hop: books an attempt, shows the transcript to a model and stores what it answers before returning, so that an answer is
 * never paid for twice. An attempt that finds its key stored returns what is there; one that the budgets do not cover asks
 * nobody. What an attempt has cost is settled whether it came to an answer or not. How often the provider is asked is counted by
 * what the store has booked, so that only tries which have reached it use up the hop.
 */
export function createCallModel(deps: Dependencies) {
  const { database, adapterFor, findTool, prices } = deps
  const frameOf = createRequestFrames(deps)
  const tries = createModelTries(deps)

  return function callModel(input: CallModelInput): Promise<ModelDecision | HopWithheld> {
    return beating(() => call(input))
  }

  async function call(input: CallModelInput): Promise<ModelDecision | HopWithheld> {
    const { run, step, hop, seq, model, budget, inbox = [], firstTimeOf = [] } = input
    const frame = await frameOf(input)
    if (frame === null) throw failure('callModel', 'agent_unknown')
    await tries.begin(input)

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
      activity: tries.activity(),
    })
    if ('stored' in begun) return budget ? { ...begun.stored, spent: begun.spent } : begun.stored
    if ('withheld' in begun) return begun
    if ('runEnded' in begun) throw failure('callModel', 'run_ended', { final: true })
    if ('priceUnknown' in begun) throw failure('callModel', 'model_price_unknown', { final: true })

    const startedAt = performance.now()
    const answer = await ask(input, frame, begun)
    const latencyMs = Math.round(performance.now() - startedAt)
    const { decision, spent } = await keep(input, frame, begun, { answer, latencyMs })
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
    const late = AbortSignal.timeout(MODEL_CLOCKS.answerMs)
    try {
      return await adapterFor(model).generate(
        {
          model,
          system: frame.system,
          messages: begun.transcript,
          tools: frame.tools,
          cacheKey: `${input.agent}@${input.prompt.version}`,
        },
        { signal: AbortSignal.any([cancellationSignal(), late]), onProgress: signs.progress },
      )
    } catch (error) {
      if (error instanceof CancelledFailure) throw error
      if (error instanceof ModelFailure) throw await tries.fail(input, begun.attempt, error)
      // What no adapter foresees may have come after a paid answer.
      const code = late.aborted ? 'model_timed_out' : 'model_answer_malformed'
      throw await tries.fail(input, begun.attempt, new ModelFailure(code, { cause: error }), !late.aborted)
    } finally {
      await signs.stop()
    }
  }

  /** Keeps the answer. One that can't be kept, though the store is there, is not asked for again: it would fare no better. */
  async function keep(
    input: CallModelInput,
    frame: RequestFrame,
    begun: BegunModelCall,
    { answer, latencyMs }: { readonly answer: ModelAnswer; readonly latencyMs: number },
  ): Promise<StoredModelCall> {
    const { run, step, hop, seq, model, inbox = [], firstTimeOf = [] } = input
    const { usage, servedBy } = answer
    try {
      const { calls, notes } = readToolCalls(answer.message.toolCalls, {
        allowed: frame.tools.map(({ name }) => name),
        firstTimeOf,
        neverUsed: begun.neverUsed,
        seq,
        findTool,
      })
      const call = {
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
        message: answer.message,
        notes,
        decision: {
          stop: answer.stop,
          toolCalls: calls,
          usage,
          costMicroUsd: prices.price({ provider: model.provider, model: servedBy, usage }),
          servedBy,
          preview: answerPreview(answer.message),
        },
        latencyMs,
      }
      return await untilStored(() => storeModelCall(database, call))
    } catch (error) {
      if (isOutage(error)) throw error
      const failed = new ModelFailure('model_answer_malformed', { cause: error })
      throw await tries.fail(input, begun.attempt, failed, true)
    }
  }
}
