import { activityInfo } from '@temporalio/activity'
import type { HopBudget } from '../../../contracts/budgets/budget.ts'
import type { ErrorCode } from '../../../contracts/error-codes.ts'
import type { PlannedModel, Provider } from '../../../contracts/models/model.ts'
import type { RunIdentity } from '../../../contracts/runs/run.ts'
import { TRIES } from '../../../policies/activities.ts'
import { INPUT_TOKEN_ESTIMATE } from '../../../policies/budgets.ts'
import { SUMMARY_INSTRUCTIONS } from '../../../policies/models/context.ts'
import { MODEL_CLOCKS } from '../../../policies/models/models.ts'
import { type FindModelTries, findModelTries } from '../../../store/models/model-tries.ts'
import { settleAttempt } from '../../../store/models/settle-attempt.ts'
import { activityKey } from '../../activity-key.ts'
import type { Dependencies } from '../../dependencies.ts'
import { failure } from '../../failure.ts'
import { untilStored } from '../../until-stored.ts'
import { failedAttempt } from '../failed-attempt.ts'
import { ModelFailure } from '../failures/model-failure.ts'
import { createAskSideModel } from '../side-calls/ask-side-model.ts'
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
  /** To be called once the attempt is settled. */
  readonly tell: () => void
}

type AskSummary = (request: SummaryRequest) => Promise<SummaryAnswer | { readonly code: ErrorCode }>

/**
 * Asks a model for a summary, with one try, since the run can go on without it. A worker's death does not count as the try.
 *
 * The function resolves to a code where there is no summary. It rejects when the run stops it, has ended, or the store is away.
 */
export function createAskSummary(
  deps: Pick<Dependencies, 'database' | 'adapterFor' | 'prices' | 'traffic' | 'logger' | 'telemetry'>,
): AskSummary {
  const { database, prices } = deps
  const askSideModel = createAskSideModel(deps)

  return async ({ run, step, agent, number, model, text, budget }) => {
    const hop = FIRST_HOP + number
    const usedUp = await findUsedUp({ run, step, hop })
    if (usedUp !== null) return { code: usedUp }
    const bytes = Buffer.byteLength(SUMMARY_INSTRUCTIONS) + Buffer.byteLength(text)
    const asked = await askSideModel({
      kind: 'summary',
      run,
      agent,
      step,
      hop,
      model,
      system: SUMMARY_INSTRUCTIONS,
      text,
      inputTokens: bytes + INPUT_TOKEN_ESTIMATE.fixedOverheadTokens,
      cacheKey: 'summary',
      answerMs: MODEL_CLOCKS.answerMs,
      budget,
    })
    if ('withheld' in asked) return { code: 'budget_reached' }
    if ('code' in asked && asked.code === 'run_ended')
      throw failure('compactTranscript', 'run_ended', { final: true })
    if ('code' in asked) return asked
    if ('answer' in asked && isSummary(asked.answer)) {
      const { answer, tell } = asked
      const { attempt } = asked.attempt
      return { provider: model.provider, model: model.model, step, hop, attempt, answer, tell }
    }
    const failed =
      'failed' in asked
        ? asked.failed
        : new ModelFailure('model_answer_malformed', { usage: asked.answer.usage })
    const settle = { ...asked.attempt, ...failedAttempt(failed, model, prices) }
    await untilStored(() => settleAttempt(database, settle))
    asked.tell()
    return { code: failed.code }
  }

  /** Why there is no summary, where earlier attempts have used up its try. */
  async function findUsedUp(hop: Pick<FindModelTries, 'run' | 'step' | 'hop'>): Promise<ErrorCode | null> {
    if (activityInfo().attempt === 1) return null
    const tries = { ...hop, lastHop: hop.hop, activity: activityKey() }
    const { failed, lost, code } = await findModelTries(database, tries)
    return failed > 0 || lost >= TRIES.model.mostLost ? (code ?? 'model_timed_out') : null
  }
}

function isSummary({ message, stop }: ModelAnswer): boolean {
  return message.text.trim() !== '' && stop !== 'refusal'
}
