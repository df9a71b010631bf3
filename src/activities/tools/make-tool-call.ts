import { activityInfo, heartbeat } from '@temporalio/activity'
import type { ToolErrorCode } from '../../app/define/tool-error.ts'
import type { Tool } from '../../app/tool.ts'
import type { JsonObject } from '../../contracts/json.ts'
import type { ToolMessage } from '../../contracts/message.ts'
import type { RunToolInput, ToolOutcome } from '../../contracts/tool-call.ts'
import { SIZES } from '../../policies/limits.ts'
import { toAppDatabase } from '../../store/database/app-database.ts'
import { callerOf } from '../caller-of.ts'
import type { Dependencies } from '../dependencies.ts'
import { resultPreview } from '../preview.ts'
import { errorMessage, resultMessage } from '../tool-message.ts'
import type { CallToMake } from './check-tool-call.ts'
import { type ToolFault, tryTool } from './try-tool.ts'

/** What the tool says, a plain no included. */
export interface ToolAnswer {
  readonly message: ToolMessage
  readonly outcome: ToolOutcome
}

/**
 * One try of a tool.
 *
 * @throws ApplicationFailure `store_unavailable`, for a try that the store has failed
 */
export async function makeToolCall(
  execute: NonNullable<Tool['execute']>,
  input: RunToolInput,
  { arguments: args, facts, approvedBy }: CallToMake,
  timeoutMs: number,
  deps: Pick<Dependencies, 'database' | 'outside' | 'logger'>,
): Promise<ToolAnswer | ToolFault> {
  const { run, step, index, callId } = input
  const { name } = input.tool
  const { attempt, isLocal } = activityInfo()
  const tried = await tryTool(
    async (signal) => {
      const result = await execute(args, {
        caller: callerOf(run),
        runId: run.runId,
        callKey: callKeyOf(input),
        db: toAppDatabase(deps.database),
        ...deps.outside,
        facts,
        approvedBy,
        signal,
        heartbeat: isLocal ? noHeartbeat : heartbeat,
        logger: deps.logger,
      })
      // Here, since a result that is no JSON is a failure of the tool.
      return resultMessage({ callId, tool: name }, { ...result, ...changed(args) })
    },
    { activity: 'runTool', timeoutMs, about: { runId: run.runId, step, index, tool: name, attempt } },
    deps,
  )
  if ('fault' in tried) return tried
  if ('no' in tried) return no(tried.no.code, tried.no.message)
  const message = tried.value
  if (Buffer.byteLength(message.content) > SIZES.maxToolResultBytes) return no('tool_result_too_large')
  return { message, outcome: { status: 'ok', preview: resultPreview(message.content) } }

  function no(code: ToolErrorCode | 'tool_result_too_large', text?: string): ToolAnswer {
    const message = errorMessage({ callId, tool: name }, code, text, changed(args))
    return { message, outcome: { status: 'failed', code, preview: resultPreview(message.content) } }
  }

  /** Else the model would take the result for that of the call it asked for. */
  function changed(args: JsonObject): JsonObject {
    return input.edited ? { person_changed_arguments: args } : {}
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
