import { cancellationSignal } from '@temporalio/activity'
import { CancelledFailure } from '@temporalio/common'
import { isToolError, type ToolError } from '../../app/define/tool-error.ts'
import type { ActivityName } from '../../contracts/activities.ts'
import { answersWithin } from '../../store/database/answers-within.ts'
import { isOutage } from '../../store/database/outage.ts'
import { STORE_TIMING } from '../../store/database/timing.ts'
import type { Dependencies } from '../dependencies.ts'
import { failure } from '../failure.ts'

/** The tool did not come to an answer. */
export interface ToolFault {
  readonly fault: 'tool_failed' | 'tool_timed_out'
}

/** What a try gives, or the tool's plain no. */
export type Tried<T> = { readonly value: T } | { readonly no: ToolError } | ToolFault

interface Try {
  readonly activity: ActivityName
  readonly timeoutMs: number
  /** For the log. */
  readonly about: object
}

/**
 * One try of code of a tool's. What the store fails in it is the store's failure and not the tool's.
 *
 * @throws ApplicationFailure `store_unavailable`, for that
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
    if (isToolError(error)) return { no: error }
    if (error instanceof CancelledFailure) throw error
    const isLate = late.signal.aborted
    // A handler that runs out of time while it waits for the store is not what is slow.
    if (isOutage(error) || (isLate && !(await answersWithin(database, STORE_TIMING.pingMs))))
      throw failure(activity, 'store_unavailable')
    logger.error({ err: error, ...about }, 'tool failed')
    return { fault: isLate ? 'tool_timed_out' : 'tool_failed' }
  } finally {
    clearTimeout(clock)
  }
}

class Late extends Error {
  override readonly name = 'Late'
}

/** Waits for nobody who does not listen to the signal. */
function rejectedBy(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason as Error), { once: true })
  })
}
