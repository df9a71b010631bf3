import { activityInfo, cancellationSignal } from '@temporalio/activity'
import { CancelledFailure } from '@temporalio/common'
import { MODEL_CLOCKS } from '../../policies/models.ts'
import type { BegunModelCall } from '../../store/models/begin-model-call.ts'
import type { Dependencies } from '../dependencies.ts'
import { introduced } from '../runs/introduced.ts'
import type { TrafficPass } from '../traffic/traffic.ts'
import { createDeltaPublisher } from './delta-publisher.ts'
import { ModelFailure } from './failures/model-failure.ts'
import type { KnownModelCall } from './find-planned-call.ts'
import { promptCacheKey } from './prompt-cache-key.ts'
import type { RequestPreamble } from './request-preamble.ts'
import type { ModelAnswer } from './wires/model-adapter.ts'

export interface TimedAnswer {
  readonly answer: ModelAnswer
  readonly latencyMs: number
}

/** The run has stopped the call. */
export class CallStopped extends Error {
  override readonly name = 'CallStopped'
  /** Whether the provider had sent a byte. */
  readonly hasBegun: boolean
  override readonly cause: CancelledFailure

  constructor(hasBegun: boolean, cause: CancelledFailure) {
    super('the run has stopped the call')
    this.hasBegun = hasBegun
    this.cause = cause
  }
}

type AskProvider = (
  input: KnownModelCall,
  preamble: RequestPreamble,
  begun: Pick<BegunModelCall, 'maxOutputTokens' | 'transcript'>,
  pass: TrafficPass,
) => Promise<TimedAnswer>

/**
 * Asks the provider of a booked attempt, publishes the answer's text while it comes, and leaves the traffic with the outcome.
 *
 * The function rejects with a `ModelFailure`, with `CallStopped`, or with an error that no adapter foresees.
 */
export function createAskProvider(
  deps: Pick<Dependencies, 'database' | 'adapterFor' | 'logger'>,
): AskProvider {
  const { adapterFor, logger } = deps

  return async (input, preamble, begun, pass) => {
    const { run, step, hop } = input
    const { attempt } = activityInfo()
    const model = { ...input.model, maxOutputTokens: begun.maxOutputTokens }
    const publisher = createDeltaPublisher({ run, step, hop, attempt }, deps)
    const timeout = AbortSignal.timeout(MODEL_CLOCKS.answerMs)
    const startedAt = performance.now()
    let hasBegun = false
    const onProgress = (delta: string) => {
      hasBegun = true
      publisher.progress(delta)
    }
    try {
      const answer = await adapterFor(model).generate(
        {
          model,
          system: preamble.system,
          messages: introduced(begun.transcript),
          tools: preamble.tools,
          cacheKey: promptCacheKey(input),
        },
        { signal: AbortSignal.any([cancellationSignal(), timeout]), onProgress },
      )
      const latencyMs = Math.round(performance.now() - startedAt)
      await pass.leave({ kind: 'answered', usage: answer.usage, latencyMs })
      const { outputTokens } = answer.usage
      if (outputTokens > model.maxOutputTokens) {
        const about = { runId: run.runId, step, hop, attempt, model: model.model }
        const tokens = { outputTokens, maxOutputTokens: model.maxOutputTokens }
        logger.warn({ ...about, ...tokens }, 'the provider has not kept to the output cap')
      }
      return { answer, latencyMs }
    } catch (error) {
      if (error instanceof CancelledFailure) {
        await pass.leave({ kind: 'stopped' })
        throw new CallStopped(hasBegun, error)
      }
      const failed = timeout.aborted && !(error instanceof ModelFailure) ? timedOut(error) : error
      const { code, retryAfterMs } = failed instanceof ModelFailure ? failed : UNFORESEEN
      await pass.leave({ kind: 'failed', code, ...(retryAfterMs !== undefined && { retryAfterMs }) })
      throw failed
    } finally {
      await publisher.stop()
    }
  }
}

function timedOut(cause: unknown): ModelFailure {
  return new ModelFailure('model_timed_out', { cause })
}

/** How the traffic sees an error that no adapter foresees. */
const UNFORESEEN = new ModelFailure('model_answer_malformed')
