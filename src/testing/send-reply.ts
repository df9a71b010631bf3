import type { IncomingMessage } from 'node:http'
import { setTimeout as delay } from 'node:timers/promises'
import type { Exchange } from './exchange.ts'
import { type PlannedAnswer, planAnswer } from './planned-answer.ts'
import type { ProviderWire } from './provider-wire.ts'
import type { ScriptedFailure, ScriptedReply, ScriptedRequest, ScriptedStatus } from './script.ts'
import type { SseFrame } from './sse-frame.ts'

interface Sending {
  readonly wire: ProviderWire
  readonly exchange: Exchange
  readonly incoming: IncomingMessage
  readonly request: ScriptedRequest
  readonly bodyBytes: number
  /** Makes the ids of this answer unique. */
  readonly id: string
}

/** Sends a script's reply. Rejects when the client disconnects during a wait, and with an error that the script has made. */
export async function sendReply(sending: Sending, reply: ScriptedReply): Promise<void> {
  const { wire, exchange, request, bodyBytes, id } = sending
  if (reply.delayMs) await delay(reply.delayMs, undefined, { signal: request.signal })
  if ('fault' in reply && typeof reply.fault === 'object' && 'status' in reply.fault) {
    return sendStatus(sending, reply.fault)
  }
  if ('fault' in reply && reply.fault === 'hang') return
  if ('fault' in reply && reply.fault === 'refuse') return exchange.drop(sending.incoming)

  const answer = planAnswer(id, request, bodyBytes, reply)
  if (!isStreamed(request.body)) return sendWhole(sending, answer)

  exchange.response.writeHead(200, {
    'content-type': 'text/event-stream; charset=utf-8',
    'cache-control': 'no-cache',
    [wire.requestIdHeader]: exchange.requestId,
  })
  const frames = wire.streamed(answer)
  if ('fault' in reply) return sendHalf(sending, reply, frames)
  if (!reply.chunkDelayMs) return exchange.end(joined(frames), answer.usage)
  await sendSlowly(sending, frames, reply.chunkDelayMs)
  exchange.end('', answer.usage)
}

function sendStatus({ wire, exchange }: Sending, fault: ScriptedStatus): void {
  const body = fault.body ?? wire.error(fault.status, `scripted status ${fault.status}`, exchange.requestId)
  exchange.response.writeHead(fault.status, {
    'content-type': typeof body === 'string' ? 'text/html' : 'application/json',
    [wire.requestIdHeader]: exchange.requestId,
    ...fault.headers,
  })
  exchange.end(typeof body === 'string' ? body : JSON.stringify(body), null)
}

function sendWhole({ wire, exchange }: Sending, answer: PlannedAnswer): void {
  exchange.response.writeHead(200, {
    'content-type': 'application/json',
    [wire.requestIdHeader]: exchange.requestId,
  })
  exchange.end(JSON.stringify(wire.whole(answer)), answer.usage)
}

async function sendHalf(
  sending: Sending,
  reply: ScriptedFailure,
  frames: readonly SseFrame[],
): Promise<void> {
  const { wire, exchange, incoming } = sending
  const half = firstHalf(frames)
  if (reply.chunkDelayMs) await sendSlowly(sending, half, reply.chunkDelayMs)
  else await new Promise<void>((resolve) => exchange.response.write(joined(half), () => resolve()))

  if (typeof reply.fault === 'object') {
    if ('streamError' in reply.fault) exchange.end(wire.streamError(reply.fault.streamError).text, null)
  } else if (reply.fault === 'reset') exchange.drop(incoming)
  else if (reply.fault === 'truncate') exchange.end('', null)
  else if (reply.fault === 'malformed') exchange.end('event: broken\ndata: {"type": "broken", \n\n', null)
}

/** The frames up to the middle piece: the answer has begun and does not end. */
function firstHalf(frames: readonly SseFrame[]): readonly SseFrame[] {
  const places = frames.flatMap((frame, place) => (frame.piece ? [place] : []))
  const middle = places[Math.ceil(places.length / 2) - 1] ?? 0
  return frames.slice(0, middle + 1)
}

async function sendSlowly(
  { exchange, request }: Sending,
  frames: readonly SseFrame[],
  delayMs: number,
): Promise<void> {
  for (const frame of frames) {
    if (frame.piece) await delay(delayMs, undefined, { signal: request.signal })
    exchange.response.write(frame.text)
  }
}

function joined(frames: readonly SseFrame[]): string {
  return frames.map((frame) => frame.text).join('')
}

function isStreamed(body: unknown): boolean {
  return typeof body === 'object' && body !== null && 'stream' in body && body.stream === true
}
