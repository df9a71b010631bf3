import { activityInfo } from '@temporalio/activity'
import type { ApplicationFailure } from '@temporalio/common'
import type { CallUsage } from '../../contracts/models/usage.ts'
import { TRIES, waitAfter } from '../../policies/activities.ts'
import { MODEL_CLOCKS } from '../../policies/models/models.ts'
import { isOutage } from '../../store/database/outage.ts'
import { findModelTries, type ModelTries } from '../../store/models/model-tries.ts'
import { settleAttempt } from '../../store/models/settle-attempt.ts'
import type { SettleAttempt } from '../../store/models/settlement.ts'
import { runFields } from '../../telemetry/fact-run.ts'
import { activityKey } from '../activity-key.ts'
import type { Dependencies } from '../dependencies.ts'
import { failure } from '../failure.ts'
import { withJitter } from '../traffic/with-jitter.ts'
import { untilStored } from '../until-stored.ts'
import { failedAttempt } from './failed-attempt.ts'
import { logSaid } from './failures/log-said.ts'
import type { ModelFailure } from './failures/model-failure.ts'
import { type KnownModelCall, lastHopOf } from './find-planned-call.ts'
import { promptCacheSaved } from './prices/prompt-cache-saved.ts'

type AskedModel = Pick<KnownModelCall, 'run' | 'step' | 'hop' | 'model'>

export interface CountedTries {
  /** @throws ApplicationFailure, final, where earlier attempts have used up the tries of the hop */
  checkLeft(input: KnownModelCall): Promise<Pick<ModelTries, 'code' | 'answered' | 'inBackground'>>
  /** Settles an attempt that came to no answer. @returns the failure for Temporal */
  settleFailed(
    input: KnownModelCall,
    attempt: number,
    error: ModelFailure,
    isFinal?: boolean,
  ): Promise<ApplicationFailure>
  /**
   * Settles an attempt that was stopped: with what it has used, where that is known. Otherwise its worst case counts, also where no byte
   * has come: the provider may have answered before it heard of it. Such an attempt uses up no try.
   */
  settleStopped(
    input: AskedModel,
    attempt: number,
    how: { readonly hasBegun: boolean; readonly usage: CallUsage | null },
  ): Promise<void>
  /** Settles an attempt that was booked and for which nobody was asked. */
  settleUnused(input: AskedModel, attempt: number): Promise<void>
  /** Whether the hop may be asked in this activity. */
  hasLeft(input: KnownModelCall): Promise<boolean>
}

/**
 * Counts and ends the tries of one hop. Temporal repeats the activity without end; tries are counted by the attempts that the store has
 * booked, so that an outage on our side uses up none of them.
 */
export function createModelTries(
  deps: Pick<Dependencies, 'database' | 'prices' | 'logger' | 'logsContent'>,
): CountedTries {
  const { database, prices, logger } = deps
  return {
    async checkLeft(input) {
      const { attempt } = activityInfo()
      if (attempt === 1) return { code: null, answered: false, inBackground: null }
      const { run, step, hop } = input
      const tries = await find(input)
      const { failed, lost } = tries
      // Attempts that failed have lines of their own; nobody else tells of one whose worker has died.
      if (lost > 0)
        logger.warn(
          { ...runFields(run), agent: input.agent, step, hop, attempt, failed, lost },
          'a model call was lost with its worker',
        )
      const isUsedUp = tries.failed >= mostTries(input) || tries.lost >= TRIES.model.mostLost
      if (isUsedUp && !tries.answered) {
        throw failure('callModel', tries.code ?? 'model_timed_out', { final: true })
      }
      return tries
    },

    async settleFailed(input, attempt, error, isFinal = false) {
      const { run, step, hop, model } = input
      const { provider } = model
      const which = { step, hop, modelAttempt: attempt, provider, model: model.model, code: error.code }
      const about = { ...runFields(run), agent: input.agent, ...which }
      logger.warn({ err: error, ...about }, 'model call failed')
      logSaid(deps, about, error)
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
      const { retryAfterMs: askedMs } = error
      // A provider that asks for a longer wait than ours counts as away: the next model is asked.
      const isAway = askedMs !== undefined && askedMs > MODEL_CLOCKS.longestRetryAfterMs
      const final = isFinal || !isSettled || isAway || failed >= mostTries(input)
      // Without the jitter the calls that a provider has refused would always be the first after its pause, and use up their tries.
      const retryAfterMs = askedMs === undefined ? waitAfter(failed, TRIES.model) : withJitter(askedMs)
      return failure('callModel', error.code, { retryAfterMs, final })
    },

    settleStopped(input, attempt, { hasBegun, usage }) {
      const { run, step, hop } = input
      const which = { run, step, hop, attempt }
      const code = 'model_call_stopped'
      if (usage !== null) {
        return settleQuietly({ ...which, status: 'failed', code, ...costOf(input, usage), usage })
      }
      const unknown = { status: 'unknown', costMicroUsd: null, usage: 'unknown' } as const
      return settleQuietly({ ...which, ...unknown, ...(!hasBegun && { code }) })
    },

    settleUnused({ run, step, hop }, attempt) {
      const code = 'model_call_stopped'
      const costs = { costMicroUsd: 0, usage: 'nothing' } as const
      return settleQuietly({ run, step, hop, attempt, status: 'failed', code, ...costs })
    },

    async hasLeft(input) {
      if (activityInfo().attempt === 1) return true
      const { failed, lost } = await find(input)
      return failed < mostTries(input) && lost < TRIES.model.mostLost
    },
  }

  /** An attempt that is not settled counts with its whole worst case. */
  async function settleQuietly(settle: SettleAttempt): Promise<void> {
    const { run, step, hop, attempt } = settle
    await settleAttempt(database, settle).catch((err: unknown) =>
      logger.warn(
        { err, ...runFields(run), step, hop, modelAttempt: attempt },
        'stopped attempt not settled',
      ),
    )
  }

  function find(input: KnownModelCall): Promise<ModelTries> {
    const { run, step, hop } = input
    return findModelTries(database, { run, step, hop, lastHop: lastHopOf(input), activity: activityKey() })
  }

  function costOf(
    { model: { provider, model } }: AskedModel,
    usage: CallUsage,
  ): Pick<SettleAttempt, 'costMicroUsd' | 'promptCacheSavedMicroUsd'> {
    const priced = { provider, model, usage }
    const costMicroUsd = prices.price(priced)
    return { costMicroUsd, promptCacheSavedMicroUsd: promptCacheSaved(prices, priced, costMicroUsd) }
  }

  /** Settles the attempt with its cost as far as that is known. */
  async function settle(input: KnownModelCall, attempt: number, error: ModelFailure): Promise<void> {
    const { run, step, hop } = input
    await settleAttempt(database, { run, step, hop, attempt, ...failedAttempt(error, input.model, prices) })
  }
}

/** A run that waits for models tries each hop once, and tries the chain again later. */
function mostTries({ probe }: KnownModelCall): number {
  return probe === true ? 1 : TRIES.model.most
}
