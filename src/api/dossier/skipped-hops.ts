import type { ErrorCode } from '../../contracts/error-codes.ts'
import type { RunEvent } from '../../contracts/events/event.ts'
import type { BookedAttemptRow, CacheLookUpRow } from '../../store/dossier/list-model-calls.ts'

/** A hop that a step has gone past without asking its model: its circuit was open, say. */
export interface SkippedHop {
  readonly hop: number
  readonly model: string
  readonly code: ErrorCode
  readonly at: string
}

interface StepsRecord {
  readonly attempts: readonly BookedAttemptRow[]
  readonly lookUps: readonly CacheLookUpRow[]
}

/**
 * The hops of a step that failed without an attempt on the books. Their events are written together with what came of the step, so each is
 * given the time at which a later hop began.
 *
 * @param events in their order
 */
export function skippedHopsOf(
  step: number,
  events: readonly RunEvent[],
  { attempts, lookUps }: StepsRecord,
): SkippedHop[] {
  const failures = events.flatMap((event) => failureOf(step, event))
  return failures.flatMap((failure, place) => {
    const { hop, model, at: notedAt } = failure
    // A run that waits for models tries its chain again in the same step.
    const before = failures.slice(0, place).findLast((other) => other.hop === hop)
    const isOfTry = ({ beganAt }: { readonly beganAt: string }) =>
      beganAt <= notedAt && (before === undefined || beganAt > before.at)
    const isAsked = attempts.some(
      (attempt) => attempt.hop === hop && attempt.model === model && isOfTry(attempt),
    )
    if (isAsked) return []
    const [at = notedAt] = [...attempts, ...lookUps]
      .filter((begun) => begun.hop > hop && isOfTry(begun))
      .map(({ beganAt }) => beganAt)
      .sort()
    return [{ ...failure, at }]
  })
}

function failureOf(step: number, { type, data, at }: RunEvent): SkippedHop[] {
  if (type !== 'model.failed' || data['step'] !== step) return []
  return [{ ...(data as unknown as Pick<SkippedHop, 'hop' | 'model' | 'code'>), at }]
}
