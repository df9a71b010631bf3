import { activityInfo, cancellationSignal, heartbeat } from '@temporalio/activity'
import { CancelledFailure } from '@temporalio/common'
import type { RunToolInput, ToolOutcome } from '../contracts/activities.ts'
import type { JsonObject } from '../contracts/json.ts'
import type { ToolMessage } from '../contracts/message.ts'
import { SIZES } from '../policies/limits.ts'
import { claimToolCall, storeToolResult } from '../store/tool-calls.ts'
import type { AcceptedRun } from './accepted-runs.ts'
import { argumentsHash } from './arguments-hash.ts'
import { findArguments } from './check-tool-call.ts'
import type { Dependencies, ToolHandler } from './dependencies.ts'
import { failure } from './failure.ts'
import { Forged } from './forged.ts'
import { resultPreview } from './preview.ts'
import { errorMessage, resultMessage } from './tool-message.ts'
import { ToolError } from './tools/tool-error.ts'

/**
 * One tool call, at most once in effect. A call that changes something is claimed before it is made; an attempt that finds
 * the claim already taken makes the call again only where the tool does a repeated key once, and otherwise reports that
 * nobody knows how it ended.
 */
export function createRunTool(deps: Dependencies) {
  const { database, findTool, logger } = deps

  return async function runTool(input: RunToolInput, { plan }: AcceptedRun): Promise<ToolOutcome> {
    const { run, step, index, again, seq, callId } = input
    const { name, effect, idempotency } = input.tool
    const { attempt, isLocal } = activityInfo()
    const startedAt = performance.now()

    const handler = findTool(name)?.run
    if (handler === undefined) throw failure('runTool', 'agent_unknown')
    const args = await findArguments(database, plan, input)
    if (args === null || argumentsHash(args) !== input.argumentsSha256) {
      throw failure('runTool', 'tool_arguments_mismatch')
    }

    const finish = async (message: ToolMessage, outcome: ToolOutcome): Promise<ToolOutcome> => {
      const stored = await storeToolResult(database, {
        run,
        step,
        index,
        again,
        seq,
        attempt,
        message,
        argumentsSha256: input.argumentsSha256,
        outcome,
        latencyMs: Math.round(performance.now() - startedAt),
      })
      if (stored === 'not_authorised') throw new Forged('not_requested')
      return stored
    }

    // A read may be repeated at will: it needs no claim.
    if (effect !== 'read') {
      const claim = await claimToolCall(database, {
        run,
        step,
        index,
        again,
        tool: name,
        effect,
        callId,
        argumentsSha256: input.argumentsSha256,
        attempt,
      })
      if (claim.state === 'not_authorised') throw new Forged('not_requested')
      if (claim.state === 'done') return claim.outcome
      if (claim.state === 'begun_before' && idempotency === 'none') {
        return finish(errorMessage({ callId, tool: name }, 'tool_outcome_unknown'), {
          status: 'outcome_unknown',
          code: 'tool_outcome_unknown',
          preview: '',
        })
      }
    }

    const answer = await call(handler, args)
    return finish(answer.message, answer.outcome)

    async function call(
      handler: ToolHandler,
      args: JsonObject,
    ): Promise<{ message: ToolMessage; outcome: ToolOutcome }> {
      try {
        const result = await handler(args, {
          run,
          callKey: callKeyOf(input),
          db: database,
          signal: cancellationSignal(),
          heartbeat: isLocal ? noHeartbeat : heartbeat,
          logger,
        })
        const message = resultMessage({ callId, tool: name }, { ...result, ...changed(args) })
        if (Buffer.byteLength(message.content) > SIZES.maxToolResultBytes)
          return failed(args, 'tool_result_too_large')
        return { message, outcome: { status: 'ok', preview: resultPreview(message.content) } }
      } catch (error) {
        if (error instanceof ToolError) return failed(args, error.code, error.message)
        if (error instanceof CancelledFailure) throw error
        logger.error({ err: error, runId: run.runId, step, index, tool: name, attempt }, 'tool failed')
        throw failure('runTool', 'tool_failed')
      }
    }

    function failed(args: JsonObject, code: ToolError['code'] | 'tool_result_too_large', text?: string) {
      const message = errorMessage({ callId, tool: name }, code, text, changed(args))
      return {
        message,
        outcome: { status: 'failed' as const, code, preview: resultPreview(message.content) },
      }
    }

    /** Else the model would take the result for that of the call it asked for. */
    function changed(args: JsonObject): JsonObject {
      return input.edited ? { person_changed_arguments: args } : {}
    }
  }
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
