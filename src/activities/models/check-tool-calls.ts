import type { App } from '../../app/app.ts'
import type { JsonObject } from '../../contracts/json.ts'
import type { ToolCall, ToolMessage } from '../../contracts/message.ts'
import type { CallProblem, PendingToolCall } from '../../contracts/tool.ts'
import { SIZES } from '../../policies/limits.ts'
import { canonicalSha256 } from '../../security/canonical-sha256.ts'
import { inHistory } from '../in-history.ts'
import { errorMessage } from '../tool-message.ts'

export interface CheckToolCalls {
  readonly calls: readonly PendingToolCall[]
  /** The same as the transcript keeps them. */
  readonly asked: readonly ToolCall[]
  /** What the model is told of the calls that can't be run, at their place in the transcript. */
  readonly notes: readonly { readonly seq: number; readonly message: ToolMessage }[]
}

interface Surroundings {
  readonly app: Pick<App, 'tool'>
  readonly allowed: readonly string[]
  /** Tools whose rules ask whether the principal has used them before, and those of them it never has. */
  readonly firstTimeOf: readonly string[]
  readonly neverUsed: readonly string[]
  /** The answer's transcript position. */
  readonly seq: number
}

/** What a model wants called, checked before anybody is asked to approve it. */
export function checkToolCalls(
  toolCalls: readonly ToolCall[],
  { allowed, firstTimeOf, neverUsed, seq, app }: Surroundings,
): CheckToolCalls {
  const calls: PendingToolCall[] = []
  const asked: ToolCall[] = []
  const notes: { seq: number; message: ToolMessage }[] = []
  for (const [index, call] of toolCalls.entries()) {
    const problem = findProblem(call, index, allowed, app)
    if (problem)
      notes.push({
        seq: seq + 1 + index,
        message: errorMessage(call, problem.code, undefined, problem.extra),
      })
    asked.push(problem ? { ...call, problem: problem.code } : call)
    calls.push({
      index,
      callId: call.callId,
      tool: call.tool,
      arguments: inHistory(call.arguments),
      argumentsSha256: canonicalSha256(call.arguments),
      ...(firstTimeOf.includes(call.tool) && { firstTime: neverUsed.includes(call.tool) }),
      ...(problem && { problem: problem.code }),
    })
  }
  return { calls, asked, notes }
}

interface Problem {
  readonly code: CallProblem
  readonly extra?: JsonObject
}

function findProblem(
  call: ToolCall,
  index: number,
  allowed: readonly string[],
  app: Pick<App, 'tool'>,
): Problem | null {
  if (index >= SIZES.maxToolCallsPerStep) return { code: 'tool_too_many_calls' }
  const tool = allowed.includes(call.tool) ? app.tool(call.tool) : null
  if (tool === null) return { code: 'tool_unknown' }
  if (call.problem !== undefined) {
    return { code: call.problem, ...(call.received !== undefined && { extra: { received: call.received } }) }
  }
  const at = tool.invalidArguments(call.arguments)
  return at.length > 0 ? { code: 'tool_arguments_invalid', extra: { at } } : null
}
