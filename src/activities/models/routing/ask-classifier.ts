import { activityInfo, cancellationSignal } from '@temporalio/activity'
import { CancelledFailure } from '@temporalio/common'
import type { ChooseRouteInput, ClassifierCall, PlannedClassifier } from '../../../contracts/routing.ts'
import { SHARED_ONLY } from '../../../policies/budgets.ts'
import { CLASSIFIER } from '../../../policies/routing.ts'
import {
  type BegunModelCall,
  beginModelCall,
  type ModelCallBegin,
} from '../../../store/models/begin-model-call.ts'
import { findModelTries } from '../../../store/models/model-tries.ts'
import { settleLeftOpen } from '../../../store/models/settle-abandoned-attempts.ts'
import type { SettleAttempt } from '../../../store/models/settlement.ts'
import { activityKey } from '../../activity-key.ts'
import type { Dependencies } from '../../dependencies.ts'
import { CallRefused, type TrafficPass } from '../../traffic/traffic.ts'
import { failedAttempt } from '../failed-attempt.ts'
import { ModelFailure } from '../failures/model-failure.ts'
import type { ModelAnswer } from '../wires/model-adapter.ts'
import { type ClassifierRequest, classifierRequest, readLabel } from './classifier-request.ts'

export interface Classification {
  readonly call: ClassifierCall
  /** How its attempt is to be settled, in the transaction that stores the choice; null where none was booked. */
  readonly settle: SettleAttempt | null
}

interface Asked {
  readonly input: ChooseRouteInput
  /** The attempt's place among the run's hops, where no answer is ever stored. */
  readonly hop: number
  readonly classifier: PlannedClassifier
  /** What is to be sorted. */
  readonly text: string
}

/**
 * Asks a classifier, once: booked, within the run's budget and through the traffic's gates as any call. It waits for nothing. Whatever
 * keeps it from a label, the agent's own models are asked instead. Rejects only where the run stops it, or the store is away.
 */
export function createAskClassifier(deps: Dependencies): (asked: Asked) => Promise<Classification> {
  const { database, traffic, prices, adapterFor, logger } = deps

  return async (asked) => {
    const { input, hop, classifier, text } = asked
    const request = classifierRequest(classifier, text)
    const model = classifier.model.model
    if (await wasAskedBefore(asked)) return { call: { model, problem: 'asked_before' }, settle: null }
    const pass = await enter(asked, request)
    if (pass instanceof CallRefused) return { call: { model, problem: pass.code }, settle: null }
    const begun = await begin(asked, request).catch(async (error: unknown) => {
      await pass.leave({ kind: 'unused' })
      throw error
    })
    if (!('transcript' in begun)) {
      await pass.leave({ kind: 'unused' })
      return { call: { model, problem: notBooked(begun) }, settle: null }
    }
    const { run, step } = input
    const attempt = { run, step, hop, attempt: begun.attempt }
    try {
      const answer = await ask(asked, request, begun, pass)
      const { usage, servedBy, requestId } = answer
      const costMicroUsd = prices.price({
        provider: classifier.model.provider,
        model: servedBy,
        asked: model,
        usage,
      })
      const label = answer.stop === 'end' ? readLabel(classifier, answer.message.text) : null
      return {
        call: { model, ...(label === null ? { problem: 'no_label' } : { label }), usage, costMicroUsd },
        settle: { ...attempt, status: 'ok', servedBy, requestId, costMicroUsd, usage },
      }
    } catch (error) {
      if (error instanceof CancelledFailure) throw error
      // An error that nobody foresees may have come after an answer that is billed.
      const failed =
        error instanceof ModelFailure ? error : new ModelFailure('model_answer_malformed', { cause: error })
      logger.warn({ err: failed, runId: run.runId, step, model }, 'classifier failed')
      return {
        call: { model, problem: failed.code },
        settle: { ...attempt, ...failedAttempt(failed, classifier.model, prices) },
      }
    }
  }

  /** Whether an earlier attempt of this activity has asked. What it has left open counts with its worst case from now on. */
  async function wasAskedBefore({ input: { run, step }, hop }: Asked): Promise<boolean> {
    if (activityInfo().attempt === 1) return false
    const { failed, lost } = await findModelTries(database, {
      run,
      step,
      hop,
      lastHop: hop,
      activity: activityKey(),
    })
    if (lost > 0) await settleLeftOpen(database, run)
    return failed + lost > 0
  }

  async function enter(
    { input: { run, agent, step }, hop, classifier: { model } }: Asked,
    { tokens }: ClassifierRequest,
  ): Promise<TrafficPass | CallRefused> {
    const { provider, maxOutputTokens } = model
    const call = { run, agent, step, hop, provider, model: model.model, maxOutputTokens, fixedTokens: tokens }
    return traffic.enter(call).catch((error: unknown) => {
      if (error instanceof CallRefused) return error
      throw error
    })
  }

  /** Books the attempt. No message of the transcript is loaded: the request has what it sorts. */
  function begin(
    { input: { run, agent, step, budget }, hop, classifier: { model } }: Asked,
    { tokens }: ClassifierRequest,
  ): Promise<ModelCallBegin> {
    return beginModelCall(database, {
      run,
      step,
      hop,
      seq: 0,
      inbox: [],
      firstTimeOf: [],
      provider: model.provider,
      model: model.model,
      agent,
      maxOutputTokens: model.maxOutputTokens,
      fixedTokens: tokens,
      contextKey: 'classifier',
      rates: prices.worstRates(model.provider, model.model),
      priceBook: prices.version,
      budget: budget ?? SHARED_ONLY,
      activity: activityKey(),
    })
  }

  async function ask(
    { input: { agent }, classifier }: Asked,
    { system, input }: ClassifierRequest,
    { maxOutputTokens }: BegunModelCall,
    pass: TrafficPass,
  ): Promise<ModelAnswer> {
    const timeout = AbortSignal.timeout(CLASSIFIER.answerMs)
    const startedAt = performance.now()
    const model = { ...classifier.model, maxOutputTokens }
    try {
      const answer = await adapterFor(model).generate(
        {
          model,
          system,
          messages: [{ role: 'user', text: input }],
          tools: [],
          cacheKey: `classifier of ${agent}`,
        },
        { signal: AbortSignal.any([cancellationSignal(), timeout]), onProgress: () => undefined },
      )
      const latencyMs = Math.round(performance.now() - startedAt)
      await pass.leave({ kind: 'answered', usage: answer.usage, latencyMs })
      return answer
    } catch (error) {
      if (error instanceof CancelledFailure) {
        await pass.leave({ kind: 'stopped' })
        throw error
      }
      const isLate = timeout.aborted && !(error instanceof ModelFailure)
      const failed = isLate ? new ModelFailure('model_timed_out', { cause: error }) : error
      const code = failed instanceof ModelFailure ? failed.code : 'model_answer_malformed'
      await pass.leave({ kind: 'failed', code })
      throw failed
    }
  }
}

/** Why no provider was asked. The answer of another attempt is never stored at the classifier's hop. */
function notBooked(begun: Exclude<ModelCallBegin, BegunModelCall>): NonNullable<ClassifierCall['problem']> {
  if ('withheld' in begun) return begun.withheld.limit
  return 'priceUnknown' in begun ? 'model_price_unknown' : 'run_ended'
}
