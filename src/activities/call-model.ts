import { activityInfo, cancellationSignal } from '@temporalio/activity'
import type { ApplicationFailure } from '@temporalio/common'
import type { CallModelInput, ModelDecision } from '../contracts/activities.ts'
import { MODEL_CLOCKS } from '../policies/models.ts'
import { loadModelCall, storeModelCall } from '../store/model-calls.ts'
import type { Dependencies } from './dependencies.ts'
import { failure } from './failure.ts'
import { createLifeSigns } from './life-signs.ts'
import type { ModelAnswer } from './models/model-adapter.ts'
import { ModelFailure } from './models/model-failure.ts'
import { priceModelCall } from './models/price-model-call.ts'
import { answerPreview } from './preview.ts'
import { readToolCalls } from './read-tool-calls.ts'

/**
 * One hop: shows the transcript to a model and stores what it answers before returning, so that an answer is never paid for
 * twice. An attempt that finds its key stored returns what is there.
 */
export function createCallModel(deps: Dependencies) {
  const { database, adapterFor, findPrompt, findTool, logger } = deps

  return async function callModel(input: CallModelInput): Promise<ModelDecision> {
    const { run, step, hop, seq, model, inbox = [], firstTimeOf = [] } = input
    const system = findPrompt(input.prompt.name, input.prompt.version)
    if (system === null) throw failure('callModel', 'agent_unknown')

    const key = { runId: run.runId, step, hop, seq, inbox, firstTimeOf }
    const loaded = await loadModelCall(database, key)
    if ('stored' in loaded) return loaded.stored

    const { attempt } = activityInfo()
    const startedAt = performance.now()
    const signs = createLifeSigns({ run, step, hop, attempt }, deps)
    let answer: ModelAnswer
    try {
      answer = await adapterFor(model).generate(
        {
          model,
          system,
          messages: loaded.transcript,
          tools: input.tools.flatMap((name) => findTool(name) ?? []),
          cacheKey: `${input.agent}@${input.prompt.version}`,
        },
        { signal: cancellationSignal(), onProgress: signs.progress },
      )
    } catch (error) {
      if (!(error instanceof ModelFailure)) throw error
      logger.warn(
        { err: error, runId: run.runId, step, hop, attempt, model: model.model },
        'model call failed',
      )
      throw toActivityFailure(error)
    } finally {
      await signs.stop()
    }

    const { calls, notes } = readToolCalls(answer.message.toolCalls, {
      allowed: input.tools,
      firstTimeOf,
      neverUsed: loaded.neverUsed,
      seq,
      findTool,
    })
    const decision: ModelDecision = {
      stop: answer.stop,
      toolCalls: calls,
      usage: answer.usage,
      costMicroUsd: priceModelCall({ provider: model.provider, model: answer.servedBy, usage: answer.usage }),
      servedBy: answer.servedBy,
      preview: answerPreview(answer.message),
    }
    return storeModelCall(database, {
      run,
      step,
      hop,
      attempt,
      seq,
      inbox,
      failedHops: input.failedHops ?? [],
      provider: model.provider,
      model: model.model,
      requestId: answer.requestId,
      message: answer.message,
      notes,
      decision,
      latencyMs: Math.round(performance.now() - startedAt),
    })
  }
}

/** A provider that wants to be left alone for longer than we wait counts as gone: the next model is asked. */
function toActivityFailure({ code, retryAfterMs }: ModelFailure): ApplicationFailure {
  if (retryAfterMs === undefined) return failure('callModel', code)
  return failure('callModel', code, { retryAfterMs, final: retryAfterMs > MODEL_CLOCKS.longestRetryAfterMs })
}
