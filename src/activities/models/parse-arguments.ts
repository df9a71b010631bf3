import type { JsonObject } from '../../contracts/json.ts'
import { ModelFailure, type ModelFailureDetails } from './model-failure.ts'

/**
 * A tool call's arguments as a model wrote them. No text at all counts as `{}`, as models write for a tool without
 * parameters. Anything but a JSON object fails: a lenient reading would turn a call that was cut short into another call.
 */
export function parseArguments(text: string, details: ModelFailureDetails): JsonObject {
  if (text.trim() === '') return {}
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch (cause) {
    throw new ModelFailure('model_answer_malformed', { ...details, cause })
  }
  if (value === null || typeof value !== 'object' || Array.isArray(value)) {
    const cause = new Error('tool arguments are no JSON object')
    throw new ModelFailure('model_answer_malformed', { ...details, cause })
  }
  return value as JsonObject
}
