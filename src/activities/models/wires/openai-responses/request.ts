import type { FunctionTool, ResponseCreateParamsStreaming } from 'openai/resources/responses/responses'
import type { Dialect } from '../../../../policies/dialects.ts'
import { prepareTranscript } from '../../history/prepare-transcript.ts'
import type { ModelRequest } from '../model-adapter.ts'
import { openaiStrictSchema } from '../openai-strict-schema.ts'
import { outputFormat } from '../output-format.ts'
import { toItems } from './history.ts'

/**
 * OpenAI stores nothing (`store: false`), so requests contain the reasoning of earlier answers in encrypted form: without it a
 * reasoning model starts every step from scratch.
 */
export function toResponsesRequest(request: ModelRequest, dialect: Dialect): ResponseCreateParamsStreaming {
  const omitted = new Set(dialect.omit)
  const { system, native } = outputFormat(request, dialect, openaiStrictSchema)
  return {
    model: request.model.model,
    instructions: system,
    input: prepareTranscript(request, dialect).flatMap(toItems),
    max_output_tokens: request.model.maxOutputTokens,
    stream: true,
    ...(!omitted.has('store') && { store: false }),
    ...(!omitted.has('include') && { include: ['reasoning.encrypted_content' as const] }),
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
