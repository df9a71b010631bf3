import type { Json } from '../../../contracts/json.ts'
import type { CallUsage } from '../../../contracts/usage.ts'
import { cutAnswer } from '../cut-answer.ts'
import type { ModelAnswer } from '../model-adapter.ts'
import { ModelFailure } from '../model-failure.ts'
import { parseArguments } from '../parse-arguments.ts'
import type { CollectedCall, CollectedChat } from './collect-chunks.ts'

export function toAnswer(chat: CollectedChat, requestedModel: string, requestId: string | null): ModelAnswer {
  const usage = usageOf(chat)
  const details = { usage, ...(requestId === null ? {} : { requestId }) }
  const text = chat.content + chat.refusal
  const served = { usage, servedBy: chat.model ?? requestedModel, requestId }

  if (chat.finishReason === 'content_filter') throw new ModelFailure('model_content_filtered', details)
  if (chat.finishReason === 'length') return { ...cutAnswer(text), ...served }

  const calls = chat.calls.filter((call) => call !== undefined)
  if (calls.some((call) => call.id === '' || call.name === '')) {
    throw new ModelFailure('model_answer_malformed', {
      ...details,
      cause: new Error('a call without id or name'),
    })
  }
  const toolCalls = calls.map((call) => ({
    callId: call.id,
    tool: call.name,
    arguments: parseArguments(call.arguments, details),
  }))
  return {
    message: { role: 'assistant', text, toolCalls, wire: 'openai-chat', wireItems: wireItems(chat, calls) },
    stop: calls.length > 0 ? 'tool_calls' : chat.refusal === '' ? 'end' : 'refusal',
    ...served,
  }
}

/** The message as the next request has to carry it. An answer with nothing in it can't be sent back. */
function wireItems(chat: CollectedChat, calls: readonly CollectedCall[]): readonly Json[] {
  if (chat.content === '' && chat.refusal === '' && calls.length === 0) return []
  return [
    {
      role: 'assistant',
      content: chat.content === '' ? null : chat.content,
      ...(chat.refusal === '' ? {} : { refusal: chat.refusal }),
      ...chat.kept,
      ...(calls.length === 0 ? {} : { tool_calls: calls.map(toWireCall) }),
    },
  ]
}

function toWireCall(call: CollectedCall): Json {
  return {
    ...call.kept,
    id: call.id,
    type: 'function',
    function: { name: call.name, arguments: call.arguments },
  }
}

/** All zero where a compatible server counts nothing. */
function usageOf({ usage }: CollectedChat): CallUsage {
  return {
    inputTokens: usage?.prompt_tokens ?? 0,
    cachedInputTokens: usage?.prompt_tokens_details?.cached_tokens ?? 0,
    cacheWriteTokens: usage?.prompt_tokens_details?.cache_write_tokens ?? 0,
    outputTokens: usage?.completion_tokens ?? 0,
    reasoningTokens: usage?.completion_tokens_details?.reasoning_tokens ?? 0,
  }
}
