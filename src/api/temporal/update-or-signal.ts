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
import { callTemporal } from './call-temporal.ts'
import type { SignalBound } from './signal-bound.ts'

/** Something that a person wants of a run, in the two forms that a workflow takes it. */
export interface Request<Result, Argument extends object, Refusal extends ErrorCode> {
  readonly update: UpdateDefinition<Result, [Argument]>
  readonly signal: SignalDefinition<[Argument]>
  readonly argument: Argument
  /** Why the run does not take it: the types of its failures. */
  readonly refusals: readonly Refusal[]
  readonly bound: SignalBound
}

/**
 * `sent`: no worker answered in time; it lies in the workflow's history and counts once one does. It may then come in as the
 * update too, so the run has to take the same thing twice for once. `busy`: as much of this person's lies there already as may.
 */
export type Reply<Result, Refusal> =
  | { readonly type: 'done'; readonly result: Result }
  | { readonly type: 'sent' | 'not_running' | 'busy' }
  | { readonly type: 'refused'; readonly code: Refusal }

/**
 * Takes a request to the run: as an update, which is answered, or as a signal when nobody is there to answer. An execution that
 * hands over answers nobody either: the update is tried again on the next one, and at last the signal reaches it.
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
      const result = await callTemporal(client, HTTP.temporalTimeoutMs, () =>
        handle.executeUpdate(update, options),
      )
      await bound.forget()
      return { type: 'done', result }
    } catch (error) {
      if (error instanceof WorkflowNotFoundError) return { type: 'not_running' }
      if (error instanceof WorkflowUpdateRPCTimeoutOrCancelledError) break
      if (!(error instanceof WorkflowUpdateFailedError)) throw error
      if (typeOf(error.cause) === 'unavailable') continue
      const reply = replyTo(error.cause, refusals)
      // A full queue has not come to what was sent before.
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

/** An update that fails with anything else was taken in by a workflow that ended before it answered. */
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

/** The same request sent again is the same update: it attaches to the first instead of being refused by it. */
function updateIdOf(argument: object): string {
  return canonicalSha256(JSON.parse(JSON.stringify(argument)) as Json)
}
