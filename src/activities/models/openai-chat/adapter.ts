import type OpenAI from 'openai'
import type { ModelAdapter } from '../model-adapter.ts'
import { type ModelClocks, readStream } from '../read-stream.ts'
import { toAnswer } from './answer.ts'
import { addChunk, newChat } from './collect-chunks.ts'
import { type ChatDialect, toChatRequest } from './request.ts'

export function openaiChat(client: OpenAI, clocks: ModelClocks, dialect: ChatDialect): ModelAdapter {
  return {
    async generate(request, { signal, onProgress }) {
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
