import type { PlannedModel } from '../../contracts/models/model.ts'
import type { CallUsage } from '../../contracts/models/usage.ts'
import type { RunIdentity } from '../../contracts/runs/run.ts'
import { toFactRun } from '../../telemetry/fact-run.ts'
import type { ModelPurpose } from '../../telemetry/facts.ts'
import type { Dependencies } from '../dependencies.ts'
import type { CallTiming } from './call-clock.ts'
import { failedAttempt } from './failed-attempt.ts'
import type { ModelFailure } from './failures/model-failure.ts'
import type { ModelAnswer } from './wires/model-adapter.ts'

/** An attempt that was booked, and has reached its provider. */
export interface AskedAttempt {
  readonly run: RunIdentity
  readonly agent: string
  readonly step: number
  readonly hop: number
  readonly attempt: number
  readonly model: Pick<PlannedModel, 'provider' | 'model'>
  readonly maxOutputTokens: number
  readonly purpose: ModelPurpose
}

type Answered = Pick<ModelAnswer, 'usage'> & Partial<Pick<ModelAnswer, 'servedBy' | 'requestId' | 'stop'>>

/** Records how attempts of model calls have ended. Each is recorded once, by whoever settles it. */
export interface AttemptFacts {
  answered(asked: AskedAttempt, timing: CallTiming, answer: Answered, costMicroUsd: number | null): void
  failed(asked: AskedAttempt, timing: CallTiming, error: ModelFailure): void
  /** @param usage null where nobody knows what it has used */
  stopped(asked: AskedAttempt, timing: CallTiming, usage: CallUsage | null): void
}

export function createAttemptFacts({
  telemetry,
  prices,
}: Pick<Dependencies, 'telemetry' | 'prices'>): AttemptFacts {
  return {
    answered(asked, timing, { usage, servedBy, requestId, stop }, costMicroUsd) {
      telemetry.record({
        ...about(asked, timing),
        outcome: 'answered',
        usage,
        costMicroUsd,
        ...(servedBy !== undefined && { servedBy }),
        ...(requestId !== undefined && { requestId }),
        ...(stop !== undefined && { stop }),
      })
    },
    failed(asked, timing, error) {
      const { code } = error
      const { requestId, usage, costMicroUsd } = failedAttempt(error, asked.model, prices)
      telemetry.record({
        ...about(asked, timing),
        outcome: 'failed',
        code,
        requestId: requestId ?? null,
        // Without a known usage the cost is not known either, whatever the price.
        ...(usage !== 'unknown' && { costMicroUsd }),
        ...(typeof usage === 'object' && { usage }),
      })
    },
    stopped(asked, timing, usage) {
      telemetry.record({
        ...about(asked, timing),
        outcome: 'stopped',
        code: 'model_call_stopped',
        ...(usage !== null && { usage, costMicroUsd: prices.price({ ...asked.model, usage }) }),
      })
    },
  }
}

function about({ run, model: { provider, model }, ...asked }: AskedAttempt, timing: CallTiming) {
  return { type: 'model.attempted', run: toFactRun(run), provider, model, ...asked, ...timing } as const
}
