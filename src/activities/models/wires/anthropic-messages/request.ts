import type {
  ContentBlockParam,
  MessageCreateParamsStreaming,
  Tool,
} from '@anthropic-ai/sdk/resources/messages'
import type { Dialect } from '../../../../policies/models/dialects.ts'
import { prepareTranscript, type Turn } from '../../history/prepare-transcript.ts'
import type { ModelRequest } from '../model-adapter.ts'
import { outputFormat } from '../output-format.ts'
import { type BlockMessage, toMessages } from './history.ts'
import { anthropicStrictSchema } from './strict-schema.ts'

/** Caches the request up to the marked block, for later requests to read. */
const CACHED = { cache_control: { type: 'ephemeral' } } as const

/*
 * Anthropic caches at marks only, at most 4 of them, and looks for what is cached at most 20 blocks before each:
 *
 *   - after tools and instructions, for all runs of the agent;
 *   - where the run's last request ended: a step with many calls has more blocks than Anthropic would look back;
 *   - at the end, for the run's next request: by the request's own mark, or by one on the last block.
 */

export function toMessagesRequest(request: ModelRequest, dialect: Dialect): MessageCreateParamsStreaming {
  const turns = prepareTranscript(request, dialect)
  const { cacheControl } = dialect
  const { system, native } = outputFormat(request, dialect, anthropicStrictSchema)
  const marked = cacheControl !== 'none'
  return {
    model: request.model.model,
    max_tokens: request.model.maxOutputTokens,
    system: marked ? [{ type: 'text', text: system, ...CACHED }] : system,
    messages: marked ? markMessages(toMessages(turns), cacheControl === 'blocks') : toMessages(turns),
    ...(cacheControl === 'request' && CACHED),
    stream: true,
    // This wire's structured outputs are strict, or not there at all.
    ...(native?.strict && { output_config: { format: { type: 'json_schema', schema: native.schema } } }),
    ...toolsOf(request, turns),
  }
}

/** Marks where the last request ended, which is before the last answer, and the end where the request has no mark of its own. */
function markMessages(messages: readonly BlockMessage[], isEndMarked: boolean): BlockMessage[] {
  const earlier = messages.findLastIndex(({ role }) => role === 'assistant') - 1
  return messages.map((message, index) =>
    index === earlier || (isEndMarked && index === messages.length - 1) ? markLastBlock(message) : message,
  )
}

/** Only a user's message has a mark: each of its texts and results may, while thinking may not. */
function markLastBlock({ role, content }: BlockMessage): BlockMessage {
  if (role !== 'user') return { role, content }
  return { role, content: content.with(-1, { ...content.at(-1), ...CACHED } as ContentBlockParam) }
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
