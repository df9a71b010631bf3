import type Anthropic from '@anthropic-ai/sdk'
import type { WireAdapter } from '../model-adapter.ts'
import { type ModelClocks, readAnswer } from '../read-answer.ts'
import { messagesCounter } from './count-tokens.ts'
import { messagesReader } from './reader.ts'
import { toMessagesRequest } from './request.ts'

export function anthropicMessages(client: Anthropic, clocks: ModelClocks): WireAdapter {
  return {
    generate: (request, { signal, onProgress }, dialect) =>
      readAnswer({
        request,
        signal,
        clocks,
        onProgress,
        reader: messagesReader(),
        requestIdHeader: 'request-id',
        open: (signal) =>
          client.messages.create(toMessagesRequest(request, dialect), { signal }).asResponse(),
      }),
    countTokens: messagesCounter(client),
  }
}
