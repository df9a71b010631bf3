import { activityInfo, heartbeat } from '@temporalio/activity'
import type { ToolErrorCode } from '../../app/define/tool-error.ts'
import type { Caller, Tool } from '../../app/tool.ts'
import type { JsonObject } from '../../contracts/json.ts'
import type { ToolMessage } from '../../contracts/runs/message.ts'
import type { RunToolInput, ToolOutcome } from '../../contracts/tools/tool-call.ts'
import { SIZES } from '../../policies/limits.ts'
import { toAppDatabase } from '../../store/database/app-database.ts'
import { inCall } from '../../telemetry/activity-scope.ts'
import { runFields, toFactRun } from '../../telemetry/fact-run.ts'
import { toolSpanId } from '../../telemetry/traces/span-ids.ts'
import { traceparentOf } from '../../telemetry/traces/traceparent.ts'
import type { Dependencies } from '../dependencies.ts'
import { resultPreview } from '../preview.ts'
import { errorMessage, resultMessage } from '../tool-message.ts'
import type { CallToMake } from './authorise-call.ts'
import { keepImages } from './keep-images.ts'
import { type ToolFault, tryTool } from './try-tool.ts'

/** The tool's answer: a result, or a refusal in its own words. */
export interface ToolAnswer {
  readonly message: ToolMessage
  readonly outcome: ToolOutcome
}

/**
 * Runs the tool's code once.
 *
 * @throws ApplicationFailure `store_unavailable`, for a try that the store has failed
 */
export async function makeToolCall(
  execute: NonNullable<Tool['execute']>,
  input: RunToolInput,
  { arguments: args, caller, facts, approvedBy }: CallToMake & { readonly caller: Caller },
  timeoutMs: number,
  deps: Pick<Dependencies, 'database' | 'outside' | 'logger' | 'appLogger' | 'logsContent' | 'telemetry'>,
): Promise<ToolAnswer | ToolFault> {
  const { run, step, callId } = input
  const { name } = input.tool
  const { attempt, isLocal } = activityInfo()
  const { telemetry } = deps
  const factRun = toFactRun(run)
  const { trace } = factRun
  const spanId = toolSpanId(factRun, input)
  const about = { ...runFields(run), step, tool: name, callId, attempt }
  const tried = await tryTool(
    async (signal) => {
      const context = {
        caller,
        runId: run.runId,
        callKey: callKeyOf(input),
        traceparent: traceparentOf(trace.traceId, spanId, telemetry.isSampled(trace)),
        db: toAppDatabase(deps.database.everyTenant),
        ...deps.outside,
        facts,
        approvedBy,
        signal,
        heartbeat: isLocal ? noHeartbeat : heartbeat,
        logger: (deps.appLogger ?? deps.logger).child(about),
      }
      const result = await inCall(spanId, () => execute(args, context))
      // Inside the try, since a result that is no JSON is a failure of the tool.
      return { ...result, ...changed(args) }
    },
    { activity: 'runTool', timeoutMs, about },
    deps,
  )
  if ('fault' in tried) return tried
  if ('refusal' in tried) return refused(tried.refusal.code, tried.refusal.message)
  const { result, files } = await keepImages(deps.database, run, tried.value)
  const message = resultMessage({ callId, tool: name }, result, files)
  if (deps.logsContent === true) {
    const content = { arguments: args, result: message.content }
    deps.logger.debug({ ...about, content }, 'what the tool was given and has answered')
  }
  if (isTooLarge(message)) return refused('tool_result_too_large')
  return { message, outcome: { status: 'ok', preview: resultPreview(message.content) } }

  function refused(code: ToolErrorCode | 'tool_result_too_large', text?: string): ToolAnswer {
    const message = errorMessage({ callId, tool: name }, code, text, changed(args))
    // The words of a refusal cost the run as much as a result: the model reads both at every further step.
    if (text !== undefined && isTooLarge(message)) return refused('tool_result_too_large')
    return { message, outcome: { status: 'failed', code, preview: resultPreview(message.content) } }
  }

  /** Shows the model the arguments of an edit. It would otherwise take the result for that of its own arguments. */
  function changed(args: JsonObject): JsonObject {
    return input.edited ? { person_changed_arguments: args } : {}
  }
}

function isTooLarge({ content }: ToolMessage): boolean {
  return Buffer.byteLength(content) > SIZES.maxToolResultBytes
}

/**
 * The key that a tool gets for its call, the same for every attempt. A tool that carries out a repeated key once gets the same key when a
 * person has the call repeated, too: that makes the repetition harmless.
 */
function callKeyOf({ run, step, index, again, tool }: RunToolInput): string {
  const key = `${run.runId}/${step}/${index}`
  return again > 0 && tool.idempotency === 'none' ? `${key}/${again}` : key
}

/** Local activities have no heartbeats. */
function noHeartbeat(): void {
  return
}
