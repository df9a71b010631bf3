import {
  type Client,
  WorkflowExecutionAlreadyStartedError,
  WorkflowNotFoundError,
  WorkflowUpdateFailedError,
  WorkflowUpdateRPCTimeoutOrCancelledError,
} from '@temporalio/client'
import { inTime } from '../../store/database/in-time.ts'
import type { OutageWatch } from '../../store/database/outage-watch.ts'
import { Problem } from '../http/problems/problem.ts'

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
    const asked = callWithin(client, timeoutMs, call).then((answer) => ({ answer }))
    const answered = await inTime(timeoutMs + GRACE_MS, asked)
    if (answered === null) throw new BetweenTries('The client waits for its next try, past its deadline.')
    watch?.answered()
    return answered.answer
  } catch (cause) {
    if (ANSWERS.some((answer) => cause instanceof answer)) {
      watch?.answered()
      throw cause
    }
    if (isAway(cause)) watch?.lost(cause)
    throw new Problem('unavailable', { cause })
  }
}

/**
 * A call with a deadline that `callsSettled` waits for. The client may look at the deadline up to two seconds late.
 *
 * @throws the client's own error
 */
export function callWithin<T>(client: Client, timeoutMs: number, call: () => Promise<T>): Promise<T> {
  const asked = client.withDeadline(Date.now() + timeoutMs, call)
  underWay(client).add(asked)
  const forget = () => underWay(client).delete(asked)
  asked.then(forget, forget)
  return asked
}

const callsOf = new WeakMap<Client, Set<Promise<unknown>>>()

function underWay(client: Client): Set<Promise<unknown>> {
  const calls = callsOf.get(client) ?? new Set()
  callsOf.set(client, calls)
  return calls
}

/**
 * Resolves once no call of this client is under way, those that were given up between two tries included, which takes a second or two. To be
 * awaited before the connection is closed: a try on a closed one throws where nobody can catch it.
 */
export async function callsSettled(client: Client): Promise<void> {
  await Promise.allSettled(underWay(client))
}

/** By then a server that has the call has been given up by gRPC itself. */
const GRACE_MS = 100

/** Between two tries the client sleeps without a look at the deadline; the tries before have failed. */
class BetweenTries extends Error {}

/**
 * UNAVAILABLE, or a deadline that passed without a connection, also between two tries of the client. A server that has the call and
 * answers late is there: gRPC then names its address. The client wraps the error of a call to a workflow.
 */
function isAway(error: unknown): boolean {
  if (error instanceof BetweenTries) return true
  const { code, details, cause } = error as Failed
  if (code === grpc.DEADLINE_EXCEEDED) return !String(details).includes('remote_addr=')
  return code === grpc.UNAVAILABLE || (cause instanceof Error && isAway(cause))
}

const grpc = { DEADLINE_EXCEEDED: 4, UNAVAILABLE: 14 } as const

interface Failed {
  readonly code?: unknown
  readonly details?: unknown
  readonly cause?: unknown
}
