import type { CallModelInput, HopWithheld, ModelDecision } from '../../contracts/model-call.ts'
import type { RunPlan } from '../../contracts/plan.ts'
import { SHARED_ONLY } from '../../policies/budgets.ts'
import { USELESS_ANSWERS } from '../../policies/models.ts'
import { isOutage } from '../../store/database/outage.ts'
import { storableText } from '../../store/database/postgres-text.ts'
import {
  type BegunModelCall,
  beginModelCall,
  type ModelCallBegin,
} from '../../store/models/begin-model-call.ts'
import { countMalformedAnswers } from '../../store/models/count-malformed-answers.ts'
import type { ModelTries } from '../../store/models/model-tries.ts'
import { noteResponse } from '../../store/models/response-of-attempt.ts'
import { type StoredModelCall, storeModelCall } from '../../store/models/store-model-call.ts'
import { takeUpAnswer } from '../../store/models/take-up-answer.ts'
import { activityKey } from '../activity-key.ts'
import type { Dependencies } from '../dependencies.ts'
import { failure } from '../failure.ts'
import { answerPreview } from '../preview.ts'
import type { AcceptedRun } from '../runs/accepted-runs.ts'
import { CallRefused, FREE_PASS, type TrafficPass } from '../traffic/traffic.ts'
import { untilStored } from '../until-stored.ts'
import { withHeartbeat } from '../with-heartbeat.ts'
import {
  AnswerGone,
  type BookedCall,
  CallStopped,
  createAskProvider,
  type TimedAnswer,
} from './ask-provider.ts'
import { type CheckedToolCalls, checkToolCalls, wrongCallsInARow } from './check-tool-calls.ts'
import { ModelFailure } from './failures/model-failure.ts'
import { findPlannedCall, type KnownModelCall } from './find-planned-call.ts'
import { createModelTries } from './model-tries.ts'
import { promptCacheSaved } from './prices/prompt-cache-saved.ts'
import { createRequestPreambles, type RequestPreamble } from './request-preamble.ts'
import { verdictsOfPlan } from './verdicts-of-plan.ts'
import type { ModelAnswer } from './wires/model-adapter.ts'

/** A model's answer with its checked calls. */
type CheckedAnswer = CheckedToolCalls & TimedAnswer

/**
 * One hop: books an attempt, shows the transcript to a model and stores the answer before returning, so that no answer is paid for
 * twice. An attempt that finds the call's answer in the store returns it, and one that the budgets do not cover asks no provider. The
 * cost of an attempt is settled whether it came to an answer or not. Tries are counted by the attempts that the store has booked, so
 * that only tries which have reached the provider use up the hop.
 */
