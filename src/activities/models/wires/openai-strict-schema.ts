import type { JSONSchema } from 'openai/lib/jsonschema'
import { toStrictJsonSchema } from 'openai/lib/transform'
import type { JsonObject } from '../../../contracts/json.ts'
import { strictOrNull } from './output-format.ts'

/** The schema in OpenAI's strict form; null where it has optional members, maps or other things that this form does not know. */
export function openaiStrictSchema(schema: JsonObject): JsonObject | null {
  return strictOrNull(() => toStrictJsonSchema(schema as JSONSchema))
}
