import { cancellationSignal } from '@temporalio/activity'
import { CancelledFailure } from '@temporalio/common'
import type { PlannedModel } from '../../../contracts/models/model.ts'
import type { SettleAttempt } from '../../../store/models/settlement.ts'
import { runFields } from '../../../telemetry/fact-run.ts'
import { isStoppedByRun } from '../../cancellation.ts'
import type { Dependencies } from '../../dependencies.ts'
import { forAttempt } from '../../dossier/exchange-scope.ts'
import { createAttemptFacts } from '../attempt-facts.ts'
import { type CallClock, startCallClock } from '../call-clock.ts'
import { withUsage } from '../context/estimate-usage.ts'
import { failedWith } from '../failures/failed-with.ts'
import { logSaid } from '../failures/log-said.ts'
import { ModelFailure } from '../failures/model-failure.ts'
import { createModelTries } from '../model-tries.ts'
import type { ModelAnswer } from '../wires/model-adapter.ts'
import { type BookedSideCall, createBookSideCall, type NotBooked, type SideCall } from './book-side-call.ts'

/** A model's part in a run that it gives no answer: one message, and no tools. */
export interface SideRequest extends Omit<SideCall, 'provider' | 'model' | 'maxOutputTokens'> {
  readonly model: PlannedModel
  readonly system: string
  readonly text: string
  readonly cacheKey: string
  /** From the request to the end of the answer, in milliseconds. */
  readonly answerMs: number
}

/** What came of a call that was made. Its attempt is still to be settled, together with what is stored of it. */
export type SideAnswer = {
  readonly attempt: Pick<SettleAttempt, 'run' | 'step' | 'hop' | 'attempt'>
  /** Records the attempt as a fact, which it is once it is settled. */
  readonly tell: () => void
} & ({ readonly answer: ModelAnswer } | { readonly failed: ModelFailure })

/** Asks a model beside those that answer the run: once, without a second try. Rejects where the run stops it, or the store is away. */
export function createAskSideModel(
  deps: Pick<
    Dependencies,
    'database' | 'traffic' | 'prices' | 'adapterFor' | 'logger' | 'logsContent' | 'telemetry'
  >,
): (request: SideRequest) => Promise<SideAnswer | NotBooked> {
  const { adapterFor, logger, prices } = deps
  const facts = createAttemptFacts(deps)
  const bookSideCall = createBookSideCall(deps)
  const tries = createModelTries(deps)

  return async (request) => {
    const { provider, model, maxOutputTokens } = request.model
    const booked = await bookSideCall({ ...request, provider, model, maxOutputTokens })
    if (!('attempt' in booked)) return booked
    const { run, agent, step, hop, kind: purpose } = request
    const attempt = { run, step, hop, attempt: booked.attempt }
    const asked = {
      ...attempt,
      agent,
      purpose,
      model: request.model,
      maxOutputTokens: booked.maxOutputTokens,
    }
    const clock = startCallClock()
    try {
      const which = { runId: run.runId, step, hop, attempt: booked.attempt, purpose }
      const answer = await forAttempt(which, () => ask(request, booked, clock))
      const { servedBy, usage } = answer
      const priced = { provider, model: servedBy, asked: model, usage }
      const timing = clock.read()
      return { attempt, answer, tell: () => facts.answered(asked, timing, answer, prices.price(priced)) }
    } catch (error) {
      const timing = clock.read()
      if (isStoppedByRun(error)) facts.stopped(asked, timing, null)
      if (!(error instanceof ModelFailure)) throw error
      const { code } = error
      const about = { ...runFields(run), agent, step, provider, model, code }
      logger.warn({ err: error, ...about }, `${purpose} failed`)
      logSaid(deps, about, error)
      return { attempt, failed: error, tell: () => facts.failed(asked, timing, error) }
    }
  }

  /** @throws ModelFailure, or the failure that the run was stopped with */
  async function ask(
    { model: planned, run, step, hop, system, text, cacheKey, answerMs }: SideRequest,
    { attempt, maxOutputTokens, pass }: BookedSideCall,
    clock: CallClock,
  ): Promise<ModelAnswer> {
    const model = { ...planned, maxOutputTokens }
    const timeout = AbortSignal.timeout(answerMs)
    const signal = AbortSignal.any([cancellationSignal(), timeout])
    let hasBegun = false
    try {
      const request = { model, system, messages: [{ role: 'user', text } as const], tools: [], cacheKey }
      const onProgress = () => {
        hasBegun = true
        clock.hear()
      }
      const counted = await adapterFor(model).generate(request, { signal, onProgress })
      const { durationMs: latencyMs } = clock.read()
      const answer = await withUsage(counted, request, logger)
      const { usage, remaining } = answer
      await pass.leave({ kind: 'answered', usage, latencyMs, ...(remaining !== undefined && { remaining }) })
      return answer
    } catch (error) {
      if (error instanceof CancelledFailure) {
        await pass.leave({ kind: 'stopped' })
        // Otherwise the attempt stays open: the next one of the activity sees that it was asked.
        if (isStoppedByRun(error) && !hasBegun)
          await tries.settleStopped({ run, step, hop, model }, attempt, { hasBegun, usage: null })
        throw error
      }
      const failed = toFailure(error, timeout)
      await pass.leave(failedWith(failed))
      throw failed
    }
  }
}

/** An error that nobody foresees may have come after an answer that is billed. */
function toFailure(error: unknown, timeout: AbortSignal): ModelFailure {
  if (error instanceof ModelFailure) return error
  return new ModelFailure(timeout.aborted ? 'model_call_timed_out' : 'model_answer_malformed', {
    cause: error,
  })
}
