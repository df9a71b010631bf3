import { activityInfo, cancellationSignal } from '@temporalio/activity'
import { CancelledFailure } from '@temporalio/common'
import type { CallUsage } from '../../contracts/models/usage.ts'
import { MODEL_CLOCKS } from '../../policies/models/models.ts'
import type { BegunModelCall } from '../../store/models/begin-model-call.ts'
import { inCall } from '../../telemetry/activity-scope.ts'
import { runFields, toFactRun } from '../../telemetry/fact-run.ts'
import { modelSpanId } from '../../telemetry/traces/span-ids.ts'
import { isStoppedByRun } from '../cancellation.ts'
import type { Dependencies } from '../dependencies.ts'
import { forAttempt, withFiles } from '../dossier/exchange-scope.ts'
import { introduced } from '../runs/introduced.ts'
import type { TrafficPass } from '../traffic/traffic.ts'
import { cutOffPart } from './answers/cut-off-part.ts'
import { type BackgroundAnswer, createBackgroundAnswer } from './background-answer.ts'
import type { CallClock, CallTiming } from './call-clock.ts'
import { withUsage } from './context/estimate-usage.ts'
import { createDeltaPublisher } from './delta-publisher.ts'
import { failedWith } from './failures/failed-with.ts'
import { ModelFailure } from './failures/model-failure.ts'
import type { KnownModelCall } from './find-planned-call.ts'
import type { Lane } from './hedge/race-for-first-byte.ts'
import { promptCacheKey } from './prompt-cache-key.ts'
import { requestFiles } from './request-files.ts'
import type { RequestPreamble } from './request-preamble.ts'
import type { ModelAnswer, ModelRequest } from './wires/model-adapter.ts'

export interface TimedAnswer {
  readonly answer: ModelAnswer
  readonly timing: CallTiming
}

/** The run has stopped the call, or its worker has to end. */
export class CallStopped extends Error {
  override readonly name = 'CallStopped'
  /** Whether the provider had sent a byte. */
  readonly hasBegun: boolean
  /** What the call has used, where the provider was told to stop and has said so. */
  readonly usage: CallUsage | null
  override readonly cause: CancelledFailure

  constructor(hasBegun: boolean, usage: CallUsage | null, cause: CancelledFailure) {
    super('the run has stopped the call')
    this.hasBegun = hasBegun
    this.usage = usage
    this.cause = cause
  }
}

/** The provider has no longer the answer that an earlier attempt has asked for. */
export class AnswerGone extends Error {
  override readonly name = 'AnswerGone'
}

/** A booked attempt. With a `responseId` its answer is under way at the provider. */
export interface BookedAttempt extends BegunModelCall {
  readonly responseId?: string
}

type AskProvider = (
  input: KnownModelCall,
  preamble: RequestPreamble,
  begun: Pick<BookedAttempt, 'attempt' | 'maxOutputTokens' | 'transcript' | 'responseId'>,
  pass: TrafficPass,
  asking: Asking,
) => Promise<TimedAnswer>

interface Asking {
  /** Runs from the request on. */
  readonly clock: CallClock
  readonly lane?: Lane | undefined
}

/**
 * Asks the provider of a booked attempt, or reads the answer that is under way there, publishes its text while it comes, and leaves the
 * traffic with the outcome. An answer in the background that nobody is going to read is stopped. In a lane, the function stops where the
 * other lane has the first byte.
 *
 * The function rejects with a `ModelFailure`, with `CallStopped`, with `AnswerGone`, or with an error that no adapter foresees.
 */
