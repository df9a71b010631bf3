import { ERROR_CODES, type ErrorCode } from '../contracts/error-codes.ts'
import type { MessageFile } from '../contracts/files/message-file.ts'
import type { JsonObject } from '../contracts/json.ts'
import type { ToolMessage } from '../contracts/runs/message.ts'
import type { ToolResultNote } from '../contracts/tools/tool-call.ts'

type Call = Pick<ToolMessage, 'callId' | 'tool'>

/** A tool's result as the model reads it. */
export function resultMessage(
  { callId, tool }: Call,
  result: JsonObject,
  files: readonly Omit<MessageFile, 'at'>[] = [],
): ToolMessage {
  const content = JSON.stringify(result)
  const behind = files.map((file) => ({ ...file, at: content.length }))
  return { role: 'tool', callId, tool, content, ...(files.length > 0 && { files: behind }), isError: false }
}

/** The reason for a missing result, in the catalogue's words or more exact ones of ours. `extra` says what the model has to correct. */
export function errorMessage(
  { callId, tool }: Call,
  code: ErrorCode,
  message: string = ERROR_CODES[code].text,
  extra: JsonObject = {},
): ToolMessage {
  const content = JSON.stringify({ error: code, message, ...extra })
  return { role: 'tool', callId, tool, content, isError: true }
}

/** A result that the run gives in the tool's place. A person's words are marked as such. */
export function noteMessage({ callId, tool, code, handoff, handedTo, message }: ToolResultNote): ToolMessage {
  const call = { callId, tool }
  if (handoff !== undefined) return resultMessage(call, { handed_to: handoff })
  if (code === undefined) return resultMessage(call, { answered_by_person: message ?? '' })
  return errorMessage(call, code, undefined, {
    ...(message !== undefined && { person_says: message }),
    ...(handedTo !== undefined && { handed_to: handedTo }),
  })
}
