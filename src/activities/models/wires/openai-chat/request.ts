import type { ChatCompletionCreateParamsStreaming } from 'openai/resources/chat/completions'
import type { Dialect } from '../../../../policies/models/dialects.ts'
import { prepareTranscript } from '../../history/prepare-transcript.ts'
import type { ModelRequest } from '../model-adapter.ts'
import { openaiStrictSchema } from '../openai-strict-schema.ts'
import { outputFormat } from '../output-format.ts'
import { toMessages } from './history.ts'

export function toChatRequest(request: ModelRequest, dialect: Dialect): ChatCompletionCreateParamsStreaming {
  const omitted = new Set(dialect.omit)
  const { model, maxOutputTokens } = request.model
  const { system, native } = outputFormat(request, dialect, openaiStrictSchema)
  return {
    model,
    messages: [
      { role: 'system', content: system },
      ...toMessages(prepareTranscript(request, dialect), dialect),
    ],
    stream: true,
    ...(!omitted.has('stream_options') && { stream_options: { include_usage: true } }),
    [dialect.outputLimit]: maxOutputTokens,
    ...(!omitted.has('store') && { store: false }),
    ...(!omitted.has('prompt_cache_key') && { prompt_cache_key: request.cacheKey }),
    ...(native !== null && { response_format: { type: 'json_schema' as const, json_schema: native } }),
    ...(request.tools.length > 0 && {
      tools: request.tools.map((tool) => ({
        type: 'function' as const,
        function: {
          name: tool.name,
          description: tool.description,
          parameters: tool.inputSchema as Record<string, unknown>,
        },
      })),
    }),
  }
}
