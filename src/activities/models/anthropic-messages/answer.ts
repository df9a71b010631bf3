import type { Message } from '@anthropic-ai/sdk/resources/messages'
import type { Json, JsonObject } from '../../../contracts/json.ts'
import type { CallUsage } from '../../../contracts/usage.ts'
import { cutAnswer } from '../cut-answer.ts'
import type { ModelAnswer } from '../model-adapter.ts'
import { ModelFailure } from '../model-failure.ts'
import { type CollectedMessage, finishBlocks, started } from './collect-message.ts'

export function toAnswer(collected: CollectedMessage, requestId: string | null): ModelAnswer {
  const message = started(collected)
  const usage = usageOf(message)
  const details = { usage, ...(requestId === null ? {} : { requestId }) }
  const text = collected.blocks.map((block) => (block.type === 'text' ? block.text : '')).join('')
  const served = { usage, servedBy: message.model, requestId }

  switch (message.stop_reason) {
    case 'max_tokens':
      return { ...cutAnswer(text), ...served }
    case 'model_context_window_exceeded':
      throw new ModelFailure('model_context_too_long', details)
    case 'end_turn':
    case 'stop_sequence':
    case 'tool_use':
    case 'refusal':
      break
    default: {
      // A pause asks to go on with tools of the provider's own, of which we offer none.
      const cause = new Error(`stop reason ${message.stop_reason}`)
      throw new ModelFailure('model_answer_malformed', { ...details, cause })
    }
  }

  const refused = message.stop_reason === 'refusal'
  const blocks = finishBlocks(collected, details).filter((block) => !refused || block.type !== 'tool_use')
  const toolCalls = blocks.flatMap((block) =>
    block.type === 'tool_use'
      ? [{ callId: block.id, tool: block.name, arguments: block.input as JsonObject }]
      : [],
  )
  return {
    message: {
      role: 'assistant',
      text,
      toolCalls,
      wire: 'anthropic-messages',
      wireItems: blocks as unknown as readonly Json[],
    },
    stop: refused ? 'refusal' : toolCalls.length > 0 ? 'tool_calls' : 'end',
    ...served,
  }
}

/** Anthropic counts cached input apart; our total includes it. */
function usageOf({ usage }: Message): CallUsage {
  const cachedInputTokens = usage.cache_read_input_tokens ?? 0
  const cacheWriteTokens = usage.cache_creation_input_tokens ?? 0
  return {
    inputTokens: usage.input_tokens + cachedInputTokens + cacheWriteTokens,
    cachedInputTokens,
    cacheWriteTokens,
    outputTokens: usage.output_tokens,
    reasoningTokens: usage.output_tokens_details?.thinking_tokens ?? 0,
  }
}
