import type { Message } from '@anthropic-ai/sdk/resources/messages'
import type { CompletionUsage } from 'openai/resources/completions'
import type { Response } from 'openai/resources/responses/responses'
import { toAnswer as fromMessages } from '../../../src/activities/models/anthropic-messages/answer.ts'
import { newMessage } from '../../../src/activities/models/anthropic-messages/collect-message.ts'
import { toAnswer as fromChat } from '../../../src/activities/models/openai-chat/answer.ts'
import { newChat } from '../../../src/activities/models/openai-chat/collect-chunks.ts'
import { toAnswer as fromResponses } from '../../../src/activities/models/openai-responses/answer.ts'
import type { Wire } from '../../../src/contracts/model.ts'
import type { CallUsage } from '../../../src/contracts/usage.ts'

/** Tokens of a call, each counted once. */
export interface Tokens {
  readonly fresh: number
  readonly cached: number
  readonly written: number
  readonly output: number
}

/** An answer's usage as the provider spells it. */
export function spelled(wire: Wire, { fresh, cached, written, output }: Tokens): object {
  const input = fresh + cached + written
  switch (wire) {
    case 'openai-responses':
      return {
        input_tokens: input,
        input_tokens_details: { cached_tokens: cached, cache_write_tokens: written },
        output_tokens: output,
        output_tokens_details: { reasoning_tokens: 0 },
        total_tokens: input + output,
      }
    case 'openai-chat':
      return {
        prompt_tokens: input,
        prompt_tokens_details: { cached_tokens: cached, cache_write_tokens: written },
        completion_tokens: output,
        total_tokens: input + output,
      }
    case 'anthropic-messages':
      return {
        input_tokens: fresh,
        cache_read_input_tokens: cached,
        cache_creation_input_tokens: written,
        output_tokens: output,
      }
  }
}

/** The same as the wire's adapter understands it. */
export function understood(wire: Wire, tokens: Tokens): CallUsage {
  const usage = spelled(wire, tokens)
  switch (wire) {
    case 'openai-responses':
      return fromResponses({ status: 'completed', output: [], usage } as unknown as Response, [], null).usage
    case 'openai-chat':
      return fromChat({ ...newChat(), usage: usage as CompletionUsage }, 'm', null).usage
    case 'anthropic-messages': {
      const message = { stop_reason: 'end_turn', usage } as Message
      return fromMessages({ ...newMessage(), message }, null).usage
    }
  }
}