export function createAskProvider(
  deps: Pick<Dependencies, 'database' | 'adapterFor' | 'logger' | 'readers' | 'logsContent'>,
  answerMs: number = MODEL_CLOCKS.answerMs,
): AskProvider {
  const { adapterFor, database, logger } = deps

  return (input, preamble, begun, pass, how) => {
    const { run, step, hop } = input
    const which = { runId: run.runId, step, hop, attempt: begun.attempt, purpose: 'answer' } as const
    const spanId = modelSpanId(toFactRun(run), which)
    return forAttempt(which, () => inCall(spanId, () => ask(input, preamble, begun, pass, how)))
  }

  async function ask(
    ...[input, preamble, begun, pass, { clock, lane }]: Parameters<AskProvider>
  ): Promise<TimedAnswer> {
    const { run, step, hop } = input
    const { attempt } = activityInfo()
    const model = { ...input.model, maxOutputTokens: begun.maxOutputTokens }
    const publish = () => createDeltaPublisher({ run, step, hop, attempt }, deps)
    // Of two models that are asked at once, only the one that has won speaks to readers.
    let publisher = lane === undefined ? publish() : null
    const timeout = AbortSignal.timeout(answerMs)
    const signals = [cancellationSignal(), timeout, ...(lane ? [lane.signal] : [])]
    const adapter = adapterFor(model)
    const background = createBackgroundAnswer(input, begun, adapter, deps)
    let hasBegun = background.goesOn
    const onProgress = (delta: string) => {
      clock.hear()
      if (!hasBegun && lane?.begin()) publisher = publish()
      hasBegun = true
      publisher?.progress(delta)
    }
    try {
      const { files } = await requestFiles(database, run, begun.transcript)
      const request = {
        model,
        system: preamble.system,
        messages: introduced(begun.transcript),
        ...(files && { files }),
        tools: preamble.tools,
        ...outputOf(input, preamble, begun),
        cacheKey: promptCacheKey(input),
      }
      const signal = AbortSignal.any(signals)
      const options = { signal, onProgress, onNamed: background.named }
      const counted =
        begun.responseId === undefined
          ? await withFiles(files, () => adapter.generate(request, options))
          : await adapter.background?.read(request, begun.responseId, options)
      if (counted === null || counted === undefined) throw new AnswerGone()
      const timing = clock.read()
      const { durationMs: latencyMs } = timing
      const answer = await withUsage(counted, request, logger)
      const { usage, remaining } = answer
      await pass.leave({ kind: 'answered', usage, latencyMs, ...(remaining !== undefined && { remaining }) })
      const about = { ...runFields(run), agent: input.agent, step, hop, attempt, model: model.model }
      if (deps.logsContent === true) {
        const content = { system: request.system, messages: request.messages, answer: answer.message }
        logger.debug({ ...about, content }, 'what the model was asked and has answered')
      }
      const { outputTokens } = answer.usage
      if (outputTokens > model.maxOutputTokens) {
        const tokens = { outputTokens, maxOutputTokens: model.maxOutputTokens }
        logger.warn({ ...about, ...tokens }, 'the provider has not kept to the output cap')
      }
      return { answer, timing }
    } catch (error) {
      if (error instanceof CancelledFailure) {
        await pass.leave({ kind: 'stopped' })
        // A worker that has to end, and one that Temporal has given up, leave the answer to the next attempt.
        const usage = isStoppedByRun(error) || lane?.signal.aborted ? await background.stop() : null
        throw new CallStopped(hasBegun, usage, error)
      }
      if (error instanceof AnswerGone) {
        await pass.leave({ kind: 'unused' })
        throw error
      }
      const failed = timeout.aborted && !(error instanceof ModelFailure) ? tookTooLong(error) : error
      await pass.leave(failedWith(failed instanceof ModelFailure ? failed : UNFORESEEN))
      throw failed instanceof ModelFailure ? await givenUp(failed, background) : failed
    } finally {
      await publisher?.stop()
      await background.noted()
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

/** The failure with what the answer has used, where the provider goes on with it, and says so when it is told to stop. */
async function givenUp(failed: ModelFailure, background: BackgroundAnswer): Promise<ModelFailure> {
  const usage = background.goesOn && failed.usage === undefined ? await background.stop() : null
  if (usage === null) return failed
  const { requestId } = failed
  return new ModelFailure(failed.code, {
    cause: failed,
    usage,
    ...(requestId !== undefined && { requestId }),
  })
}

/** How the traffic sees an error that no adapter foresees. */
const UNFORESEEN = new ModelFailure('model_answer_malformed')
