import { activityInfo, cancellationSignal } from '@temporalio/activity'
import { CancelledFailure } from '@temporalio/common'
import type { CallModelInput, HopWithheld, ModelDecision } from '../../contracts/model-call.ts'
import type { RunPlan } from '../../contracts/plan.ts'
import { SHARED_ONLY } from '../../policies/budgets.ts'
import { MODEL_CLOCKS, USELESS_ANSWERS } from '../../policies/models.ts'
import { isOutage } from '../../store/database/outage.ts'
import { storableText } from '../../store/database/postgres-text.ts'
import { type BegunModelCall, beginModelCall } from '../../store/models/begin-model-call.ts'
import { countMalformedAnswers } from '../../store/models/count-malformed-answers.ts'
import { type StoredModelCall, storeModelCall } from '../../store/models/store-model-call.ts'
import { attemptsName } from '../attempts-name.ts'
import type { Dependencies } from '../dependencies.ts'
import { failure } from '../failure.ts'
import { answerPreview } from '../preview.ts'
import type { AcceptedRun } from '../runs/accepted-runs.ts'
import { introduced } from '../runs/introduced.ts'
import { untilStored } from '../until-stored.ts'
import { withHeartbeat } from '../with-heartbeat.ts'
import { type CheckToolCalls, checkToolCalls } from './check-tool-calls.ts'
import { createDeltaPublisher } from './delta-publisher.ts'
import { ModelFailure } from './failures/model-failure.ts'
import { findPlannedCall, type KnownModelCall } from './find-planned-call.ts'
import { judgeCalls } from './judge-calls.ts'
import { createModelTries } from './model-tries.ts'
import { createRequestPreambles, type RequestPreamble } from './request-preamble.ts'
import type { ModelAnswer } from './wires/model-adapter.ts'
import { wrongCallsInARow } from './wrong-calls.ts'

/** A model's answer, with what it wants called as far as that can be. */
type ReadAnswer = CheckToolCalls & { readonly answer: ModelAnswer; readonly latencyMs: number }

/**
 * One hop: books an attempt, shows the transcript to a model and stores what it answers before returning, so that an answer is
 * never paid for twice. An attempt that finds its key stored returns what is there; one that the budgets do not cover asks
 * nobody. What an attempt has cost is settled whether it came to an answer or not. How often the provider is asked is counted by
 * what the store has booked, so that only tries which have reached it use up the hop.
 */
