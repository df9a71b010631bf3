import type Anthropic from '@anthropic-ai/sdk'
import type { Middleware } from '@anthropic-ai/sdk'
import type { WireAdapter } from '../model-adapter.ts'
import { type ModelClocks, readStream } from '../read-stream.ts'
import { toAnswer } from './answer.ts'
import { addEvent, newMessage } from './collect-message.ts'
import { toMessagesRequest } from './request.ts'

export function anthropicMessages(client: Anthropic, clocks: ModelClocks): WireAdapter {
  return {
    async generate(request, { signal, onProgress }, dialect) {
      const collected = newMessage()
      const requestId = await readStream({
        signal,
        clocks,
        async open(signal, touch) {
          const onBytes = () => {
            touch()
            onProgress('')
          }
          const opened = await client.messages
            .create(toMessagesRequest(request, dialect), { signal, middleware: [watchBytes(onBytes)] })
            .withResponse()
          return { events: opened.data, requestId: opened.request_id ?? null }
        },
        take(event) {
          onProgress(addEvent(collected, event))
          return collected.complete
        },
      })
      return toAnswer(collected, requestId)
    },
  }
}

/** The SDK swallows pings, which are all that arrives while a model thinks in silence. */
function watchBytes(onBytes: () => void): Middleware {
  return async (request, next) => {
    const response = await next(request)
    if (!response.ok || response.body === null) return response
    const watched = response.body.pipeThrough(
      new TransformStream<Uint8Array, Uint8Array>({
        transform(chunk, controller) {
          onBytes()
          controller.enqueue(chunk)
        },
      }),
    )
    return new Response(watched, response)
  }
}
