import { isJsonObject, type Json } from '../../../contracts/json.ts'
import type { ToolCall } from '../../../contracts/message.ts'

/**
 * A call's arguments as text: the model's own, so that its cached beginning stays the same, unless they are no JSON object, on
 * which templates of compatible servers break.
 */
export function soundArguments(written: Json | undefined, call: ToolCall): string {
  if (typeof written === 'string' && isObjectText(written)) return written
  return JSON.stringify(call.arguments)
}

function isObjectText(text: string): boolean {
  try {
    return isJsonObject(JSON.parse(text))
  } catch (error) {
    if (error instanceof SyntaxError) return false
    throw error
  }
}
