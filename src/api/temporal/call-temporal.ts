import {
  type Client,
  WorkflowExecutionAlreadyStartedError,
  WorkflowNotFoundError,
  WorkflowUpdateFailedError,
  WorkflowUpdateRPCTimeoutOrCancelledError,
} from '@temporalio/client'
import type { OutageWatch } from '../../store/database/outage-watch.ts'
import { Problem } from '../http/problem.ts'

const ANSWERS = [
  WorkflowExecutionAlreadyStartedError,
  WorkflowNotFoundError,
  WorkflowUpdateFailedError,
  WorkflowUpdateRPCTimeoutOrCancelledError,
]

/**
 * A call to Temporal with a deadline: without one the client would retry for minutes while a request waits.
 *
 * @param watch is told whether the server was there
 * @throws the client's own error where the server's answer is one that the caller can act on
 * @throws Problem unavailable for every other failure
 */
export async function callTemporal<T>(
  client: Client,
  timeoutMs: number,
  call: () => Promise<T>,
  watch?: OutageWatch,
): Promise<T> {
  try {
    const answer = await client.withDeadline(Date.now() + timeoutMs, call)
    watch?.answered()
    return answer
  } catch (cause) {
    if (ANSWERS.some((answer) => cause instanceof answer)) {
      watch?.answered()
      throw cause
    }
    if (isAway(cause)) watch?.lost(cause)
    throw new Problem('unavailable', { cause })
  }
}

/** gRPC's DEADLINE_EXCEEDED and UNAVAILABLE. The client wraps the error of a call to a workflow. */
function isAway(error: unknown): boolean {
  const { code, cause } = error as { readonly code?: unknown; readonly cause?: unknown }
  return code === 4 || code === 14 || (cause instanceof Error && isAway(cause))
}
