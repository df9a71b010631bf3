import { firstHalf } from '../answer-parts.ts'
import type { Exchange } from '../exchange.ts'
import { planAnswer } from '../planned-answer.ts'
import type { ScriptedReply } from '../script.ts'
import { breakOff, type Fault, isStreamed, type Sending, STREAM_HEADERS } from '../send-reply.ts'
import { frameText } from '../sse-frame.ts'
import { openaiError } from '../wires/openai-error.ts'
import { responseFrames } from '../wires/openai-responses-answer.ts'
import { type BackgroundResponse, startBackgroundResponse } from './background-response.ts'

/** OpenAI's responses with `background: true`: they go on when their client disconnects, and can be asked for by their id. */
export interface BackgroundResponses {
  /**
   * Begins a response and answers its request: with a stream of its events, or at once. Faults break only the connection, but for
   * `streamError`, with which the response fails. Calls back with the response's end.
   */
  start(sending: Sending, reply: ScriptedReply, onEnd: (ended: Promise<boolean>) => void): Promise<void>
  /** Answers `GET /v1/responses/{id}` and `POST /v1/responses/{id}/cancel`. Resolves to false where the target is neither. */
  answer(method: string, target: URL, exchange: Exchange): Promise<boolean>
}

export function createBackgroundResponses(): BackgroundResponses {
  const responses = new Map<string, BackgroundResponse & { readonly streams: boolean }>()

  return {
    async start(sending, reply, onEnd) {
      const { exchange, request, bodyBytes, id } = sending
      const answer = planAnswer(id, request, bodyBytes, reply, true)
      const streams = isStreamed(request.body)
      const fault = 'fault' in reply ? reply.fault : undefined
      const fails = typeof fault === 'object' && 'streamError' in fault ? fault.streamError : undefined
      const response = startBackgroundResponse(answer, { chunkDelayMs: reply.chunkDelayMs, fails })
      responses.set(response.id, { ...response, streams })
      exchange.begin(answer.usage)
      onEnd(
        response.ended.then((isWhole) => {
          if (isWhole) exchange.charge(answer.usage)
          return isWhole
        }),
      )
      if (!streams) return sendObject(exchange, response.object())

      const breaksAfter =
        fault === undefined || fails !== undefined ? undefined : firstHalf(responseFrames(answer)).length
      await sendEvents(exchange, response, -1, breaksAfter)
      if (breaksAfter === undefined) exchange.end('', null)
      else breakOff(sending, fault as Fault)
    },

    async answer(method, { pathname, searchParams }, exchange) {
      const [, id, action] = /^\/v1\/responses\/([^/]+)(\/cancel)?$/.exec(pathname) ?? []
      if (id === undefined || method !== (action === undefined ? 'GET' : 'POST')) return false
      const response = responses.get(id)
      if (response === undefined) {
        sendProblem(exchange, 404, `Response with id '${id}' not found.`)
        return true
      }
      if (action !== undefined) response.cancel()
      if (action !== undefined || searchParams.get('stream') !== 'true') {
        sendObject(exchange, response.object())
        return true
      }
      if (!response.streams) {
        sendProblem(exchange, 400, 'This response was not created with stream=true.')
        return true
      }
      await sendEvents(exchange, response, Number(searchParams.get('starting_after') ?? -1))
      exchange.end('', null)
      return true
    },
  }
}

async function sendEvents(
  exchange: Exchange,
  response: BackgroundResponse,
  after: number,
  most = Number.POSITIVE_INFINITY,
): Promise<void> {
  exchange.writeHead(200, { ...STREAM_HEADERS, 'x-request-id': exchange.requestId })
  exchange.response.flushHeaders()
  let events = 0
  for await (const event of response.follow(after, exchange.signal)) {
    await exchange.write(frameText(event))
    events += 1
    if (events >= most) return
  }
}

function sendObject(exchange: Exchange, object: unknown): void {
  exchange.writeHead(200, { 'content-type': 'application/json', 'x-request-id': exchange.requestId })
  exchange.end(JSON.stringify(object), null)
}

function sendProblem(exchange: Exchange, status: number, message: string): void {
  exchange.writeHead(status, { 'content-type': 'application/json', 'x-request-id': exchange.requestId })
  exchange.end(JSON.stringify(openaiError(status, message)), null)
}
