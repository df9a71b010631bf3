import type { ResponseCreateParamsStreaming, ResponseInputItem } from 'openai/resources/responses/responses'
import type { Message } from '../../../contracts/message.ts'
import type { ModelRequest } from '../model-adapter.ts'
import { toolResultText } from '../tool-result-text.ts'

/**
 * Nothing is kept at OpenAI (`store: false`), so reasoning comes and goes in encrypted form: without it a reasoning model
 * starts every step from scratch.
 */
export function toResponsesRequest(request: ModelRequest): ResponseCreateParamsStreaming {
  return {
    model: request.model.model,
    instructions: request.system,
    input: request.messages.flatMap(toItems),
    max_output_tokens: request.model.maxOutputTokens,
    stream: true,
    store: false,
    include: ['reasoning.encrypted_content'],
    prompt_cache_key: request.cacheKey,
    ...(request.tools.length === 0
      ? {}
      : {
          tools: request.tools.map((tool) => ({
            type: 'function' as const,
            name: tool.name,
            description: tool.description,
            parameters: tool.inputSchema as Record<string, unknown>,
            // Strict schemas allow no optional property; ours are checked by the tools themselves.
            strict: false,
          })),
        }),
  }
}

function toItems(message: Message): ResponseInputItem[] {
  switch (message.role) {
    case 'user':
      return [{ role: 'user', content: message.text }]
    case 'tool':
      return [{ type: 'function_call_output', call_id: message.callId, output: toolResultText(message) }]
    case 'assistant': {
      if (message.wire === 'openai-responses') return message.wireItems as unknown as ResponseInputItem[]
      const calls = message.toolCalls.map((call) => ({
        type: 'function_call' as const,
        call_id: call.callId,
        name: call.tool,
        arguments: JSON.stringify(call.arguments),
      }))
      return message.text === '' ? calls : [{ role: 'assistant', content: message.text }, ...calls]
    }
  }
}
