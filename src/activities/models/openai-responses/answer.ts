import type { Response, ResponseOutputItem } from 'openai/resources/responses/responses'
import type { Json } from '../../../contracts/json.ts'
import type { CallUsage } from '../../../contracts/usage.ts'
import { cutAnswer } from '../cut-answer.ts'
import type { ModelAnswer } from '../model-adapter.ts'
import { ModelFailure } from '../model-failure.ts'
import { parseArguments } from '../parse-arguments.ts'

/** `streamed` are the items as they came; some servers leave the final response's own list empty. */
export function toAnswer(
  response: Response,
  streamed: readonly ResponseOutputItem[],
  requestId: string | null,
): ModelAnswer {
  const usage = usageOf(response)
  const details = { usage, ...(requestId === null ? {} : { requestId }) }
  const output = response.output.length > 0 ? response.output : streamed
  const text = output
    .flatMap((item) => (item.type === 'message' ? [textOf(item)] : []))
    .filter((part) => part !== '')
    .join(BETWEEN_MESSAGES)
  const served = { usage, servedBy: response.model, requestId }

  if (response.incomplete_details?.reason === 'content_filter') {
    throw new ModelFailure('model_content_filtered', details)
  }
  if (response.status === 'incomplete') return { ...cutAnswer(text), ...served }

  const toolCalls = output.flatMap((item) =>
    item.type === 'function_call'
      ? [{ callId: item.call_id, tool: item.name, arguments: parseArguments(item.arguments, details) }]
      : [],
  )
  return {
    message: {
      role: 'assistant',
      text,
      toolCalls,
      wire: 'openai-responses',
      wireItems: output as unknown as readonly Json[],
    },
    stop: toolCalls.length > 0 ? 'tool_calls' : output.some(isRefusal) ? 'refusal' : 'end',
    ...served,
  }
}

/** Between the messages of one answer, as in a remark before the result. */
export const BETWEEN_MESSAGES = '\n\n'

function isRefusal(item: ResponseOutputItem): boolean {
  return item.type === 'message' && item.content.some((part) => part.type === 'refusal')
}

function textOf(item: Extract<ResponseOutputItem, { type: 'message' }>): string {
  return item.content.map((part) => (part.type === 'output_text' ? part.text : part.refusal)).join('')
}

export function usageOf({ usage }: Response): CallUsage {
  return {
    inputTokens: usage?.input_tokens ?? 0,
    cachedInputTokens: usage?.input_tokens_details?.cached_tokens ?? 0,
    cacheWriteTokens: usage?.input_tokens_details?.cache_write_tokens ?? 0,
    outputTokens: usage?.output_tokens ?? 0,
    reasoningTokens: usage?.output_tokens_details?.reasoning_tokens ?? 0,
  }
}
