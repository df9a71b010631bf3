import type Anthropic from '@anthropic-ai/sdk'
import type { WireAdapter } from '../model-adapter.ts'
import { toMessagesRequest } from './request.ts'

/** Statuses of compatible servers that have no counter. */
const NO_COUNTER: readonly unknown[] = [404, 405, 501]

/** The provider's counter. A server that turns out to have none is not asked again by this process. */
export function messagesCounter(client: Anthropic): NonNullable<WireAdapter['countTokens']> {
  let missing: unknown

  return async (request, signal, dialect) => {
    if (missing !== undefined) throw missing
    const { model, messages, system, tools, tool_choice } = toMessagesRequest(request, dialect)
    const body = { model, messages, ...(system && { system }), ...(tools && { tools }) }
    try {
      const counted = await client.messages.countTokens(
        { ...body, ...(tool_choice && { tool_choice }) },
        { signal },
      )
      const { input_tokens: tokens } = counted
      if (!Number.isSafeInteger(tokens) || tokens <= 0) throw new Error('The counter gave no number.')
      return tokens
    } catch (error) {
      if (error instanceof Error && 'status' in error && NO_COUNTER.includes(error.status)) missing = error
      throw error
    }
  }
}
