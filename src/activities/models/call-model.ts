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
import { type StoredModelCall, storeModelCall } from '../../store/models/store-model-call.ts'
import { activityKey } from '../activity-key.ts'
import type { Dependencies } from '../dependencies.ts'
import { failure } from '../failure.ts'
import { answerPreview } from '../preview.ts'
import type { AcceptedRun } from '../runs/accepted-runs.ts'
import { CallRefused, FREE_PASS, type TrafficPass } from '../traffic/traffic.ts'
import { untilStored } from '../until-stored.ts'
import { withHeartbeat } from '../with-heartbeat.ts'
import { type CheckedAnswer, checkAnswer } from './answers/check-answer.ts'
import { cutOffPart } from './answers/cut-off-part.ts'
import { CallStopped, createAskProvider, type TimedAnswer } from './ask-provider.ts'
import { type CheckedToolCalls, checkToolCalls, wrongCallsInARow } from './check-tool-calls.ts'
import { ModelFailure } from './failures/model-failure.ts'
import { findPlannedCall, type KnownModelCall } from './find-planned-call.ts'
import { createModelTries } from './model-tries.ts'
import { createRequestPreambles, type RequestPreamble } from './request-preamble.ts'
import { verdictsOfPlan } from './verdicts-of-plan.ts'
import type { ModelAnswer } from './wires/model-adapter.ts'

/** A model's answer, checked, with its checked calls. */
type ReadyAnswer = CheckedAnswer & CheckedToolCalls & TimedAnswer

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
    const { answered } = await tries.checkLeft(input)
    // An answer that is there already is returned, whatever the provider's state is now.
    const pass = answered ? FREE_PASS : await enterTraffic(input, preamble, plan)
    const begun = await begin(input, preamble).catch(async (error: unknown) => {
      await pass.leave({ kind: 'unused' })
      throw error
    })
    if (!('transcript' in begun)) {
      await pass.leave({ kind: 'unused' })
      return withoutProvider(begun, budget !== undefined)
    }
    const answer = await askModel(input, preamble, begun, pass)
    const { decision, spent } = await storeAnswer(input, preamble, begun, plan, answer)
    return budget ? { ...decision, spent } : decision
  }

  /** @throws ApplicationFailure where the call must not be made now */
  async function enterTraffic(
    input: KnownModelCall,
    preamble: RequestPreamble,
    plan: RunPlan | null,
  ): Promise<TrafficPass> {
    const { run, step, hop, agent, model } = input
    const { provider, maxOutputTokens } = model
    const call = { run, agent, step, hop, provider, model: model.model, maxOutputTokens }
    try {
      return await traffic.enter({ ...call, fixedTokens: preamble.tokens })
    } catch (error) {
      if (!(error instanceof CallRefused)) throw error
      const { code, retryAfterMs } = error
      // A workflow of an earlier release does not know the code: on one of its workers, the run would end for good.
      if (code === 'model_circuit_open' && (plan === null || plan.format < 4)) return FREE_PASS
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
    begun: BegunModelCall,
    pass: TrafficPass,
  ): Promise<ReadyAnswer> {
    try {
      const timed = await askProvider(input, preamble, begun, pass)
      const { output: schema } = preamble
      const rules = { transcript: begun.transcript, schema, continues: input.continues === true }
      return {
        ...timed,
        ...checkCalls(input, preamble, begun, timed.answer),
        ...checkAnswer(timed.answer, rules),
      }
    } catch (error) {
      if (error instanceof CallStopped) {
        if (!error.hasBegun) await tries.settleStopped(input, begun.attempt)
        throw error.cause
      }
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
    { answer, latencyMs, calls, transcriptCalls, notes, result, fault, note, misfits }: ReadyAnswer,
  ): Promise<StoredModelCall> {
    const { run, step, hop, seq, model, inbox = [] } = input
    const { usage, servedBy } = answer
    if (fault !== undefined) {
      const about = { runId: run.runId, step, hop, model: model.model }
      logger.info(
        { ...about, ...fault, ...(misfits && { at: misfits }) },
        'an answer cannot be used as it is',
      )
    }
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
        contextKey: contextKeyOf(preamble, begun),
        requestId: answer.requestId,
        message: {
          ...answer.message,
          ...result,
          toolCalls: transcriptCalls,
          madeBy: { provider: model.provider, model: model.model },
        },
        notes: note === undefined ? notes : [{ seq: seq + 1, message: note }],
        ...(misfits && { misfits }),
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
          ...(fault && { fault }),
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

/** A request that goes on with an answer leaves its schema out: what the provider counts for it says too little of the next request. */
function contextKeyOf({ key, output }: RequestPreamble, { transcript }: BegunModelCall): string {
  return output !== null && cutOffPart(transcript) !== '' ? `${key}…` : key
}

/** What comes of a call that no provider is asked for. */
function withoutProvider(begun: ModelCallBegin, isLimited: boolean): ModelDecision | HopWithheld {
  if ('stored' in begun) return isLimited ? { ...begun.stored, spent: begun.spent } : begun.stored
  if ('withheld' in begun) return begun
  if ('priceUnknown' in begun) throw failure('callModel', 'model_price_unknown', { final: true })
  throw failure('callModel', 'run_ended', { final: true })
}
