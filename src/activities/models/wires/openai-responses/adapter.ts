import type OpenAI from 'openai'
import type { WireAdapter } from '../model-adapter.ts'
import { type ModelClocks, readAnswer } from '../read-answer.ts'
import { backgroundAnswers } from './background-answers.ts'
import { followAnswer } from './follow-answer.ts'
import { responsesReader } from './reader.ts'
import { REQUEST_ID_HEADER, toResponsesRequest } from './request.ts'

export function openaiResponses(client: OpenAI, clocks: ModelClocks): WireAdapter {
  return {
    generate(request, { signal, onProgress, onNamed }, dialect) {
      const params = toResponsesRequest(request, dialect)
      const reading = {
        request,
        signal,
        clocks,
        onProgress,
        requestIdHeader: REQUEST_ID_HEADER,
        open: (signal: AbortSignal) => client.responses.create(params, { signal }).asResponse(),
      }
      if (params.background === true) return followAnswer(client, reading, { onNamed })
      return readAnswer({ ...reading, reader: responsesReader() })
    },
    background: backgroundAnswers(client, clocks),
  }
}