export function createCallModel(deps: Dependencies) {
  const { database, app, prices, traffic, logger } = deps
  const preambleOf = createRequestPreambles(deps)
  const tries = createModelTries(deps)
  const askProvider = createAskProvider(deps)

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
    const { budget } = input
    const preamble = await preambleOf(input)
    if (preamble === null) throw failure('callModel', 'agent_unknown')
    const { answered, inBackground } = await tries.checkLeft(input)
    const readOn = inBackground === null ? null : await readOnFrom(input, preamble, plan, inBackground)
    if (readOn !== null) return readOn
    // An answer that is there already is returned, whatever the provider's state is now.
    const pass = answered ? FREE_PASS : await enterTraffic(input, preamble)
    const begun = await begin(input, preamble).catch(async (error: unknown) => {
      await pass.leave({ kind: 'unused' })
      throw error
    })
    if (!('transcript' in begun)) {
      await pass.leave({ kind: 'unused' })
      return withoutProvider(begun, budget !== undefined)
    }
    return answerOf(input, preamble, begun, pass, plan)
  }

  async function answerOf(
    input: KnownModelCall,
    preamble: RequestPreamble,
    begun: BookedCall,
    pass: TrafficPass,
    plan: RunPlan | null,
  ): Promise<ModelDecision> {
    const answer = await askModel(input, preamble, begun, pass)
    const { decision, spent } = await storeAnswer(input, preamble, begun, plan, answer)
    return input.budget ? { ...decision, spent } : decision
  }

  /**
   * Reads the answer that the provider goes on with although the worker that asked for it has died. It is the same call to the provider:
   * nothing is booked, and no traffic is entered. null where there is no such answer any more, so that the model has to be asked.
   */
  async function readOnFrom(
    input: KnownModelCall,
    preamble: RequestPreamble,
    plan: RunPlan | null,
    { attempt, responseId }: NonNullable<ModelTries['inBackground']>,
  ): Promise<ModelDecision | null> {
    const { run, step, hop, seq, inbox = [], firstTimeOf = [] } = input
    const { model } = input.model
    const call = { run, step, hop, seq, inbox, firstTimeOf, model, attempt, responseId }
    const taken = await takeUpAnswer(database, call)
    if (taken === null) return null
    logger.info({ runId: run.runId, step, hop, model, responseId }, 'reads the answer of an earlier attempt')
    try {
      return await answerOf(input, preamble, { ...taken, responseId }, FREE_PASS, plan)
    } catch (error) {
      if (!(error instanceof AnswerGone)) throw error
      logger.warn({ runId: run.runId, step, hop, model, responseId }, 'the answer is gone: asks again')
      await noteResponse(database, { run, step, hop, attempt, responseId: null })
      return null
    }
  }

  /** @throws ApplicationFailure where the call must not be made now */
  async function enterTraffic(input: KnownModelCall, preamble: RequestPreamble): Promise<TrafficPass> {
    const { run, step, hop, agent, model } = input
    const { provider, maxOutputTokens } = model
    const call = { run, agent, step, hop, provider, model: model.model, maxOutputTokens }
    try {
      return await traffic.enter({ ...call, fixedTokens: preamble.tokens })
    } catch (error) {
      if (!(error instanceof CallRefused)) throw error
      const { code, retryAfterMs } = error
      throw failure('callModel', code, retryAfterMs === null ? { final: true } : { retryAfterMs })
    }
  }

  function begin(input: KnownModelCall, preamble: RequestPreamble): Promise<ModelCallBegin> {
    const { run, step, hop, seq, agent, model, budget, inbox = [], firstTimeOf = [] } = input
    return beginModelCall(database, {
      run,
      step,
      hop,
      seq,
      inbox,
      firstTimeOf,
      provider: model.provider,
      model: model.model,
      agent,
      maxOutputTokens: model.maxOutputTokens,
      fixedTokens: preamble.tokens,
      contextKey: preamble.key,
      rates: prices.worstRates(model.provider, model.model),
      priceBook: prices.version,
      budget: budget ?? SHARED_ONLY,
      activity: activityKey(),
    })
  }

  /** @throws ApplicationFailure with the failure's code; the attempt is settled with its cost as far as that is known */
  async function askModel(
    input: KnownModelCall,
    preamble: RequestPreamble,
    begun: BookedCall,
    pass: TrafficPass,
  ): Promise<CheckedAnswer> {
    try {
      const timed = await askProvider(input, preamble, begun, pass)
      return { ...timed, ...checkCalls(input, preamble, begun, timed.answer) }
    } catch (error) {
      if (error instanceof CallStopped) {
        const { hasBegun, usage } = error
        if (!hasBegun || usage !== null) await tries.settleStopped(input, begun.attempt, usage)
        throw error.cause
      }
      if (error instanceof AnswerGone) throw error
      // An error that nobody foresees may have come after an answer that is billed.
      const [failed, isFinal] =
        error instanceof ModelFailure
          ? ([error, await isLastOfHop(input, error)] as const)
          : ([new ModelFailure('model_answer_malformed', { cause: error }), true] as const)
      throw await tries.settleFailed(input, begun.attempt, failed, isFinal)
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
    const priced = { provider: model.provider, model: servedBy, asked: model.model, usage }
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
          costMicroUsd: prices.price(priced),
          servedBy,
          preview: answerPreview(answer.message),
        },
        ...(plan !== null && { verdicts: verdictsOfPlan(plan, calls) }),
        latencyMs,
        promptCacheSavedMicroUsd: promptCacheSaved(prices, priced),
      }
      return await untilStored(() => storeModelCall(database, call))
    } catch (error) {
      if (isOutage(error)) throw error
      const failed = new ModelFailure('model_answer_malformed', { cause: error })
      throw await tries.settleFailed(input, begun.attempt, failed, true)
    }
  }
}

/** What comes of a call that no provider is asked for. */
function withoutProvider(begun: ModelCallBegin, isLimited: boolean): ModelDecision | HopWithheld {
  if ('stored' in begun) return isLimited ? { ...begun.stored, spent: begun.spent } : begun.stored
  if ('withheld' in begun) return begun
  if ('priceUnknown' in begun) throw failure('callModel', 'model_price_unknown', { final: true })
  throw failure('callModel', 'run_ended', { final: true })
}
