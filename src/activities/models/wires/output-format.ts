import type { JsonObject } from '../../../contracts/json.ts'
import { OUTPUT_INSTRUCTION } from '../../../policies/models/answers.ts'
import type { Dialect } from '../../../policies/models/dialects.ts'
import type { ModelRequest } from './model-adapter.ts'

/** How a request says what its answer has to be. */
export interface OutputFormat {
  readonly system: string
  /** The schema as the wire's own parameter has it; null where the server gets none. */
  readonly native: { readonly name: string; readonly schema: JsonObject; readonly strict?: boolean } | null
}

/**
 * The output schema in the server's dialect. In a strict mode the server holds the answer to the schema. Elsewhere the model is
 * instructed, and the answer is checked when it is there.
 *
 * @param toStrict the schema as the wire's strict mode takes it; null where that mode can't express it
 */
export function outputFormat(
  { system, output, tools }: Pick<ModelRequest, 'system' | 'output' | 'tools'>,
  { structuredOutput: mode }: Pick<Dialect, 'structuredOutput'>,
  toStrict: (schema: JsonObject) => JsonObject | null,
): OutputFormat {
  if (output === undefined) return { system, native: null }
  const { name, schema } = output
  const strict = mode === 'strict' ? toStrict(schema) : null
  if (strict !== null) return { system, native: { name, schema: strict, strict: true } }
  const isSent = mode === 'strict' || (mode === 'schema' && tools.length === 0)
  return {
    system: `${system}\n\n${outputInstruction(schema)}`,
    native: isSent ? { name, schema, ...(mode === 'strict' && { strict: false }) } : null,
  }
}

export function outputInstruction(schema: JsonObject): string {
  return `${OUTPUT_INSTRUCTION}\n${JSON.stringify(schema)}`
}

/** What the SDK's own conversion gives; null for a schema that it refuses to convert. */
export function strictOrNull(convert: () => unknown): JsonObject | null {
  try {
    return JSON.parse(JSON.stringify(convert())) as JsonObject
  } catch (error) {
    if (error instanceof Error) return null
    throw error
  }
}
