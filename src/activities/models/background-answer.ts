import { activityInfo } from '@temporalio/activity'
import type { CallUsage } from '../../contracts/models/usage.ts'
import { BACKGROUND } from '../../policies/models/models.ts'
import { noteResponse } from '../../store/models/response-of-attempt.ts'
import { runFields } from '../../telemetry/fact-run.ts'
import type { Dependencies } from '../dependencies.ts'
import { showInHeartbeats } from '../heartbeat.ts'
import { untilStored } from '../until-stored.ts'
import { NOT_ANSWERED, toModelFailure } from './failures/to-model-failure.ts'
import type { KnownModelCall } from './find-planned-call.ts'
import type { ModelAdapter } from './wires/model-adapter.ts'

/** The answer of one attempt as far as the provider goes on with it by itself. */
export interface BackgroundAnswer {
  /** Has to be called with the id under which the provider has the answer. */
  readonly named: (responseId: string) => void
  /** Whether the provider goes on with the answer when nobody reads it. */
  readonly goesOn: boolean
  /** Waits until the id is noted. It never rejects: without a note the call is asked again after a worker's death, as without this. */
  noted(): Promise<void>
  /** Stops an answer that nobody is going to read. Resolves to what it has used; null where that is not known. It never rejects. */
  stop(): Promise<CallUsage | null>
}

/**
 * Notes the answer's id with the attempt in the store as soon as it is known, for the next attempt to read the answer instead of asking
 * again. The heartbeats have it too, for people. The store alone is believed: its rows are ours, while heartbeats can be forged, and
 * would let a run read another run's answer.
 */
export function createBackgroundAnswer(
  { run, step, hop, model }: KnownModelCall,
  booked: { readonly attempt: number; readonly responseId?: string },
  adapter: ModelAdapter,
  { database, logger }: Pick<Dependencies, 'database' | 'logger'>,
): BackgroundAnswer {
  const about = { ...runFields(run), step, hop, attempt: activityInfo().attempt, model: model.model }
  let id = booked.responseId ?? null
  let noting: Promise<void> = Promise.resolve()
  if (id !== null) show(id)

  function show(responseId: string): void {
    showInHeartbeats({ provider: model.provider, response: responseId })
  }

  return {
    get goesOn() {
      return id !== null
    },
    named(responseId) {
      id = responseId
      show(responseId)
      const note = { run, step, hop, attempt: booked.attempt, responseId }
      noting = untilStored(() => noteResponse(database, note)).catch((err: unknown) =>
        logger.warn({ err, ...about, responseId }, 'background answer not noted'),
      )
    },
    noted: () => noting,
    async stop() {
      if (id === null || adapter.background === undefined) return null
      try {
        const usage = await adapter.background.cancel(id, AbortSignal.timeout(BACKGROUND.cancelMs))
        logger.info({ ...about, responseId: id, ...tokensOf(usage) }, 'background answer stopped')
        return usage
      } catch (error) {
        // The SDK's error has the whole answer, which may quote the prompt.
        const err = toModelFailure(error, NOT_ANSWERED)
        // It may go on to its end. The attempt counts with its worst case, which covers that.
        logger.warn({ err, ...about, responseId: id }, 'background answer not stopped')
        return null
      }
    },
  }
}

function tokensOf(usage: CallUsage | null) {
  return usage === null ? {} : { inputTokens: usage.inputTokens, outputTokens: usage.outputTokens }
}
