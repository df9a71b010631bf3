import type OpenAI from 'openai'
import type { WireAdapter } from '../model-adapter.ts'
import { type ModelClocks, readStream } from '../read-stream.ts'
import { toAnswer } from './answer.ts'
import { addChunk, newChat } from './collect-chunks.ts'
import { toChatRequest } from './request.ts'

export function openaiChat(client: OpenAI, clocks: ModelClocks): WireAdapter {
  return {
    async generate(request, { signal, onProgress }, dialect) {
      const chat = newChat()
      const requestId = await readStream({
        signal,
        clocks,
        async open(signal) {
          const opened = await client.chat.completions
            .create(toChatRequest(request, dialect), { signal })
            .withResponse()
          return { events: opened.data, requestId: opened.request_id }
        },
        take(chunk) {
          onProgress(addChunk(chat, chunk))
          return chat.finishReason !== null
        },
      })
      return toAnswer(chat, request.model.model, requestId)
    },
  }
}
