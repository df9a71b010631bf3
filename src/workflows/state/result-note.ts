import type { ErrorCode } from '../../contracts/error-codes.ts'
import type { ToolResultNote } from '../../contracts/tool-call.ts'
import type { CallState } from './tools/call-state.ts'

/** What the run itself says in the place of a call's result. */
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
