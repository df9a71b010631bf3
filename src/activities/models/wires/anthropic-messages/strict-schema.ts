import { transformJSONSchema } from '@anthropic-ai/sdk/lib/transform-json-schema'
import { isJsonObject, type Json, type JsonObject } from '../../../../contracts/json.ts'
import { strictOrNull } from '../output-format.ts'

/** The schema as Anthropic's structured outputs take it; null where they can't express it. */
export function anthropicStrictSchema(schema: JsonObject): JsonObject | null {
  // The SDK closes every object, which would leave a map without any entry; and the API takes no schema that refers to itself.
  if (hasOpenObject(schema) || refersToItself(schema)) return null
  return strictOrNull(() => transformJSONSchema(structuredClone(schema)))
}

function hasOpenObject(schema: Json): boolean {
  return anyPart(schema, ({ additionalProperties: more }) => more === true || isJsonObject(more))
}

function refersToItself(schema: JsonObject): boolean {
  const { $defs } = schema
  const definitions = isJsonObject($defs) ? Object.entries($defs) : []
  const refersTo = (part: Json, ref: string) => anyPart(part, ({ $ref }) => $ref === ref)
  return (
    refersTo(schema, '#') ||
    definitions.some(([, definition]) => anyPart(definition, ({ $ref }) => typeof $ref === 'string'))
  )
}

/** Whether this holds for the value, or for an object within it. */
function anyPart(value: Json, holds: (part: JsonObject) => boolean): boolean {
  if (typeof value !== 'object' || value === null) return false
  if (isJsonObject(value) && holds(value)) return true
  return Object.values(value).some((part: Json) => anyPart(part, holds))
}
