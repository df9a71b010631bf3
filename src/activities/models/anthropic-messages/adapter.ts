import type Anthropic from '@anthropic-ai/sdk'
import type { ModelAdapter } from '../model-adapter.ts'
import { type ModelClocks, readAnswer } from '../read-answer.ts'
import { messagesReader } from './reader.ts'
import { toMessagesRequest } from './request.ts'

export function anthropicMessages(client: Anthropic, clocks: ModelClocks): ModelAdapter {
  return {
    generate: (request, { signal, onProgress }) =>
      readAnswer({
        request,
        signal,
        clocks,
        onProgress,
        reader: messagesReader(),
        requestIdHeader: 'request-id',
        open: (signal) => client.messages.create(toMessagesRequest(request), { signal }).asResponse(),
      }),
  }
}
