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
import { activityKey } from '../activity-key.ts'
import type { Dependencies } from '../dependencies.ts'
import { failure } from '../failure.ts'
import { answerPreview } from '../preview.ts'
import type { AcceptedRun } from '../runs/accepted-runs.ts'
import { introduced } from '../runs/introduced.ts'
import { untilStored } from '../until-stored.ts'
import { withHeartbeat } from '../with-heartbeat.ts'
import { type CheckedToolCalls, checkToolCalls, wrongCallsInARow } from './check-tool-calls.ts'
import { createDeltaPublisher } from './delta-publisher.ts'
import { ModelFailure } from './failures/model-failure.ts'
import { findPlannedCall, type KnownModelCall } from './find-planned-call.ts'
import { createModelTries } from './model-tries.ts'
import { createRequestPreambles, type RequestPreamble } from './request-preamble.ts'
import { verdictsOfPlan } from './verdicts-of-plan.ts'
import type { ModelAnswer } from './wires/model-adapter.ts'

/** A model's answer with its checked calls. */
type CheckedAnswer = CheckedToolCalls & { readonly answer: ModelAnswer; readonly latencyMs: number }

/**
 * One hop: books an attempt, shows the transcript to a model and stores the answer before returning, so that no answer is paid for
 * twice. An attempt that finds the call's answer in the store returns it, and one that the budgets do not cover asks no provider. The
 * cost of an attempt is settled whether it came to an answer or not. Tries are counted by the attempts that the store has booked, so
 * that only tries which have reached the provider use up the hop.
 */
