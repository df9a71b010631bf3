import type { CallUsage } from '../../contracts/models/usage.ts'
import type { Endpoint } from '../ledger.ts'
import { tokens } from '../planned-answer.ts'
import type { ProviderWire } from '../provider-wire.ts'
import { type Fields, string } from '../read-body.ts'
import { anthropicMessagesWire } from '../wires/anthropic-messages.ts'
import { openaiChatWire } from '../wires/openai-chat.ts'
import { type Embed, embeddingsObject, readEmbeddingsRequest } from './embeddings.ts'

/** An endpoint whose answers need no script. */
export interface SideEndpoint {
  readonly endpoint: Endpoint
  /** Whose errors it answers with. */
  readonly wire: ProviderWire
  /** @throws where the body is not a request of this endpoint */
  answer(
    body: Fields,
    bodyBytes: number,
  ): { readonly model: string; readonly usage: CallUsage; readonly object: unknown }
}

/** The endpoints beside those of models, by their paths. */
export function sideEndpoints(embed: Embed): ReadonlyMap<string, SideEndpoint> {
  const embeddings: SideEndpoint = {
    endpoint: 'embeddings',
    wire: openaiChatWire,
    answer(body) {
      const request = readEmbeddingsRequest(body)
      const count = request.texts.reduce((sum, text) => sum + tokens(text.length), 0)
      return {
        model: request.model,
        usage: { ...FREE, inputTokens: count },
        object: embeddingsObject(request, embed, count),
      }
    },
  }
  const countTokens: SideEndpoint = {
    endpoint: 'count-tokens',
    wire: anthropicMessagesWire,
    answer(body, bodyBytes) {
      anthropicMessagesWire.readRequest({ max_tokens: 1, ...body })
      return {
        model: string(body.model, 'model'),
        usage: FREE,
        object: { input_tokens: tokens(bodyBytes) },
      }
    },
  }
  return new Map([
    ['/v1/embeddings', embeddings],
    ['/v1/messages/count_tokens', countTokens],
  ])
}

/** What counting costs at Anthropic. */
const FREE: CallUsage = {
  inputTokens: 0,
  cachedInputTokens: 0,
  cacheWriteTokens: 0,
  outputTokens: 0,
  reasoningTokens: 0,
}
