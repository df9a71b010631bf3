import { isJsonObject, type Json, type JsonObject } from '../contracts/json.ts'
import { OUTPUT_INSTRUCTION } from '../policies/models/answers.ts'
import type { ScriptedRequest } from './script.ts'

/**
 * The JSON Schema that the answer to a request has to fit; null where any text will do. The instructions have it as the agent declares it;
 * a wire's own parameter may have it in the provider's strict form.
 */
export function outputSchemaOf({
  system,
  body,
}: Pick<ScriptedRequest, 'system' | 'body'>): JsonObject | null {
  return inInstructions(system) ?? inParameter(body as Json)
}

function inInstructions(system: string): JsonObject | null {
  const [, after] = system.split(`${OUTPUT_INSTRUCTION}\n`)
  const [line = ''] = after?.split('\n') ?? []
  if (line === '') return null
  const schema = JSON.parse(line) as Json
  return isJsonObject(schema) ? schema : null
}

/** Where each wire has it: Responses, Chat Completions, Messages. */
const PLACES = [
  ['text', 'format', 'schema'],
  ['response_format', 'json_schema', 'schema'],
  ['output_config', 'format', 'schema'],
] as const

function inParameter(body: Json): JsonObject | null {
  for (const place of PLACES) {
    let found: Json | undefined = body
    for (const name of place) found = isJsonObject(found) ? found[name] : undefined
    if (isJsonObject(found)) return found
  }
  return null
}