export function createCallModel(deps: Dependencies) {
  const { database, adapterFor, app, prices, logger } = deps
  const preambleOf = createRequestPreambles(deps)
  const tries = createModelTries(deps)

  return function callModel(
    input: CallModelInput,
    accepted: AcceptedRun,
  ): Promise<ModelDecision | HopWithheld> {
    // A signal may name a message by text that Postgres does not accept, which would fail every attempt. Made storable, it names a
    // message that does not exist, and is passed over.
    const inbox = input.inbox?.map(storableText)
    return withHeartbeat(() => call({ ...input, ...(inbox && { inbox }) }, accepted))
  }

  async function call(given: CallModelInput, { plan }: AcceptedRun): Promise<ModelDecision | HopWithheld> {
    const input = findPlannedCall(plan, given)
    const { run, step, hop, seq, model, budget, inbox = [], firstTimeOf = [] } = input
    const preamble = await preambleOf(input)
    if (preamble === null) throw failure('callModel', 'agent_unknown')
    await tries.checkLeft(input)

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
      fixedTokens: preamble.tokens,
      contextKey: preamble.key,
      rates: prices.worstRates(model.provider, model.model),
      priceBook: prices.version,
      budget: budget ?? SHARED_ONLY,
      activity: activityKey(),
    })
    if ('stored' in begun) return budget ? { ...begun.stored, spent: begun.spent } : begun.stored
    if ('withheld' in begun) return begun
    if ('runEnded' in begun) throw failure('callModel', 'run_ended', { final: true })
    if ('priceUnknown' in begun) throw failure('callModel', 'model_price_unknown', { final: true })

    const { decision, spent } = await storeAnswer(
      input,
      preamble,
      begun,
      plan,
      await askModel(input, preamble, begun),
    )
    return budget ? { ...decision, spent } : decision
  }

  /** @throws ApplicationFailure with the failure's code; the attempt is settled with its cost as far as that is known */
  async function askModel(
    input: KnownModelCall,
    preamble: RequestPreamble,
    begun: BegunModelCall,
  ): Promise<CheckedAnswer> {
    const { run, step, hop } = input
    const model = { ...input.model, maxOutputTokens: begun.maxOutputTokens }
    const { attempt } = activityInfo()
    const publisher = createDeltaPublisher({ run, step, hop, attempt }, deps)
    const timeout = AbortSignal.timeout(MODEL_CLOCKS.answerMs)
    const startedAt = performance.now()
    let hasBegun = false
    const onProgress = (delta: string) => {
      hasBegun = true
      publisher.progress(delta)
    }
    try {
      const answer = await adapterFor(model).generate(
        {
          model,
          system: preamble.system,
          messages: introduced(begun.transcript),
          tools: preamble.tools,
          cacheKey: `${input.agent}@${input.prompt.version}`,
        },
        { signal: AbortSignal.any([cancellationSignal(), timeout]), onProgress },
      )
      const latencyMs = Math.round(performance.now() - startedAt)
      const { outputTokens } = answer.usage
      if (outputTokens > model.maxOutputTokens) {
        const about = { runId: run.runId, step, hop, attempt, model: model.model }
        const tokens = { outputTokens, maxOutputTokens: model.maxOutputTokens }
        logger.warn({ ...about, ...tokens }, 'the provider has not kept to the output cap')
      }
      return { answer, latencyMs, ...checkCalls(input, preamble, begun, answer) }
    } catch (error) {
      if (error instanceof CancelledFailure) {
        if (!hasBegun) await tries.settleStopped(input, begun.attempt)
        throw error
      }
      if (error instanceof ModelFailure) {
        throw await tries.settleFailed(input, begun.attempt, error, await isLastOfHop(input, error))
      }
      // An error that no adapter foresees may have come after an answer that is billed.
      const code = timeout.aborted ? 'model_timed_out' : 'model_answer_malformed'
      throw await tries.settleFailed(
        input,
        begun.attempt,
        new ModelFailure(code, { cause: error }),
        !timeout.aborted,
      )
    } finally {
      await publisher.stop()
    }
  }

  /** @throws ModelFailure where none of the calls can be made, as in too many answers before: the model does not correct them */
  function checkCalls(
    input: KnownModelCall,
    preamble: RequestPreamble,
    { neverUsed, transcript }: BegunModelCall,
    { message, usage, requestId }: ModelAnswer,
  ): CheckedToolCalls {
    const { seq, firstTimeOf = [], wrapUp = false } = input
    const allowed = preamble.tools.map(({ name }) => name)
    const checked = checkToolCalls(message.toolCalls, { allowed, firstTimeOf, neverUsed, seq, app })
    // The calls of the last turn are left out anyway; its text counts.
    const hasBeenTold = !wrapUp && wrongCallsInARow(transcript) >= USELESS_ANSWERS.wrongCallsInARow
    if (
      hasBeenTold &&
      checked.calls.length > 0 &&
      checked.calls.every(({ problem }) => problem !== undefined)
    ) {
      const cause = new Error('no call in it can be made, as in the answers before')
      const id = requestId === null ? {} : { requestId }
      throw new ModelFailure('model_answer_malformed', { usage, cause, ...id })
    }
    return checked
  }

  /** Whether the hop has no try left after this failure: each malformed answer is billed. The store does not count this one yet. */
  async function isLastOfHop({ run, step, hop }: KnownModelCall, { code }: ModelFailure): Promise<boolean> {
    if (code !== 'model_answer_malformed') return false
    const before = await untilStored(() => countMalformedAnswers(database, { runId: run.runId, step, hop }))
    return before + 1 >= USELESS_ANSWERS.malformedOfHop
  }

  /** Stores the answer. Where the store is there but refuses the answer, no other attempt follows: it would fail as well. */
  async function storeAnswer(
    input: KnownModelCall,
    preamble: RequestPreamble,
    begun: BegunModelCall,
    plan: RunPlan | null,
    { answer, latencyMs, calls, transcriptCalls, notes }: CheckedAnswer,
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
        contextKey: preamble.key,
        requestId: answer.requestId,
        message: {
          ...answer.message,
          toolCalls: transcriptCalls,
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
        ...(plan !== null && { verdicts: verdictsOfPlan(plan, calls) }),
        latencyMs,
      }
      return await untilStored(() => storeModelCall(database, call))
    } catch (error) {
      if (isOutage(error)) throw error
      const failed = new ModelFailure('model_answer_malformed', { cause: error })
      throw await tries.settleFailed(input, begun.attempt, failed, true)
    }
  }
}
