import { activityInfo, cancellationSignal } from '@temporalio/activity'
import type { RunPlan } from '../../contracts/runs/plan.ts'
import { SHARED_ONLY } from '../../policies/budgets.ts'
import { acceptedFiles, fileTokenFactor } from '../../policies/models/files.ts'
import { MODEL_CLOCKS } from '../../policies/models/models.ts'
import { type BeginModelCall, beginModelCall } from '../../store/models/begin-model-call.ts'
import { activityKey } from '../activity-key.ts'
import type { Dependencies } from '../dependencies.ts'
import { failure } from '../failure.ts'
import { heldBackFact } from '../traffic/held-back-fact.ts'
import { CallRefused, FREE_PASS, type TrafficCall, type TrafficPass } from '../traffic/traffic.ts'
import { type CountedBegin, createBeginWithinLimit } from './context/begin-within-limit.ts'
import { contextKey } from './context/context-key.ts'
import { type KnownModelCall, lastHopOf } from './find-planned-call.ts'
import type { RequestPreamble } from './request-preamble.ts'

/** The way of a call up to its request: through the traffic's gates, and onto the books. */
export function createBeginCall(
  deps: Pick<Dependencies, 'database' | 'traffic' | 'prices' | 'adapterFor' | 'logger' | 'telemetry'>,
) {
  const { database, traffic, prices, telemetry } = deps
  const beginWithinLimit = createBeginWithinLimit(deps)
  return { enterTraffic, begin }

  /** @throws ApplicationFailure where the call must not be made now */
  async function enterTraffic(
    input: KnownModelCall,
    preamble: RequestPreamble,
    plan: RunPlan | null,
  ): Promise<TrafficPass> {
    const { scheduledTimestampMs, currentAttemptScheduledTimestampMs } = activityInfo()
    const waitedMs = currentAttemptScheduledTimestampMs - scheduledTimestampMs
    const signal = cancellationSignal()
    try {
      return await traffic.enter({ ...trafficCall(input, preamble), waitedMs, signal })
    } catch (error) {
      if (!(error instanceof CallRefused)) throw error
      const { code } = error
      // A workflow of an earlier release does not know the codes: on one of its workers, the run would end for good.
      const isOlder = plan === null || plan.format < 4
      if (code === 'model_circuit_open' && isOlder) return FREE_PASS
      const retryAfterMs = error.retryAfterMs ?? (isOlder ? MODEL_CLOCKS.longestRetryAfterMs : null)
      telemetry.record(heldBackFact(trafficCall(input, preamble), { code, retryAfterMs }))
      throw failure('callModel', code, retryAfterMs === null ? { final: true } : { retryAfterMs })
    }
  }

  /** Books an attempt. Where nothing is booked, the call leaves the traffic. */
  async function begin(
    input: KnownModelCall,
    preamble: RequestPreamble,
    pass: TrafficPass,
    plan: RunPlan | null,
    beside?: number,
  ): Promise<CountedBegin> {
    const leave = () => pass.leave({ kind: 'unused' })
    try {
      const call = bookingOf(input, preamble, beside)
      const begun = await beginWithinLimit({ input, preamble, plan }, (mostInputTokens) =>
        beginModelCall(database, { ...call, ...(mostInputTokens !== undefined && { mostInputTokens }) }),
      )
      if (!('transcript' in begun)) await leave()
      return begun
    } catch (error) {
      await leave()
      throw error
    }
  }

  function bookingOf(input: KnownModelCall, preamble: RequestPreamble, beside?: number): BeginModelCall {
    const { run, step, hop, seq, agent, model, budget, window, inbox = [], firstTimeOf = [] } = input
    return {
      run,
      step,
      hop,
      lastHop: lastHopOf(input),
      ...(beside !== undefined && { beside }),
      seq,
      inbox,
      firstTimeOf,
      provider: model.provider,
      model: model.model,
      agent,
      maxOutputTokens: model.maxOutputTokens,
      files: { accepts: acceptedFiles(model), factor: fileTokenFactor(model) },
      fixedTokens: preamble.tokens,
      contextKey: contextKey(preamble, window),
      rates: prices.worstRates(model.provider, model.model),
      priceBook: prices.version,
      budget: budget ?? SHARED_ONLY,
      activity: activityKey(),
      ...(window !== undefined && { window }),
    }
  }
}

/** A call as the traffic's gates see it. */
export function trafficCall(
  { run, step, hop, agent, model: { provider, model, maxOutputTokens } }: KnownModelCall,
  { tokens: fixedTokens }: RequestPreamble,
): TrafficCall {
  return { run, agent, step, hop, provider, model, maxOutputTokens, fixedTokens }
}
