import type OpenAI from 'openai'
import type { WireAdapter } from '../model-adapter.ts'
import { type ModelClocks, readAnswer } from '../read-answer.ts'
import { chatReader } from './reader.ts'
import { toChatRequest } from './request.ts'

export function openaiChat(client: OpenAI, clocks: ModelClocks): WireAdapter {
  return {
    generate: (request, { signal, onProgress }, dialect) =>
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
