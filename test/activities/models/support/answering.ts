import assert from 'node:assert/strict'
import Anthropic from '@anthropic-ai/sdk'
import OpenAI from 'openai'
import { anthropicMessages } from '../../../../src/activities/models/wires/anthropic-messages/adapter.ts'
import type { ModelAnswer, WireAdapter } from '../../../../src/activities/models/wires/model-adapter.ts'
import { openaiChat } from '../../../../src/activities/models/wires/openai-chat/adapter.ts'
import { openaiResponses } from '../../../../src/activities/models/wires/openai-responses/adapter.ts'
import type { Wire } from '../../../../src/contracts/models/model.ts'
import { DIALECTS } from '../../../../src/policies/models/dialects.ts'
import { MODEL_CLOCKS } from '../../../../src/policies/models/models.ts'
import { HELLO, requestOn } from './ask.ts'

let next: Response | undefined
const fetch = async (): Promise<Response> => next ?? assert.fail('nothing is to be asked')
const openai = new OpenAI({ apiKey: 'test', fetch, maxRetries: 0 })
const anthropic = new Anthropic({ apiKey: 'test', fetch, maxRetries: 0 })

const ADAPTERS: Readonly<Record<Wire, WireAdapter>> = {
  'openai-chat': openaiChat(openai, MODEL_CLOCKS),
  'openai-responses': openaiResponses(openai, MODEL_CLOCKS),
  'anthropic-messages': anthropicMessages(anthropic, MODEL_CLOCKS),
}

/** The real adapter and SDK, without sockets: what they make of this response. One at a time. */
export function answered(
  wire: Wire,
  response: Response,
  onProgress: (delta: string) => void = () => undefined,
): Promise<ModelAnswer> {
  next = response
  const signal = new AbortController().signal
  return ADAPTERS[wire].generate(requestOn(wire, HELLO), { signal, onProgress }, DIALECTS[wire].standard)
}

/** A stream of these events; a string is sent as it is. */
export function streamOf(events: readonly (object | string)[]): Response {
  const lines = events.map((event) =>
    typeof event === 'string' ? event : `data: ${JSON.stringify(event)}\n\n`,
  )
  return new Response(lines.join(''), { headers: { 'content-type': 'text/event-stream' } })
}
