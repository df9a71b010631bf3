import type OpenAI from 'openai'
import type { ModelAdapter } from '../model-adapter.ts'
import { type ModelClocks, readAnswer } from '../read-answer.ts'
import { chatReader } from './reader.ts'
import { type ChatDialect, toChatRequest } from './request.ts'

export function openaiChat(client: OpenAI, clocks: ModelClocks, dialect: ChatDialect): ModelAdapter {
  return {
    generate: (request, { signal, onProgress }) =>
      readAnswer({
        request,
        signal,
        clocks,
        onProgress,
        reader: chatReader(),
        requestIdHeader: 'x-request-id',
        open: (signal) =>
          client.chat.completions.create(toChatRequest(request, dialect), { signal }).asResponse(),
      }),
  }
}
