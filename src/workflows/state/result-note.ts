import type { ErrorCode } from '../../contracts/error-codes.ts'
import type { ToolResultNote } from '../../contracts/tools/tool-call.ts'
import type { CallState } from './tools/call-state.ts'

/** A result that the run itself gives a call, in place of the tool. */
export function resultNote(
  { seq, callId, tool, index }: CallState,
  code?: ErrorCode,
  message?: string,
): ToolResultNote {
  return {
    index,
    seq,
    callId,
    tool,
    ...(code !== undefined && { code }),
    ...(message !== undefined && { message }),
  }
}
