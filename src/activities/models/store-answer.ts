import type { RunPlan } from '../../contracts/runs/plan.ts'
import { plannedAgent } from '../../contracts/runs/read-plan.ts'
import { isOutage } from '../../store/database/outage.ts'
import type { BegunModelCall } from '../../store/models/begin-model-call.ts'
import { type StoredModelCall, storeModelCall } from '../../store/models/store-model-call.ts'
import { runFields } from '../../telemetry/fact-run.ts'
import type { Dependencies } from '../dependencies.ts'
import { answerPreview } from '../preview.ts'
import { untilStored } from '../until-stored.ts'
import { cutOffPart } from './answers/cut-off-part.ts'
import { attemptOf, type ReadyAnswer } from './ask-model.ts'
import { createAttemptFacts } from './attempt-facts.ts'
import { contextKey } from './context/context-key.ts'
import { ModelFailure } from './failures/model-failure.ts'
import { type KnownModelCall, lastHopOf } from './find-planned-call.ts'
import type { ServedCall } from './hedge/ask-hedged.ts'
import type { CountedTries } from './model-tries.ts'
import { promptCacheSaved } from './prices/prompt-cache-saved.ts'
import { routingSaved } from './prices/routing-saved.ts'
import type { RequestPreamble } from './request-preamble.ts'
import { verdictsOfPlan } from './verdicts-of-plan.ts'

export function createStoreAnswer(
  deps: Pick<Dependencies, 'database' | 'prices' | 'logger' | 'telemetry'>,
  tries: Pick<CountedTries, 'settleFailed'>,
) {
  const { database, prices, logger } = deps
  const facts = createAttemptFacts(deps)
  return storeAnswer

  /** Stores the answer. Where the store is there but refuses the answer, no other attempt follows: it would fail as well. */
  async function storeAnswer(
    asked: KnownModelCall,
    plan: RunPlan | null,
    { by, ready, failedFirst, hedge }: ServedCall<ReadyAnswer>,
  ): Promise<StoredModelCall> {
    const { input, preamble, begun } = by
    const { answer, timing, calls, transcriptCalls, notes, result, fault, note, misfits } = ready
    const { run, step, hop, seq, model, inbox = [] } = input
    const { usage, servedBy } = answer
    const priced = { provider: model.provider, model: servedBy, asked: model.model, usage }
    const costMicroUsd = prices.price(priced)
    const planned = plan === null ? undefined : plannedAgent(plan, input.agent)
    if (fault !== undefined) {
      const about = { ...runFields(run), agent: input.agent, step, hop, model: model.model }
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
        failedHops: [...(input.failedHops ?? []), ...failedFirst],
        lastHop: lastHopOf(asked),
        ...(hedge && { hedge }),
        ...(begun.responseId !== undefined && { reattached: true as const }),
        provider: model.provider,
        model: model.model,
        contextKey: contextKeyOf(input, preamble, begun),
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
          costMicroUsd,
          ...(hop !== asked.hop && { hop }),
          servedBy,
          preview: answerPreview(answer.message),
          ...(fault && { fault }),
        },
        ...(plan !== null && { verdicts: verdictsOfPlan(plan, calls) }),
        latencyMs: timing.durationMs,
        promptCacheSavedMicroUsd: promptCacheSaved(prices, priced, costMicroUsd),
        ...(planned !== undefined && {
          routingSavedMicroUsd: routingSaved(prices, planned, usage, costMicroUsd),
        }),
      }
      const stored = await untilStored(() => storeModelCall(database, call))
      facts.answered(attemptOf(by), timing, answer, costMicroUsd)
      return stored
    } catch (error) {
      if (isOutage(error)) throw error
      const failed = new ModelFailure('model_answer_malformed', { cause: error })
      const failure = await tries.settleFailed(input, begun.attempt, failed, true)
      facts.failed(attemptOf(by), timing, failed)
      throw failure
    }
  }
}

/** A request that goes on with an answer leaves its schema out: what the provider counts for it says too little of the next request. */
function contextKeyOf(
  { window }: KnownModelCall,
  preamble: RequestPreamble,
  { transcript }: BegunModelCall,
): string {
  const key = contextKey(preamble, window)
  return preamble.output !== null && cutOffPart(transcript) !== '' ? `${key}…` : key
}
