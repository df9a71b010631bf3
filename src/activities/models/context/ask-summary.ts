import { cancellationSignal } from '@temporalio/activity'
import { ApplicationFailure, CancelledFailure } from '@temporalio/common'
import type { HopBudget } from '../../../contracts/budget.ts'
import type { ErrorCode } from '../../../contracts/error-codes.ts'
import type { PlannedModel, Provider } from '../../../contracts/model.ts'
import type { RunIdentity } from '../../../contracts/run.ts'
import { INPUT_TOKEN_ESTIMATE, SHARED_ONLY } from '../../../policies/budgets.ts'
import { SUMMARY_INSTRUCTIONS } from '../../../policies/context.ts'
import { MODEL_CLOCKS } from '../../../policies/models.ts'
import { beginModelCall, type ModelCallBegin } from '../../../store/models/begin-model-call.ts'
import { activityKey } from '../../activity-key.ts'
import type { Dependencies } from '../../dependencies.ts'
import { failure } from '../../failure.ts'
import { CallRefused, type TrafficPass } from '../../traffic/traffic.ts'
import { ModelFailure } from '../failures/model-failure.ts'
import type { KnownModelCall } from '../find-planned-call.ts'
import { createModelTries } from '../model-tries.ts'
import type { ModelAnswer } from '../wires/model-adapter.ts'

/** Summaries are booked as hops of their step, from this number on: no chain is so long. */
const FIRST_HOP = 10_000

export interface SummaryRequest {
  readonly run: RunIdentity
  readonly step: number
  readonly agent: string
  /** Number of the window that the summary is for. */
  readonly number: number
  /** With the summary's own output cap. */
  readonly model: PlannedModel
  readonly text: string
  readonly budget: HopBudget | undefined
}

/** A summary that is paid for. Its attempt is still to be settled, together with what it is stored in. */
export interface SummaryAnswer {
  readonly provider: Provider
  /** The model that was asked. */
  readonly model: string
  readonly step: number
  readonly hop: number
  readonly attempt: number
  readonly answer: ModelAnswer
}

type AskSummary = (request: SummaryRequest) => Promise<SummaryAnswer | { readonly code: ErrorCode }>

/**
 * Asks a model for a summary: a call like any other, which the gates let through and the budgets cover, but for one try alone, since the
 * run can go on without it.
 *
 * The function resolves to a code where there is no summary. It rejects when the run stops it, has ended, or the store is away.
 */
export function createAskSummary(
  deps: Pick<Dependencies, 'database' | 'adapterFor' | 'prices' | 'traffic' | 'logger'>,
): AskSummary {
  const { database, adapterFor, prices, traffic } = deps
  const tries = createModelTries(deps)

  return async (request) => {
    const call = toCall(request)
    const tokens = Buffer.byteLength(SUMMARY_INSTRUCTIONS) + Buffer.byteLength(request.text)
    const fixedTokens = tokens + INPUT_TOKEN_ESTIMATE.fixedOverheadTokens
    const entered = await enter(call, fixedTokens)
    if ('code' in entered) return entered
    const { pass } = entered
    let begun: ModelCallBegin
    try {
      begun = await begin(call, fixedTokens)
    } catch (error) {
      await pass.leave({ kind: 'unused' })
      throw error
    }
    if ('attempt' in begun) return ask(call, request.text, begun, pass)
    await pass.leave({ kind: 'unused' })
    if ('runEnded' in begun) throw failure('compactTranscript', 'run_ended', { final: true })
    return { code: 'priceUnknown' in begun ? 'model_price_unknown' : 'budget_reached' }
  }

  /** Whether the call may be made: its one try is left, and the gates let it through. */
  async function enter(
    call: KnownModelCall,
    fixedTokens: number,
  ): Promise<{ readonly pass: TrafficPass } | { readonly code: ErrorCode }> {
    const { run, step, hop, agent, model } = call
    const { provider, maxOutputTokens } = model
    const about = { run, agent, step, hop, provider, model: model.model }
    try {
      await tries.checkLeft(call)
      return { pass: await traffic.enter({ ...about, fixedTokens, maxOutputTokens }) }
    } catch (error) {
      if (error instanceof CallRefused) return { code: error.code }
      if (error instanceof ApplicationFailure && error.nonRetryable) return { code: error.type as ErrorCode }
      throw error
    }
  }

  /** Books the attempt. None of the transcript is shown as messages: the text is a part of the request like its instructions. */
  function begin(call: KnownModelCall, fixedTokens: number): Promise<ModelCallBegin> {
    const { run, step, hop, seq, agent, model, budget } = call
    return beginModelCall(database, {
      run,
      step,
      hop,
      seq,
      inbox: [],
      firstTimeOf: [],
      provider: model.provider,
      model: model.model,
      agent,
      maxOutputTokens: model.maxOutputTokens,
      fixedTokens,
      contextKey: 'summary',
      rates: prices.worstRates(model.provider, model.model),
      priceBook: prices.version,
      budget: budget ?? SHARED_ONLY,
      activity: activityKey(),
    })
  }

  async function ask(
    call: KnownModelCall,
    text: string,
    { attempt, maxOutputTokens }: { readonly attempt: number; readonly maxOutputTokens: number },
    pass: TrafficPass,
  ): Promise<SummaryAnswer | { readonly code: ErrorCode }> {
    const model = { ...call.model, maxOutputTokens }
    const timeout = AbortSignal.timeout(MODEL_CLOCKS.answerMs)
    const startedAt = performance.now()
    let hasBegun = false
    try {
      const answer = await adapterFor(model).generate(
        {
          model,
          system: SUMMARY_INSTRUCTIONS,
          messages: [{ role: 'user', text }],
          tools: [],
          cacheKey: 'summary',
        },
        {
          signal: AbortSignal.any([cancellationSignal(), timeout]),
          onProgress: () => {
            hasBegun = true
          },
        },
      )
      const { usage, message, stop } = answer
      await pass.leave({ kind: 'answered', usage, latencyMs: Math.round(performance.now() - startedAt) })
      if (message.text.trim() !== '' && stop !== 'refusal') {
        const { step, hop } = call
        return { provider: model.provider, model: model.model, step, hop, attempt, answer }
      }
      const unusable = new ModelFailure('model_answer_malformed', { usage })
      await tries.settleFailed(call, attempt, unusable, true)
      return { code: unusable.code }
    } catch (error) {
      if (error instanceof CancelledFailure) {
        await pass.leave({ kind: 'stopped' })
        if (!hasBegun) await tries.settleStopped(call, attempt, { hasBegun, usage: null })
        throw error
      }
      const failed = toFailure(error, timeout)
      await pass.leave({ kind: 'failed', code: failed.code })
      await tries.settleFailed(call, attempt, failed, true)
      return { code: failed.code }
    }
  }
}

function toFailure(error: unknown, timeout: AbortSignal): ModelFailure {
  if (error instanceof ModelFailure) return error
  return new ModelFailure(timeout.aborted ? 'model_timed_out' : 'model_answer_malformed', { cause: error })
}

/** `probe`: one try. */
function toCall({ run, step, agent, number, model, budget }: SummaryRequest): KnownModelCall {
  return {
    run,
    step,
    hop: FIRST_HOP + number,
    seq: 0,
    agent,
    prompt: { name: 'summary', version: '1' },
    model,
    tools: [],
    probe: true,
    ...(budget !== undefined && { budget }),
  }
}
