import { activityInfo } from '@temporalio/activity'
import type {
  ChooseRouteInput,
  ClassifierCall,
  PlannedClassifier,
} from '../../../contracts/models/routing.ts'
import { CLASSIFIER } from '../../../policies/models/routing.ts'
import { findModelTries } from '../../../store/models/model-tries.ts'
import { settleLeftOpen } from '../../../store/models/settle-abandoned-attempts.ts'
import type { SettleAttempt } from '../../../store/models/settlement.ts'
import { activityKey } from '../../activity-key.ts'
import type { Dependencies } from '../../dependencies.ts'
import { failedAttempt } from '../failed-attempt.ts'
import { createAskSideModel } from '../side-calls/ask-side-model.ts'
import { classifierRequest, readLabel } from './classifier-request.ts'

export interface Classification {
  readonly call: ClassifierCall
  /** How its attempt is to be settled, in the transaction that stores the choice; null where none was booked. */
  readonly settle: SettleAttempt | null
  /** To be called once that is stored; null where there is nothing to settle. */
  readonly tell: (() => void) | null
}

const NOT_BOOKED = { settle: null, tell: null } as const

interface Asked {
  readonly input: ChooseRouteInput
  /** The attempt's place among the run's hops, where no answer is ever stored. */
  readonly hop: number
  readonly classifier: PlannedClassifier
  /** What is to be sorted. */
  readonly text: string
}

/**
 * Asks a classifier, once. Whatever keeps it from a label, the agent's own models are asked instead. Rejects only where the run stops it,
 * or the store is away.
 */
export function createAskClassifier(deps: Dependencies): (asked: Asked) => Promise<Classification> {
  const { database, prices } = deps
  const askSideModel = createAskSideModel(deps)

  return async (asked) => {
    const { input, hop, classifier, text } = asked
    const { run, step, agent, budget } = input
    const { provider, model } = classifier.model
    if (await wasAskedBefore(asked)) return { call: { model, problem: 'asked_before' }, ...NOT_BOOKED }
    const request = classifierRequest(classifier, text)
    const asking = await askSideModel({
      kind: 'classifier',
      run,
      agent,
      step,
      hop,
      model: classifier.model,
      system: request.system,
      text: request.input,
      inputTokens: request.tokens,
      cacheKey: `classifier of ${agent}`,
      answerMs: CLASSIFIER.answerMs,
      budget,
    })
    if ('code' in asking) return { call: { model, problem: asking.code }, ...NOT_BOOKED }
    if ('withheld' in asking) return { call: { model, problem: asking.withheld.limit }, ...NOT_BOOKED }
    const { attempt, tell } = asking
    if ('failed' in asking) {
      const { failed } = asking
      return {
        call: { model, problem: failed.code },
        settle: { ...attempt, ...failedAttempt(failed, classifier.model, prices) },
        tell,
      }
    }
    const { usage, servedBy, requestId, stop, message } = asking.answer
    const costMicroUsd = prices.price({ provider, model: servedBy, asked: model, usage })
    const label = stop === 'end' ? readLabel(classifier, message.text) : null
    return {
      call: { model, ...(label === null ? { problem: 'no_label' } : { label }), usage, costMicroUsd },
      settle: { ...attempt, status: 'ok', servedBy, requestId, costMicroUsd, usage },
      tell,
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
}
