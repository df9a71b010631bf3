import {
  type Client,
  WorkflowExecutionAlreadyStartedError,
  WorkflowNotFoundError,
  WorkflowUpdateFailedError,
  WorkflowUpdateRPCTimeoutOrCancelledError,
} from '@temporalio/client'
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
 * @throws the client's own error where the server's answer is one that the caller can act on
 * @throws Problem unavailable for every other failure
 */
export async function callTemporal<T>(client: Client, timeoutMs: number, call: () => Promise<T>): Promise<T> {
  try {
    return await client.withDeadline(Date.now() + timeoutMs, call)
  } catch (cause) {
    if (ANSWERS.some((answer) => cause instanceof answer)) throw cause
    throw new Problem('unavailable', { cause })
  }
}
