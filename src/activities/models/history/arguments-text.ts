import { isJsonObject, type Json } from '../../../contracts/json.ts'
import type { ToolCall } from '../../../contracts/runs/message.ts'

/**
 * A call's arguments as text. It is the model's own text, so that the provider's cache is used, unless that is no JSON object, on which
 * templates of compatible servers fail.
 */
export function argumentsText(written: Json | undefined, call: ToolCall): string {
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
