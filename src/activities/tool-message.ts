import { ERROR_CODES, type ErrorCode } from '../contracts/error-codes.ts'
import type { JsonObject } from '../contracts/json.ts'
import type { ToolMessage } from '../contracts/message.ts'
import type { ToolResultNote } from '../contracts/tool-call.ts'

type Call = Pick<ToolMessage, 'callId' | 'tool'>

/** A tool's result as the model reads it. */
export function resultMessage({ callId, tool }: Call, result: JsonObject): ToolMessage {
  return { role: 'tool', callId, tool, content: JSON.stringify(result), isError: false }
}

/** Why there is no result, in our own words: the catalogue's, or more exact ones. `extra` tells the model what to mend. */
export function errorMessage(
  { callId, tool }: Call,
  code: ErrorCode,
  message: string = ERROR_CODES[code].text,
  extra: JsonObject = {},
): ToolMessage {
  const content = JSON.stringify({ error: code, message, ...extra })
  return { role: 'tool', callId, tool, content, isError: true }
}

/** What a model is told in a result's place. A person's words are passed on as such. */
export function noteMessage({ callId, tool, code, handoff, handedTo, message }: ToolResultNote): ToolMessage {
  const call = { callId, tool }
  if (handoff !== undefined) return resultMessage(call, { handed_to: handoff })
  if (code === undefined) return resultMessage(call, { answered_by_person: message ?? '' })
  return errorMessage(call, code, undefined, {
    ...(message !== undefined && { person_says: message }),
    ...(handedTo !== undefined && { handed_to: handedTo }),
  })
}
