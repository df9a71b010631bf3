import { activityInfo, cancellationSignal } from '@temporalio/activity'
import { CancelledFailure } from '@temporalio/common'
import { MODEL_CLOCKS } from '../../policies/models.ts'
import type { BegunModelCall } from '../../store/models/begin-model-call.ts'
import type { Dependencies } from '../dependencies.ts'
import { introduced } from '../runs/introduced.ts'
import type { TrafficPass } from '../traffic/traffic.ts'
import { cutOffPart } from './answers/cut-off-part.ts'
import { withUsage } from './context/estimate-usage.ts'
import { createDeltaPublisher } from './delta-publisher.ts'
import { ModelFailure } from './failures/model-failure.ts'
import type { KnownModelCall } from './find-planned-call.ts'
import type { RequestPreamble } from './request-preamble.ts'
import type { ModelAnswer, ModelRequest } from './wires/model-adapter.ts'

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
  deps: Pick<Dependencies, 'database' | 'adapterFor' | 'logger' | 'readers'>,
  answerMs: number = MODEL_CLOCKS.answerMs,
): AskProvider {
  const { adapterFor, logger } = deps

  return async (input, preamble, begun, pass) => {
    const { run, step, hop } = input
    const { attempt } = activityInfo()
    const model = { ...input.model, maxOutputTokens: begun.maxOutputTokens }
    const publisher = createDeltaPublisher({ run, step, hop, attempt }, deps)
    const timeout = AbortSignal.timeout(answerMs)
    const startedAt = performance.now()
    let hasBegun = false
    const onProgress = (delta: string) => {
      hasBegun = true
      publisher.progress(delta)
    }
    try {
      const request = {
        model,
        system: preamble.system,
        messages: introduced(begun.transcript),
        tools: preamble.tools,
        ...outputOf(input, preamble, begun),
        cacheKey: `${input.agent}@${input.prompt.version}`,
      }
      const signal = AbortSignal.any([cancellationSignal(), timeout])
      const counted = await adapterFor(model).generate(request, { signal, onProgress })
      const latencyMs = Math.round(performance.now() - startedAt)
      const answer = await withUsage(counted, request).catch((err: unknown) => {
        logger.warn({ err, runId: run.runId, step, hop, attempt }, 'tokens are not estimated')
        return counted
      })
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
      const failed = timeout.aborted && !(error instanceof ModelFailure) ? tookTooLong(error) : error
      const { code, retryAfterMs } = failed instanceof ModelFailure ? failed : UNFORESEEN
      await pass.leave({ kind: 'failed', code, ...(retryAfterMs !== undefined && { retryAfterMs }) })
      throw failed
    } finally {
      await publisher.stop()
    }
  }
}

/** A server that holds answers to a schema would begin the JSON anew, where the model is to go on in the middle of it. */
function outputOf(
  { agent }: KnownModelCall,
  { output }: RequestPreamble,
  { transcript }: Pick<BegunModelCall, 'transcript'>,
): Pick<ModelRequest, 'output'> {
  if (output === null || cutOffPart(transcript) !== '') return {}
  return { output: { name: agent, schema: output.jsonSchema } }
}

function tookTooLong(cause: unknown): ModelFailure {
  return new ModelFailure('model_call_timed_out', { cause })
}

/** How the traffic sees an error that no adapter foresees. */
const UNFORESEEN = new ModelFailure('model_answer_malformed')
