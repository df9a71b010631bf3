import OpenAI from 'openai'
import type { Response, ResponseOutputItem, ResponseStreamEvent } from 'openai/resources/responses/responses'
import type { WireAdapter } from '../model-adapter.ts'
import { ModelFailure } from '../model-failure.ts'
import { type ModelClocks, readStream } from '../read-stream.ts'
import { toModelFailure } from '../to-model-failure.ts'
import { BETWEEN_MESSAGES, toAnswer, usageOf } from './answer.ts'
import { toResponsesRequest } from './request.ts'

export function openaiResponses(client: OpenAI, clocks: ModelClocks): WireAdapter {
  return {
    async generate(request, { signal, onProgress }, dialect) {
      const items: ResponseOutputItem[] = []
      let final: Response | undefined
      let messages = 0

      function take(event: ResponseStreamEvent): boolean {
        onProgress(deltaOf(event))
        switch (event.type) {
          case 'response.output_item.done':
            items[event.output_index] = event.item
            return false
          case 'response.completed':
          case 'response.incomplete':
            final = event.response
            return true
          case 'response.failed':
            throw failureOf(event.response)
          case 'error':
            throw new OpenAI.APIError(undefined, event, undefined, undefined)
          default:
            return false
        }
      }
      function deltaOf(event: ResponseStreamEvent): string {
        if (event.type === 'response.output_text.delta' || event.type === 'response.refusal.delta')
          return event.delta
        if (event.type === 'response.output_item.added' && event.item.type === 'message') {
          messages += 1
          return messages > 1 ? BETWEEN_MESSAGES : ''
        }
        return ''
      }

      const requestId = await readStream({
        signal,
        clocks,
        take,
        async open(signal) {
          const opened = await client.responses
            .create(toResponsesRequest(request, dialect), { signal })
            .withResponse()
          return { events: opened.data, requestId: opened.request_id }
        },
      })
      if (final === undefined) throw new ModelFailure('model_answer_malformed')
      return toAnswer(
        final,
        items.filter((item) => item !== undefined),
        requestId,
      )
    },
  }
}

/** OpenAI reports some failures inside an answer that began with 200. */
function failureOf(response: Response): ModelFailure {
  const error = new OpenAI.APIError(undefined, response.error ?? undefined, undefined, undefined)
  const { code } = toModelFailure(error, { answering: true, requestId: null })
  return new ModelFailure(code, { cause: error, ...(response.usage ? { usage: usageOf(response) } : {}) })
}
