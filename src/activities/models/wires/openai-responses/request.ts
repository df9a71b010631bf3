import type { FunctionTool, ResponseCreateParamsStreaming } from 'openai/resources/responses/responses'
import type { Dialect } from '../../../../policies/models/dialects.ts'
import { prepareTranscript } from '../../history/prepare-transcript.ts'
import type { ModelRequest } from '../model-adapter.ts'
import { openaiStrictSchema } from '../openai-strict-schema.ts'
import { outputFormat } from '../output-format.ts'
import { toItems } from './history.ts'

/** The header of an answer that has the request's id. */
export const REQUEST_ID_HEADER = 'x-request-id'

/** What an answer has to have that is not among its fields by default. */
export const INCLUDED = ['reasoning.encrypted_content'] as const

/**
 * OpenAI stores nothing (`store: false`), so requests contain the reasoning of earlier answers in encrypted form: without it a
 * reasoning model starts every step from scratch. An answer in the background has to be stored.
 */
export function toResponsesRequest(request: ModelRequest, dialect: Dialect): ResponseCreateParamsStreaming {
  const omitted = new Set(dialect.omit)
  const inBackground = request.model.background === true && !omitted.has('background')
  const { system, native } = outputFormat(request, dialect, openaiStrictSchema)
  return {
    model: request.model.model,
    instructions: system,
    input: prepareTranscript(request, dialect).flatMap(toItems),
    max_output_tokens: request.model.maxOutputTokens,
    stream: true,
    ...(!omitted.has('store') && { store: inBackground }),
    ...(inBackground && { background: true }),
    ...(!omitted.has('include') && { include: [...INCLUDED] }),
    ...(!omitted.has('prompt_cache_key') && { prompt_cache_key: request.cacheKey }),
    ...(native !== null && { text: { format: { type: 'json_schema' as const, ...native } } }),
    ...(request.tools.length > 0 && {
      tools: request.tools.map((tool) => ({
        type: 'function',
        name: tool.name,
        description: tool.description,
        parameters: tool.inputSchema,
        // Strict schemas allow no optional property; ours are checked by the tools themselves.
        ...(!omitted.has('strict') && { strict: false }),
      })) as unknown as FunctionTool[],
    }),
  }
}
