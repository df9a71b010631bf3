import { activityInfo } from '@temporalio/activity'
import type { ApplicationFailure } from '@temporalio/common'
import { TRIES, waitAfter } from '../../policies/activities.ts'
import { MODEL_CLOCKS } from '../../policies/models.ts'
import { isOutage } from '../../store/database/outage.ts'
import { findModelTries, type ModelTries } from '../../store/models/model-tries.ts'
import { settleAttempt } from '../../store/models/settle-attempt.ts'
import { attemptsName } from '../attempts-name.ts'
import type { Dependencies } from '../dependencies.ts'
import { failure } from '../failure.ts'
import { untilStored } from '../until-stored.ts'
import type { ModelFailure } from './failures/model-failure.ts'
import type { KnownModelCall } from './find-planned-call.ts'

export interface CountedTries {
  /** @throws ApplicationFailure, final, where earlier attempts have used up the tries of the hop */
  begin(input: KnownModelCall): Promise<void>
  /** Settles an attempt that came to no answer, and gives the failure for Temporal. */
  fail(
    input: KnownModelCall,
    attempt: number,
    error: ModelFailure,
    isFinal?: boolean,
  ): Promise<ApplicationFailure>
  /** Settles an attempt that was stopped before the provider sent a byte: its input may be billed, an answer is not. */
  stopped(input: KnownModelCall, attempt: number): Promise<void>
}

/**
 * How often a provider is asked in one hop. Temporal repeats the activity for as long as it takes; the tries are counted by what
 * the store has booked, so that an outage of our own uses up none of them.
 */
export function createModelTries({
  database,
  prices,
  logger,
}: Pick<Dependencies, 'database' | 'prices' | 'logger'>): CountedTries {
  return {
    async begin(input) {
      const { attempt } = activityInfo()
      if (attempt === 1) return
      const { run, step, hop } = input
      const tries = await find(input)
      logger.info({ runId: run.runId, step, hop, attempt, ...tries }, 'model call is tried again')
      const isUsedUp = tries.failed >= mostOf(input) || tries.lost >= TRIES.model.mostLost
      if (isUsedUp && !tries.answered) {
        throw failure('callModel', tries.code ?? 'model_timed_out', { final: true })
      }
    },

    async fail(input, attempt, error, isFinal = false) {
      const { run, step, hop, model } = input
      const about = { runId: run.runId, step, hop, attempt, model: model.model }
      logger.warn({ err: error, ...about }, 'model call failed')
      const isSettled = await untilStored(() => settle(input, attempt, error)).then(
        () => true,
        (err: unknown) => {
          if (isOutage(err)) throw err
          // Its worst case counts. What the store does not take once, it would not take of another attempt.
          logger.error({ err, ...about }, 'attempt not settled')
          return false
        },
      )
      const { failed } = await untilStored(() => find(input))
      // A provider that wants to be left alone for longer than we wait counts as gone: the next model is asked.
      const { retryAfterMs = waitAfter(failed, TRIES.model) } = error
      const isGone = retryAfterMs > MODEL_CLOCKS.longestRetryAfterMs
      const final = isFinal || !isSettled || isGone || failed >= mostOf(input)
      return failure('callModel', error.code, { retryAfterMs, final })
    },

    async stopped({ run, step, hop }, attempt) {
      const code = 'model_call_stopped'
      const settle = {
        run,
        step,
        hop,
        attempt,
        status: 'unknown',
        code,
        costMicroUsd: null,
        usage: 'unknown',
      } as const
      // Unsettled, it counts with its whole worst case.
      await settleAttempt(database, settle).catch((err: unknown) =>
        logger.warn({ err, runId: run.runId, step, hop, attempt }, 'stopped attempt not settled'),
      )
    },
  }

  function find({ run, step, hop }: KnownModelCall): Promise<ModelTries> {
    return findModelTries(database, { run, step, hop, activity: attemptsName() })
  }

  /** As far as anybody knows what the attempt has cost. */
  async function settle(
    { run, step, hop, model }: KnownModelCall,
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

/** A run that waits for models tries each once, and tries again later. */
function mostOf({ probe }: KnownModelCall): number {
  return probe === true ? 1 : TRIES.model.most
}
