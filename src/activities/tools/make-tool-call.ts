import { activityInfo, cancellationSignal, heartbeat } from '@temporalio/activity'
import { CancelledFailure } from '@temporalio/common'
import { isToolError, type ToolErrorCode } from '../../app/define/tool-error.ts'
import type { Caller, Tool } from '../../app/tool.ts'
import type { RunToolInput, ToolOutcome } from '../../contracts/activities.ts'
import type { JsonObject } from '../../contracts/json.ts'
import type { ToolMessage } from '../../contracts/message.ts'
import type { RunIdentity } from '../../contracts/run.ts'
import { SIZES } from '../../policies/limits.ts'
import { answersWithin } from '../../store/database/answers-within.ts'
import { toAppDatabase } from '../../store/database/app-database.ts'
import { isOutage } from '../../store/database/outage.ts'
import { STORE_TIMING } from '../../store/database/timing.ts'
import type { Dependencies } from '../dependencies.ts'
import { failure } from '../failure.ts'
import { resultPreview } from '../preview.ts'
import { errorMessage, resultMessage } from '../tool-message.ts'

/** What the tool says, a plain no included. */
export interface ToolAnswer {
  readonly message: ToolMessage
  readonly outcome: ToolOutcome
}

/** The tool did not come to an answer. */
export interface ToolFault {
  readonly fault: 'tool_failed' | 'tool_timed_out'
}

/**
 * One try of a tool. What the store fails in it is the store's failure and not the tool's.
 *
 * @throws ApplicationFailure `store_unavailable`, for that
 */
export async function makeToolCall(
  execute: NonNullable<Tool['execute']>,
  input: RunToolInput,
  args: JsonObject,
  timeoutMs: number,
  { database, outside, logger }: Pick<Dependencies, 'database' | 'outside' | 'logger'>,
): Promise<ToolAnswer | ToolFault> {
  const { run, step, index, callId } = input
  const { name } = input.tool
  const { attempt, isLocal } = activityInfo()
  const late = new AbortController()
  const clock = setTimeout(() => late.abort(new Late()), timeoutMs)
  try {
    const work = execute(args, {
      caller: callerOf(run),
      runId: run.runId,
      callKey: callKeyOf(input),
      db: toAppDatabase(database),
      ...outside,
      facts: {},
      approvedBy: [],
      signal: AbortSignal.any([cancellationSignal(), late.signal]),
      heartbeat: isLocal ? noHeartbeat : heartbeat,
      logger,
    })
    const result = await Promise.race([work, rejectedBy(late.signal)])
    const message = resultMessage({ callId, tool: name }, { ...result, ...changed(args) })
    if (Buffer.byteLength(message.content) > SIZES.maxToolResultBytes) return no('tool_result_too_large')
    return { message, outcome: { status: 'ok', preview: resultPreview(message.content) } }
  } catch (error) {
    if (isToolError(error)) return no(error.code, error.message)
    if (error instanceof CancelledFailure) throw error
    const isLate = late.signal.aborted
    // A handler that runs out of time while it waits for the store is not what is slow.
    if (isOutage(error) || (isLate && !(await answersWithin(database, STORE_TIMING.pingMs))))
      throw failure('runTool', 'store_unavailable')
    logger.error({ err: error, runId: run.runId, step, index, tool: name, attempt }, 'tool failed')
    return { fault: isLate ? 'tool_timed_out' : 'tool_failed' }
  } finally {
    clearTimeout(clock)
  }

  function no(code: ToolErrorCode | 'tool_result_too_large', text?: string): ToolAnswer {
    const message = errorMessage({ callId, tool: name }, code, text, changed(args))
    return { message, outcome: { status: 'failed', code, preview: resultPreview(message.content) } }
  }

  /** Else the model would take the result for that of the call it asked for. */
  function changed(args: JsonObject): JsonObject {
    return input.edited ? { person_changed_arguments: args } : {}
  }
}

/** Whom a handler acts for: all that it may know of the run's person. */
function callerOf({ tenant, principal, groups = [] }: RunIdentity): Caller {
  return { tenant, principal, groups }
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

/**
 * The key that a tool gets for its call. It is the same for every attempt; and for a tool that does a repeated key once also
 * when a person has it called again, since that is what makes the repetition harmless.
 */
function callKeyOf({ run, step, index, again, tool }: RunToolInput): string {
  const key = `${run.runId}/${step}/${index}`
  return again > 0 && tool.idempotency === 'none' ? `${key}/${again}` : key
}

/** Local activities have no heartbeats. */
function noHeartbeat(): void {
  return
}
