import {
  ApplicationFailure,
  type Client,
  WorkflowNotFoundError,
  WorkflowUpdateFailedError,
  WorkflowUpdateRPCTimeoutOrCancelledError,
} from '@temporalio/client'
import type { SignalDefinition, UpdateDefinition } from '@temporalio/common'
import type { ErrorCode } from '../../contracts/error-codes.ts'
import type { Json } from '../../contracts/json.ts'
import { HTTP } from '../../policies/api.ts'
import { canonicalSha256 } from '../../security/canonical-sha256.ts'
import { inTime } from '../../store/database/in-time.ts'
import { callTemporal } from './call-temporal.ts'
import type { SignalBound } from './signal-bound.ts'

/** A person's request to a run, as the update and as the signal that the workflow takes. */
export interface Request<Result, Argument extends object, Refusal extends ErrorCode> {
  readonly update: UpdateDefinition<Result, [Argument]>
  readonly signal: SignalDefinition<[Argument]>
  readonly argument: Argument
  /** Codes with which the run may refuse it: types of the update's failure. */
  readonly refusals: readonly Refusal[]
  readonly bound: SignalBound
}

/**
 * `sent`: no worker answered in time; the signal is in the workflow's history and counts once a worker is there. The update may arrive
 * then as well, so the run has to take the two as one. `busy`: this person has as many unanswered signals there as the bound allows.
 */
export type Reply<Result, Refusal> =
  | { readonly type: 'done'; readonly result: Result }
  | { readonly type: 'sent' | 'not_running' | 'busy' }
  | { readonly type: 'refused'; readonly code: Refusal }

/**
 * Sends a request to the run as an update, which is answered; where no worker answers, as a signal. An execution that hands over does not
 * answer either: the update is sent again to the next execution, and in the end the signal.
 */
export async function updateOrSignal<Result, Argument extends object, Refusal extends ErrorCode>(
  client: Client,
  workflowId: string,
  { update, signal, argument, refusals, bound }: Request<Result, Argument, Refusal>,
): Promise<Reply<Result, Refusal>> {
  const handle = client.workflow.getHandle(workflowId)
  const options = { args: [argument] as [Argument], updateId: updateIdOf(argument) }
  for (let attempt = 1; attempt <= HTTP.updateAttempts; attempt += 1) {
    try {
      const send = () => handle.executeUpdate(update, options)
      const result = await unlessAway(client, callTemporal(client, HTTP.updateTimeoutMs, send))
      await bound.forget()
      return { type: 'done', result }
    } catch (error) {
      if (error instanceof WorkflowNotFoundError) return { type: 'not_running' }
      if (error instanceof WorkflowUpdateRPCTimeoutOrCancelledError) break
      if (!(error instanceof WorkflowUpdateFailedError)) throw error
      if (typeOf(error.cause) === 'unavailable') continue
      const reply = replyTo(error.cause, refusals)
      // A run with a full queue has not yet taken the signals that were sent before.
      if (reply.type === 'refused' && reply.code !== 'run_busy') await bound.forget()
      return reply
    }
  }
  if (!(await bound.count())) return { type: 'busy' }
  try {
    await callTemporal(client, HTTP.temporalTimeoutMs, () => handle.signal(signal, argument))
    return { type: 'sent' }
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) return { type: 'not_running' }
    throw error
  }
}

/**
 * The answer to an update. A worker may take its time over it; Temporal, which says nothing either way, is asked whether it is there.
 *
 * @throws Problem unavailable where it is not
 */
async function unlessAway<T>(client: Client, update: Promise<T>): Promise<T> {
  const answer = await inTime(
    HTTP.updateDoubtMs,
    update.then((result) => ({ result })),
  )
  if (answer !== null) return answer.result
  const isThere = callTemporal(client, HTTP.updateDoubtMs, () => client.workflowService.getSystemInfo({}))
  return Promise.race([update, isThere.then(() => update)])
}

/** Any other failure comes from a workflow that ended before it answered the update. */
function replyTo<Refusal extends ErrorCode>(
  cause: unknown,
  refusals: readonly Refusal[],
): Reply<never, Refusal> {
  const code = refusals.find((refusal) => refusal === typeOf(cause))
  return code === undefined ? { type: 'not_running' } : { type: 'refused', code }
}

function typeOf(cause: unknown): string | null | undefined {
  return cause instanceof ApplicationFailure ? cause.type : undefined
}

/** A repeated request gets the same update id, so that it attaches to the first update and gets its answer. */
function updateIdOf(argument: object): string {
  return canonicalSha256(JSON.parse(JSON.stringify(argument)) as Json)
}
