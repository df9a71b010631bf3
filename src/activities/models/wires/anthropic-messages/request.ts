import type {
  ContentBlockParam,
  MessageCreateParamsStreaming,
  Tool,
} from '@anthropic-ai/sdk/resources/messages'
import type { Dialect } from '../../../../policies/dialects.ts'
import { prepareTranscript, type Turn } from '../../history/prepare-transcript.ts'
import type { ModelRequest } from '../model-adapter.ts'
import { outputFormat } from '../output-format.ts'
import { type BlockMessage, toMessages } from './history.ts'
import { anthropicStrictSchema } from './strict-schema.ts'

/** Caches the request up to the marked block, for the next step to read. */
const CACHED = { cache_control: { type: 'ephemeral' } } as const

export function toMessagesRequest(request: ModelRequest, dialect: Dialect): MessageCreateParamsStreaming {
  const turns = prepareTranscript(request, dialect)
  const messages = toMessages(turns)
  const onBlocks = dialect.cacheControl === 'blocks'
  const { system, native } = outputFormat(request, dialect, anthropicStrictSchema)
  return {
    model: request.model.model,
    max_tokens: request.model.maxOutputTokens,
    system: onBlocks ? [{ type: 'text', text: system, ...CACHED }] : system,
    messages: onBlocks ? markLastBlock(messages) : messages,
    ...(dialect.cacheControl === 'request' && CACHED),
    stream: true,
    // This wire's structured outputs are strict, or not there at all.
    ...(native?.strict && { output_config: { format: { type: 'json_schema', schema: native.schema } } }),
    ...toolsOf(request, turns),
  }
}

/** Marks the last block. The last message is the user's, and each of its texts and results may have a mark. */
function markLastBlock(messages: readonly BlockMessage[]): BlockMessage[] {
  const [last, ...before] = messages.toReversed()
  if (last === undefined) return []
  const [block, ...rest] = last.content.toReversed()
  const content = [...rest.toReversed(), { ...block, ...CACHED } as ContentBlockParam]
  return [...before.toReversed(), { ...last, content }]
}

/** A history with calls needs tools in the request. Where none is offered, the tools of these calls are declared but can't be called. */
function toolsOf({ tools }: ModelRequest, turns: readonly Turn[]): Partial<MessageCreateParamsStreaming> {
  if (tools.length > 0)
    return {
      tools: tools.map((tool) => ({
        name: tool.name,
        description: tool.description,
        input_schema: tool.inputSchema as Tool.InputSchema,
      })),
    }
  const used = new Set(
    turns.flatMap((turn) => (turn.role === 'assistant' ? turn.calls.map(({ tool }) => tool) : [])),
  )
  if (used.size === 0) return {}
  return {
    tools: [...used].map((name) => ({ name, input_schema: { type: 'object' } })),
    tool_choice: { type: 'none' },
  }
}
