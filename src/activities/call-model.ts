import { activityInfo, cancellationSignal } from '@temporalio/activity'
import type { ApplicationFailure } from '@temporalio/common'
import type { CallModelInput, HopWithheld, ModelDecision } from '../contracts/activities.ts'
import { SHARED_ONLY } from '../policies/budgets.ts'
import { MODEL_CLOCKS, USELESS_ANSWERS } from '../policies/models.ts'
import {
  type BegunModelCall,
  beginModelCall,
  countMalformedAnswers,
  settleAttempt,
  storeModelCall,
} from '../store/model-calls.ts'
import type { AcceptedRun } from './accepted-runs.ts'
import { beating } from './beating.ts'
import { checkModelCall } from './check-model-call.ts'
import type { Dependencies } from './dependencies.ts'
import { failure } from './failure.ts'
import { introduced } from './introduced.ts'
import { judgeCalls } from './judge-calls.ts'
import { createLifeSigns } from './life-signs.ts'
import type { ModelAnswer } from './models/model-adapter.ts'
import { ModelFailure } from './models/model-failure.ts'
import { answerPreview } from './preview.ts'
import { type ReadToolCalls, readToolCalls } from './read-tool-calls.ts'
import { createRequestFrames, type RequestFrame } from './request-frame.ts'
import { wrongCallsInARow } from './wrong-calls.ts'

/**
 * One hop: books an attempt, shows the transcript to a model and stores what it answers before returning, so that an answer is
 * never paid for twice. An attempt that finds its key stored returns what is there; one that the budgets do not cover asks
 * nobody. What an attempt has cost is settled whether it came to an answer or not.
 */
export function createCallModel(deps: Dependencies) {
  const { database, adapterFor, findTool, prices, logger } = deps
  const frameOf = createRequestFrames(deps)

  return function callModel(
    input: CallModelInput,
    accepted: AcceptedRun,
  ): Promise<ModelDecision | HopWithheld> {
    return beating(() => call(input, accepted))
  }

  async function call(input: CallModelInput, { plan }: AcceptedRun): Promise<ModelDecision | HopWithheld> {
    const { run, step, hop, seq, model, budget, inbox = [], firstTimeOf = [] } = input
    if (plan !== null) checkModelCall(plan, input)
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
    const { answer, calls, asked, notes } = await ask(input, frame, begun)
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
      message: {
        ...answer.message,
        toolCalls: asked,
        madeBy: { provider: model.provider, model: model.model },
      },
      notes,
      decision: {
        stop: answer.stop,
        toolCalls: calls,
        usage,
        costMicroUsd: prices.price({ provider: model.provider, model: servedBy, asked: model.model, usage }),
        servedBy,
        preview: answerPreview(answer.message),
      },
      ...(plan !== null && { verdicts: judgeCalls(plan, calls) }),
      latencyMs: Math.round(performance.now() - startedAt),
    })
    return budget ? { ...decision, spent } : decision
  }

  /** @throws ApplicationFailure with the failure's code; the attempt is settled as far as anybody knows what it has cost. */
  async function ask(
    input: CallModelInput,
    frame: RequestFrame,
    begun: BegunModelCall,
  ): Promise<ReadToolCalls & { readonly answer: ModelAnswer }> {
    const { run, step, hop } = input
    const model = { ...input.model, maxOutputTokens: begun.maxOutputTokens }
    const about = { runId: run.runId, step, hop, model: model.model }
    const { attempt } = activityInfo()
    const signs = createLifeSigns({ run, step, hop, attempt }, deps)
    try {
      const answer = await adapterFor(model).generate(
        {
          model,
          system: frame.system,
          messages: introduced(begun.transcript),
          tools: frame.tools,
          cacheKey: `${input.agent}@${input.prompt.version}`,
        },
        { signal: cancellationSignal(), onProgress: signs.progress },
      )
      const { outputTokens } = answer.usage
      if (outputTokens > model.maxOutputTokens) {
        const cap = { outputTokens, maxOutputTokens: model.maxOutputTokens }
        logger.warn({ ...about, attempt, ...cap }, 'the provider has not kept to the output cap')
      }
      return { answer, ...readCalls(input, frame, begun, answer) }
    } catch (error) {
      if (!(error instanceof ModelFailure)) throw error
      logger.warn({ err: error, ...about, attempt }, 'model call failed')
      // Where the store does not take it, the attempt stays open, and counts as unknown once the run goes on or ends.
      await settleFailure(input, begun.attempt, error).catch((err: unknown) =>
        logger.error({ err, ...about, attempt }, 'attempt not settled'),
      )
      throw toActivityFailure(error, await isLastOfHop(input, error))
    } finally {
      await signs.stop()
    }
  }

  /** Throws a `ModelFailure` for calls that are wrong once more, though the model has been told what is wrong often enough. */
  function readCalls(
    input: CallModelInput,
    frame: RequestFrame,
    { neverUsed, transcript }: BegunModelCall,
    { message, usage, requestId }: ModelAnswer,
  ): ReadToolCalls {
    const { seq, firstTimeOf = [], wrapUp = false } = input
    const allowed = frame.tools.map(({ name }) => name)
    const read = readToolCalls(message.toolCalls, { allowed, firstTimeOf, neverUsed, seq, findTool })
    // What is called in the last turn is left out anyway; its words count.
    const isTold = !wrapUp && wrongCallsInARow(transcript) >= USELESS_ANSWERS.wrongCallsInARow
    if (isTold && read.calls.length > 0 && read.calls.every(({ problem }) => problem !== undefined)) {
      const cause = new Error('no call in it can be made, as in the answers before')
      const id = requestId === null ? {} : { requestId }
      throw new ModelFailure('model_answer_malformed', { usage, cause, ...id })
    }
    return read
  }

  /** Each answer that can't be understood is paid for. */
  async function isLastOfHop({ run, step, hop }: CallModelInput, { code }: ModelFailure): Promise<boolean> {
    if (code !== 'model_answer_malformed') return false
    const which = { runId: run.runId, step, hop }
    const malformed = await countMalformedAnswers(database, which).catch((err: unknown) => {
      logger.error({ err, ...which }, 'malformed answers not counted')
      return 0
    })
    return malformed >= USELESS_ANSWERS.malformedOfHop
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
function toActivityFailure({ code, retryAfterMs }: ModelFailure, isLast: boolean): ApplicationFailure {
  if (retryAfterMs === undefined) return failure('callModel', code, { final: isLast })
  const final = isLast || retryAfterMs > MODEL_CLOCKS.longestRetryAfterMs
  return failure('callModel', code, { retryAfterMs, final })
}
