import type {
  ContentBlockParam,
  MessageCreateParamsStreaming,
  MessageParam,
  Tool,
} from '@anthropic-ai/sdk/resources/messages'
import type { Message } from '../../../contracts/message.ts'
import type { ModelRequest } from '../model-adapter.ts'

/** The top-level `cache_control` caches everything up to the last block: each step reads what the one before wrote. */
export function toMessagesRequest(request: ModelRequest): MessageCreateParamsStreaming {
  return {
    model: request.model.model,
    max_tokens: request.model.maxOutputTokens,
    system: request.system,
    messages: toMessages(request.messages),
    cache_control: { type: 'ephemeral' },
    stream: true,
    ...(request.tools.length === 0
      ? {}
      : {
          tools: request.tools.map((tool) => ({
            name: tool.name,
            description: tool.description,
            input_schema: tool.inputSchema as Tool.InputSchema,
          })),
        }),
  }
}

/** Neighbours of one role become one message, since all results of a turn must stand in the message that follows it. */
function toMessages(messages: readonly Message[]): MessageParam[] {
  const turns: { role: 'user' | 'assistant'; content: ContentBlockParam[] }[] = []
  for (const message of messages) {
    const role = message.role === 'assistant' ? 'assistant' : 'user'
    const content = toBlocks(message)
    const last = turns.at(-1)
    if (last?.role === role) last.content.push(...content)
    else if (content.length > 0) turns.push({ role, content })
  }
  return turns
}

function toBlocks(message: Message): ContentBlockParam[] {
  switch (message.role) {
    case 'user':
      return textBlocks(message.text)
    case 'tool':
      return [
        {
          type: 'tool_result',
          tool_use_id: toolUseId(message.callId),
          content: message.content,
          ...(message.isError ? { is_error: true } : {}),
        },
      ]
    case 'assistant':
      if (message.wire === 'anthropic-messages')
        return [...(message.wireItems as unknown as ContentBlockParam[])]
      return [
        ...textBlocks(message.text),
        ...message.toolCalls.map((call) => ({
          type: 'tool_use' as const,
          id: toolUseId(call.callId),
          name: call.tool,
          input: call.arguments,
        })),
      ]
  }
}

/** Anthropic refuses a block without text. */
function textBlocks(text: string): ContentBlockParam[] {
  return text.trim() === '' ? [] : [{ type: 'text', text }]
}

/** Another wire's id may hold what Anthropic refuses; one of its own is left as it is. */
function toolUseId(callId: string): string {
  return callId.replaceAll(/[^a-zA-Z0-9_-]/g, '_')
}
