import { activityInfo } from '@temporalio/activity'
import type { ApplicationFailure } from '@temporalio/common'
import type { CallUsage } from '../../contracts/usage.ts'
import { TRIES, waitAfter } from '../../policies/activities.ts'
import { MODEL_CLOCKS } from '../../policies/models.ts'
import { isOutage } from '../../store/database/outage.ts'
import { findModelTries, type ModelTries } from '../../store/models/model-tries.ts'
import { settleAttempt } from '../../store/models/settle-attempt.ts'
import type { SettleAttempt } from '../../store/models/settlement.ts'
import { activityKey } from '../activity-key.ts'
import type { Dependencies } from '../dependencies.ts'
import { failure } from '../failure.ts'
import { untilStored } from '../until-stored.ts'
import type { ModelFailure } from './failures/model-failure.ts'
import type { KnownModelCall } from './find-planned-call.ts'
import { promptCacheSaved } from './prices/prompt-cache-saved.ts'

export interface CountedTries {
  /** @throws ApplicationFailure, final, where earlier attempts have used up the tries of the hop */
  checkLeft(input: KnownModelCall): Promise<Pick<ModelTries, 'answered' | 'inBackground'>>
  /** Settles an attempt that came to no answer. @returns the failure for Temporal */
  settleFailed(
    input: KnownModelCall,
    attempt: number,
    error: ModelFailure,
    isFinal?: boolean,
  ): Promise<ApplicationFailure>
  /**
   * Settles an attempt that was stopped: with what it has used, where that is known, and else as one that the provider has not sent a
   * byte for. Then its input may be billed, but no output.
   */
  settleStopped(input: KnownModelCall, attempt: number, usage: CallUsage | null): Promise<void>
}

/**
 * Counts and ends the tries of one hop. Temporal repeats the activity without end; tries are counted by the attempts that the store has
 * booked, so that an outage on our side uses up none of them.
 */
export function createModelTries({
  database,
  prices,
  logger,
}: Pick<Dependencies, 'database' | 'prices' | 'logger'>): CountedTries {
  return {
    async checkLeft(input) {
      const { attempt } = activityInfo()
      if (attempt === 1) return { answered: false, inBackground: null }
      const { run, step, hop } = input
      const tries = await find(input)
      logger.info({ runId: run.runId, step, hop, attempt, ...tries }, 'model call is tried again')
      const isUsedUp = tries.failed >= mostTries(input) || tries.lost >= TRIES.model.mostLost
      if (isUsedUp && !tries.answered) {
        throw failure('callModel', tries.code ?? 'model_timed_out', { final: true })
      }
      return tries
    },

    async settleFailed(input, attempt, error, isFinal = false) {
      const { run, step, hop, model } = input
      const about = { runId: run.runId, step, hop, attempt, model: model.model }
      logger.warn({ err: error, ...about }, 'model call failed')
      const isSettled = await untilStored(() => settle(input, attempt, error)).then(
        () => true,
        (err: unknown) => {
          if (isOutage(err)) throw err
          // The attempt counts with its worst case. No other attempt follows: the store would refuse to settle that one, too.
          logger.error({ err, ...about }, 'attempt not settled')
          return false
        },
      )
      const { failed } = await untilStored(() => find(input))
      // A provider that asks for a longer wait than ours counts as away: the next model is asked.
      const { retryAfterMs = waitAfter(failed, TRIES.model) } = error
      const isAway = retryAfterMs > MODEL_CLOCKS.longestRetryAfterMs
      const final = isFinal || !isSettled || isAway || failed >= mostTries(input)
      return failure('callModel', error.code, { retryAfterMs, final })
    },

    async settleStopped(input, attempt, usage) {
      const { run, step, hop } = input
      const which = { run, step, hop, attempt, code: 'model_call_stopped' } as const
      const settled =
        usage === null
          ? settleAttempt(database, { ...which, status: 'unknown', costMicroUsd: null, usage: 'unknown' })
          : settleAttempt(database, { ...which, status: 'failed', ...costOf(input, usage), usage })
      // An attempt that is not settled counts with its whole worst case.
      await settled.catch((err: unknown) =>
        logger.warn({ err, runId: run.runId, step, hop, attempt }, 'stopped attempt not settled'),
      )
    },
  }

  function find({ run, step, hop }: KnownModelCall): Promise<ModelTries> {
    return findModelTries(database, { run, step, hop, activity: activityKey() })
  }

  function costOf(
    { model: { provider, model } }: KnownModelCall,
    usage: CallUsage,
  ): Pick<SettleAttempt, 'costMicroUsd' | 'promptCacheSavedMicroUsd'> {
    const priced = { provider, model, usage }
    return {
      costMicroUsd: prices.price(priced),
      promptCacheSavedMicroUsd: promptCacheSaved(prices, priced),
    }
  }

  /** Settles the attempt with its cost as far as that is known. */
  async function settle(
    input: KnownModelCall,
    attempt: number,
    { code, billed, usage, requestId }: ModelFailure,
  ): Promise<void> {
    const { run, step, hop } = input
    const which = { run, step, hop, attempt, code, requestId: requestId ?? null }
    if (usage !== undefined) {
      await settleAttempt(database, { ...which, status: 'failed', ...costOf(input, usage), usage })
    } else if (billed === 'no') {
      await settleAttempt(database, { ...which, status: 'failed', costMicroUsd: 0, usage: 'nothing' })
    } else {
      await settleAttempt(database, { ...which, status: 'unknown', costMicroUsd: null, usage: 'unknown' })
    }
  }
}

/** A run that waits for models tries each hop once, and tries the chain again later. */
function mostTries({ probe }: KnownModelCall): number {
  return probe === true ? 1 : TRIES.model.most
}
