import OpenAI from 'openai'
import type { CallUsage } from '../../../../contracts/models/usage.ts'
import { ModelFailure } from '../../failures/model-failure.ts'
import { createFrameReader } from '../frame-reader.ts'
import type { BackgroundAnswers } from '../model-adapter.ts'
import type { ModelClocks } from '../read-answer.ts'
import { readUsage } from '../read-usage.ts'
import { RESPONSE } from './event.schema.ts'
import { followAnswer, stream } from './follow-answer.ts'
import { countsOf } from './reader.ts'
import { REQUEST_ID_HEADER } from './request.ts'

export function backgroundAnswers(client: OpenAI, clocks: ModelClocks): BackgroundAnswers {
  return {
    async read(request, responseId, { signal, onProgress }) {
      const reading = {
        request,
        signal,
        clocks,
        onProgress,
        requestIdHeader: REQUEST_ID_HEADER,
        open: (signal: AbortSignal) => stream(client, responseId, { lastEvent: null }, signal),
      }
      try {
        return await followAnswer(client, reading, { responseId })
      } catch (error) {
        if (error instanceof ModelFailure && error.foreign?.status === 404) return null
        throw error
      }
    },

    async cancel(responseId, signal) {
      const options = { signal }
      try {
        return await usageIn(await client.responses.cancel(responseId, options).asResponse())
      } catch (error) {
        // One that has ended is not cancelled.
        if (!(error instanceof OpenAI.BadRequestError)) throw error
        return usageIn(await client.responses.retrieve(responseId, {}, options).asResponse())
      }
    },
  }
}

/** Reads a response that is sent whole, up to the bound of an answer. null where it has no token counts. */
async function usageIn(response: Response): Promise<CallUsage | null> {
  const frames = createFrameReader()
  for await (const bytes of response.body ?? []) frames.push(bytes)
  const [body] = frames.end()
  const usage = readUsage(countsOf(RESPONSE.parse(JSON.parse(body?.data ?? '{}')).usage))
  return usage.inputTokens > 0 ? usage : null
}
