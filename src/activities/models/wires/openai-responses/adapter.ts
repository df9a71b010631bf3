import type OpenAI from 'openai'
import type { WireAdapter } from '../model-adapter.ts'
import { type ModelClocks, readAnswer } from '../read-answer.ts'
import { responsesReader } from './reader.ts'
import { toResponsesRequest } from './request.ts'

export function openaiResponses(client: OpenAI, clocks: ModelClocks): WireAdapter {
  return {
    generate: (request, { signal, onProgress }, dialect) =>
      readAnswer({
        request,
        signal,
        clocks,
        onProgress,
        reader: responsesReader(),
        requestIdHeader: 'x-request-id',
        open: (signal) =>
          client.responses.create(toResponsesRequest(request, dialect), { signal }).asResponse(),
      }),
  }
}
