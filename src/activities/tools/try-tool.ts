import { cancellationSignal } from '@temporalio/activity'
import { CancelledFailure } from '@temporalio/common'
import { isToolError, type ToolError } from '../../app/define/tool-error.ts'
import type { ActivityName } from '../../contracts/activities.ts'
import { answersWithin } from '../../store/database/answers-within.ts'
import { isOutage } from '../../store/database/outage.ts'
import { STORE_TIMING } from '../../store/database/timing.ts'
import type { Dependencies } from '../dependencies.ts'
import { failure } from '../failure.ts'

/** The tool has thrown an error, or has run out of time. */
export interface ToolFault {
  readonly fault: 'tool_failed' | 'tool_timed_out'
}

/** `refusal`: the tool has refused in its own words. */
export type Tried<T> = { readonly value: T } | { readonly refusal: ToolError } | ToolFault

interface Try {
  readonly activity: ActivityName
  readonly timeoutMs: number
  /** For the log. */
  readonly about: object
}

/**
 * Runs a tool's code once. Where the store is away in the middle of it, the failure is the store's and uses up no try of the tool.
 *
 * @throws ApplicationFailure `store_unavailable`
 */
export async function tryTool<T>(
  work: (signal: AbortSignal) => Promise<T>,
  { activity, timeoutMs, about }: Try,
  { database, logger }: Pick<Dependencies, 'database' | 'logger'>,
): Promise<Tried<T>> {
  const late = new AbortController()
  const clock = setTimeout(() => late.abort(new Late()), timeoutMs)
  try {
    const signal = AbortSignal.any([cancellationSignal(), late.signal])
    return { value: await Promise.race([work(signal), rejectedBy(late.signal)]) }
  } catch (error) {
    if (isToolError(error)) return { refusal: error }
    if (error instanceof CancelledFailure) throw error
    // Node's own functions reject with an error of theirs where their signal is aborted.
    if (cancellationSignal().aborted && isAbortError(error)) throw cancellationSignal().reason
    const isLate = late.signal.aborted
    // A handler that runs out of time while the store does not answer is waiting for the store.
    if (isOutage(error) || (isLate && !(await answersWithin(database, STORE_TIMING.pingMs))))
      throw failure(activity, 'store_unavailable')
    const fault = isLate ? 'tool_timed_out' : 'tool_failed'
    logger.error({ err: error, ...about, code: fault }, 'tool failed')
    return { fault }
  } finally {
    clearTimeout(clock)
  }
}

class Late extends Error {
  override readonly name = 'Late'
}

/** Rejects when the signal aborts, so that the time limit holds for a handler that ignores its signal, too. */
function rejectedBy(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason as Error), { once: true })
  })
}

function isAbortError(error: unknown): boolean {
  return error instanceof Error && error.name === 'AbortError'
}