export function createCallModel(deps: Dependencies) {
  const { database, adapterFor, app, prices, logger } = deps
  const frameOf = createRequestPreambles(deps)
  const tries = createModelTries(deps)

  return function callModel(
    input: CallModelInput,
    accepted: AcceptedRun,
  ): Promise<ModelDecision | HopWithheld> {
    // A signal may name a message by what no store can look up: unknown, it is passed over, where it would fail every attempt.
    const inbox = input.inbox?.map(storableText)
    return withHeartbeat(() => call({ ...input, ...(inbox && { inbox }) }, accepted))
  }

  async function call(given: CallModelInput, { plan }: AcceptedRun): Promise<ModelDecision | HopWithheld> {
    const input = findPlannedCall(plan, given)
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
      activity: attemptsName(),
    })
    if ('stored' in begun) return budget ? { ...begun.stored, spent: begun.spent } : begun.stored
    if ('withheld' in begun) return begun
    if ('runEnded' in begun) throw failure('callModel', 'run_ended', { final: true })
    if ('priceUnknown' in begun) throw failure('callModel', 'model_price_unknown', { final: true })

    const { decision, spent } = await keep(input, frame, begun, plan, await ask(input, frame, begun))
    return budget ? { ...decision, spent } : decision
  }

  /** @throws ApplicationFailure with the failure's code; the attempt is settled as far as anybody knows what it has cost. */
  async function ask(
    input: KnownModelCall,
    frame: RequestPreamble,
    begun: BegunModelCall,
  ): Promise<ReadAnswer> {
    const { run, step, hop } = input
    const model = { ...input.model, maxOutputTokens: begun.maxOutputTokens }
    const { attempt } = activityInfo()
    const signs = createDeltaPublisher({ run, step, hop, attempt }, deps)
    const late = AbortSignal.timeout(MODEL_CLOCKS.answerMs)
    const startedAt = performance.now()
    let isHeard = false
    const onProgress = (delta: string) => {
      isHeard = true
      signs.progress(delta)
    }
    try {
      const answer = await adapterFor(model).generate(
        {
          model,
          system: frame.system,
          messages: introduced(begun.transcript),
          tools: frame.tools,
          cacheKey: `${input.agent}@${input.prompt.version}`,
        },
        { signal: AbortSignal.any([cancellationSignal(), late]), onProgress },
      )
      const latencyMs = Math.round(performance.now() - startedAt)
      const { outputTokens } = answer.usage
      if (outputTokens > model.maxOutputTokens) {
        const about = { runId: run.runId, step, hop, attempt, model: model.model }
        const tokens = { outputTokens, maxOutputTokens: model.maxOutputTokens }
        logger.warn({ ...about, ...tokens }, 'the provider has not kept to the output cap')
      }
      return { answer, latencyMs, ...readCalls(input, frame, begun, answer) }
    } catch (error) {
      if (error instanceof CancelledFailure) {
        if (!isHeard) await tries.stopped(input, begun.attempt)
        throw error
      }
      if (error instanceof ModelFailure) {
        throw await tries.fail(input, begun.attempt, error, await isLastOfHop(input, error))
      }
      // What no adapter foresees may have come after a paid answer.
      const code = late.aborted ? 'model_timed_out' : 'model_answer_malformed'
      throw await tries.fail(input, begun.attempt, new ModelFailure(code, { cause: error }), !late.aborted)
    } finally {
      await signs.stop()
    }
  }

  /** Throws a `ModelFailure` for calls that are wrong once more, though the model has been told what is wrong often enough. */
  function readCalls(
    input: KnownModelCall,
    frame: RequestPreamble,
    { neverUsed, transcript }: BegunModelCall,
    { message, usage, requestId }: ModelAnswer,
  ): CheckToolCalls {
    const { seq, firstTimeOf = [], wrapUp = false } = input
    const allowed = frame.tools.map(({ name }) => name)
    const read = checkToolCalls(message.toolCalls, { allowed, firstTimeOf, neverUsed, seq, app })
    // What is called in the last turn is left out anyway; its words count.
    const isTold = !wrapUp && wrongCallsInARow(transcript) >= USELESS_ANSWERS.wrongCallsInARow
    if (isTold && read.calls.length > 0 && read.calls.every(({ problem }) => problem !== undefined)) {
      const cause = new Error('no call in it can be made, as in the answers before')
      const id = requestId === null ? {} : { requestId }
      throw new ModelFailure('model_answer_malformed', { usage, cause, ...id })
    }
    return read
  }

  /** Each answer that can't be understood is paid for; this one is not in the books yet. */
  async function isLastOfHop({ run, step, hop }: KnownModelCall, { code }: ModelFailure): Promise<boolean> {
    if (code !== 'model_answer_malformed') return false
    const before = await untilStored(() => countMalformedAnswers(database, { runId: run.runId, step, hop }))
    return before + 1 >= USELESS_ANSWERS.malformedOfHop
  }

  /** Keeps the answer. One that can't be kept, though the store is there, is not asked for again: it would fare no better. */
  async function keep(
    input: KnownModelCall,
    frame: RequestPreamble,
    begun: BegunModelCall,
    plan: RunPlan | null,
    { answer, latencyMs, calls, asked, notes }: ReadAnswer,
  ): Promise<StoredModelCall> {
    const { run, step, hop, seq, model, inbox = [] } = input
    const { usage, servedBy } = answer
    try {
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
          costMicroUsd: prices.price({
            provider: model.provider,
            model: servedBy,
            asked: model.model,
            usage,
          }),
          servedBy,
          preview: answerPreview(answer.message),
        },
        ...(plan !== null && { verdicts: judgeCalls(plan, calls) }),
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
