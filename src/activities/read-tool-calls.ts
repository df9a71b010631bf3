import type { ErrorCode } from '../contracts/error-codes.ts'
import type { JsonObject } from '../contracts/json.ts'
import type { ToolCall, ToolMessage } from '../contracts/message.ts'
import type { PendingToolCall } from '../contracts/tool.ts'
import { SIZES } from '../policies/limits.ts'
import { argumentsHash } from './arguments-hash.ts'
import type { Dependencies } from './dependencies.ts'
import { errorMessage } from './tool-message.ts'

interface ReadToolCalls {
  readonly calls: readonly PendingToolCall[]
  /** What the model is told of the calls that can't be run, at their place in the transcript. */
  readonly notes: readonly { readonly seq: number; readonly message: ToolMessage }[]
}

interface Surroundings extends Pick<Dependencies, 'findTool'> {
  readonly allowed: readonly string[]
  /** Tools whose rules ask whether the principal has used them before, and those of them it never has. */
  readonly firstTimeOf: readonly string[]
  readonly neverUsed: readonly string[]
  /** The answer's transcript position. */
  readonly seq: number
}

/** What a model wants called, checked before anybody is asked to approve it. */
export function readToolCalls(
  toolCalls: readonly ToolCall[],
  { allowed, firstTimeOf, neverUsed, seq, findTool }: Surroundings,
): ReadToolCalls {
  const calls: PendingToolCall[] = []
  const notes: { seq: number; message: ToolMessage }[] = []
  for (const [index, call] of toolCalls.entries()) {
    const bytes = Buffer.byteLength(JSON.stringify(call.arguments))
    const problem = findProblem(call, index, bytes, allowed, findTool)
    if (problem)
      notes.push({
        seq: seq + 1 + index,
        message: errorMessage(call, problem.code, undefined, problem.extra),
      })
    calls.push({
      index,
      callId: call.callId,
      tool: call.tool,
      arguments: bytes <= SIZES.inlineArgumentsBytes ? call.arguments : null,
      argumentsSha256: argumentsHash(call.arguments),
      ...(firstTimeOf.includes(call.tool) && { firstTime: neverUsed.includes(call.tool) }),
      ...(problem && { problem: problem.code }),
    })
  }
  return { calls, notes }
}

interface Problem {
  readonly code: Extract<ErrorCode, NonNullable<PendingToolCall['problem']>>
  readonly extra?: JsonObject
}

function findProblem(
  call: ToolCall,
  index: number,
  bytes: number,
  allowed: readonly string[],
  findTool: Dependencies['findTool'],
): Problem | null {
  if (index >= SIZES.maxToolCallsPerStep) return { code: 'tool_too_many_calls' }
  const tool = allowed.includes(call.tool) ? findTool(call.tool) : null
  if (tool === null) return { code: 'tool_unknown' }
  if (bytes > SIZES.maxArgumentsBytes) return { code: 'tool_arguments_invalid' }
  const at = tool.misfits(call.arguments)
  return at.length > 0 ? { code: 'tool_arguments_invalid', extra: { at } } : null
}
