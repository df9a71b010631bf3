import type {
  ChatCompletionCreateParamsStreaming,
  ChatCompletionMessageParam,
} from 'openai/resources/chat/completions'
import type { Message } from '../../../contracts/message.ts'
import type { ModelRequest } from '../model-adapter.ts'
import { toolResultText } from '../tool-result-text.ts'

/** Compatible servers get the parameters that all of them know; some refuse any other. */
export type ChatDialect = 'openai' | 'compatible'

export function toChatRequest(
  request: ModelRequest,
  dialect: ChatDialect,
): ChatCompletionCreateParamsStreaming {
  const { maxOutputTokens } = request.model
  return {
    model: request.model.model,
    messages: [{ role: 'system', content: request.system }, ...request.messages.flatMap(toMessages)],
    stream: true,
    stream_options: { include_usage: true },
    ...(dialect === 'openai'
      ? { max_completion_tokens: maxOutputTokens, store: false, prompt_cache_key: request.cacheKey }
      : { max_tokens: maxOutputTokens }),
    ...(request.tools.length === 0
      ? {}
      : {
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

function toMessages(message: Message): ChatCompletionMessageParam[] {
  switch (message.role) {
    case 'user':
      return [{ role: 'user', content: message.text }]
    case 'tool':
      return [{ role: 'tool', tool_call_id: message.callId, content: toolResultText(message) }]
    case 'assistant': {
      if (message.wire === 'openai-chat') return message.wireItems as unknown as ChatCompletionMessageParam[]
      const calls = message.toolCalls.map((call) => ({
        id: call.callId,
        type: 'function' as const,
        function: { name: call.tool, arguments: JSON.stringify(call.arguments) },
      }))
      if (calls.length > 0) return [{ role: 'assistant', content: message.text || null, tool_calls: calls }]
      return message.text === '' ? [] : [{ role: 'assistant', content: message.text }]
    }
  }
}
