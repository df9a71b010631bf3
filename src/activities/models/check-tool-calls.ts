import type { App } from '../../app/app.ts'
import type { JsonObject } from '../../contracts/json.ts'
import type { Message, ToolCall, ToolMessage } from '../../contracts/runs/message.ts'
import type { CallProblem, PendingToolCall } from '../../contracts/tools/tool.ts'
import { SIZES } from '../../policies/limits.ts'
import { canonicalSha256 } from '../../security/canonical-sha256.ts'
import { inlineInHistory } from '../inline-in-history.ts'
import { errorMessage } from '../tool-message.ts'

export interface CheckedToolCalls {
  readonly calls: readonly PendingToolCall[]
  /** The same calls as the transcript keeps them. */
  readonly transcriptCalls: readonly ToolCall[]
  /** The results of the calls that can't be made, each at its place in the transcript. */
  readonly notes: readonly { readonly seq: number; readonly message: ToolMessage }[]
}

interface CheckContext {
  readonly app: Pick<App, 'tool'>
  /** The agent's tools, those included that the run will refuse to the caller. */
  readonly allowed: readonly string[]
  /** Tools whose rules ask whether the principal has used them before, and those of them it never has. */
  readonly firstTimeOf: readonly string[]
  readonly neverUsed: readonly string[]
  /** The answer's transcript position. */
  readonly seq: number
}

/** Checks the calls of an answer, before anybody is asked to approve one. */
export function checkToolCalls(
  toolCalls: readonly ToolCall[],
  { allowed, firstTimeOf, neverUsed, seq, app }: CheckContext,
): CheckedToolCalls {
  const calls: PendingToolCall[] = []
  const transcriptCalls: ToolCall[] = []
  const notes: { seq: number; message: ToolMessage }[] = []
  for (const [index, call] of toolCalls.entries()) {
    const problem = findProblem(call, index, allowed, app)
    if (problem)
      notes.push({
        seq: seq + 1 + index,
        message: errorMessage(call, problem.code, undefined, problem.extra),
      })
    transcriptCalls.push(problem ? { ...call, problem: problem.code } : call)
    calls.push({
      index,
      callId: call.callId,
      tool: call.tool,
      arguments: inlineInHistory(call.arguments),
      argumentsSha256: canonicalSha256(call.arguments),
      ...(firstTimeOf.includes(call.tool) && { firstTime: neverUsed.includes(call.tool) }),
      ...(problem && { problem: problem.code }),
    })
  }
  return { calls, transcriptCalls, notes }
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

/** How many answers at the end of a transcript, one after the other, have calls of which none could be made. */
export function wrongCallsInARow(transcript: readonly Message[]): number {
  const turns = transcript.filter(({ role }) => role !== 'tool').toReversed()
  const end = turns.findIndex((turn) => !isWrong(turn))
  return end === -1 ? turns.length : end
}

function isWrong(message: Message): boolean {
  return (
    message.role === 'assistant' &&
    message.toolCalls.length > 0 &&
    message.toolCalls.every(({ problem }) => problem !== undefined)
  )
}
