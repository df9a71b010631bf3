import type { IncomingMessage } from 'node:http'
import { setTimeout as delay } from 'node:timers/promises'
import { firstHalf, joined, type Part, streamedParts, wholeParts } from './answer-parts.ts'
import { dripHead } from './drip-head.ts'
import type { Exchange } from './exchange.ts'
import { planAnswer } from './planned-answer.ts'
import type { ProviderWire } from './provider-wire.ts'
import type { ScriptedFailure, ScriptedReply, ScriptedRequest, ScriptedStatus } from './script.ts'
import { frameText } from './sse-frame.ts'
import { writeParts } from './write-parts.ts'

export interface Sending {
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
  if (await failedBefore(sending, reply)) return
  const { wire, exchange, request, bodyBytes, id } = sending
  const answer = planAnswer(id, request, bodyBytes, reply)
  const parts = isStreamed(request.body)
    ? streamedParts(wire, answer, reply.delivery)
    : wholeParts(wire, answer, reply.delivery)
  exchange.begin(answer.usage)
  await sendHead(sending, reply, parts)
  if ('fault' in reply) {
    if (typeof reply.fault === 'object' && isWhole(reply.fault)) exchange.charge(answer.usage)
    await writeParts(exchange, partsBefore(reply.fault, parts), reply)
    return breakOff(sending, reply.fault)
  }
  if (!reply.chunkDelayMs && reply.delivery === undefined) return exchange.end(joined(parts), answer.usage)
  await writeParts(exchange, parts.slice(0, -1), reply)
  // Before the last bytes, since a client that has them may disconnect before the answer's end.
  exchange.charge(answer.usage)
  await writeParts(exchange, parts.slice(-1), reply)
  exchange.end('', answer.usage)
}

/** Waits as the script says, and sends a failure that comes in the place of an answer. Resolves to whether it was one. */
export async function failedBefore(sending: Sending, reply: ScriptedReply): Promise<boolean> {
  const { exchange, incoming, request } = sending
  if (reply.delayMs) await delay(reply.delayMs, undefined, { signal: request.signal })
  const fault = 'fault' in reply ? reply.fault : undefined
  if (typeof fault === 'object' && 'status' in fault) sendStatus(sending, fault)
  else if (fault === 'refuse') exchange.drop(incoming)
  else if (fault !== 'hang') return false
  return true
}

export function isStreamed(body: unknown): boolean {
  return typeof body === 'object' && body !== null && 'stream' in body && body.stream === true
}

function sendStatus({ wire, exchange }: Sending, fault: ScriptedStatus): void {
  const body = fault.body ?? wire.error(fault.status, `scripted status ${fault.status}`, exchange.requestId)
  exchange.writeHead(fault.status, {
    'content-type': typeof body === 'string' ? 'text/html' : 'application/json',
    [wire.requestIdHeader]: exchange.requestId,
    ...fault.headers,
  })
  exchange.end(typeof body === 'string' ? body : JSON.stringify(body), null)
}

export const STREAM_HEADERS = {
  'content-type': 'text/event-stream; charset=utf-8',
  'cache-control': 'no-cache',
}

async function sendHead(sending: Sending, reply: ScriptedReply, parts: readonly Part[]): Promise<void> {
  const { wire, exchange, request } = sending
  const fault = 'fault' in reply ? reply.fault : undefined
  const headers = {
    ...(isStreamed(request.body) ? STREAM_HEADERS : { 'content-type': 'application/json' }),
    ...(typeof fault === 'object' && 'contentLengthOff' in fault
      ? { 'content-length': String(Math.max(joined(parts).length + fault.contentLengthOff, 0)) }
      : {}),
    [wire.requestIdHeader]: exchange.requestId,
    ...reply.headers,
  }
  const drip = reply.delivery?.drip
  if (drip?.part === 'head') await dripHead(exchange, headers, drip)
  else exchange.writeHead(200, headers)
}

/** Whether the provider has sent the whole answer, whatever the client makes of it. */
function isWhole(fault: Exclude<Fault, string>): boolean {
  return 'contentLengthOff' in fault || 'pieceTwice' in fault
}

export type Fault = ScriptedFailure['fault']

/** What is sent of an answer before it breaks off. */
function partsBefore(fault: Fault, parts: readonly Part[]): readonly Part[] {
  if (typeof fault === 'string' || 'streamError' in fault) return firstHalf(parts)
  if ('cutAtByte' in fault) return [{ bytes: joined(parts).subarray(0, fault.cutAtByte), piece: true }]
  if ('pieceTwice' in fault) return twice(parts, fault.pieceTwice)
  return parts
}

function twice(parts: readonly Part[], which: number): readonly Part[] {
  let piece = -1
  return parts.flatMap((part) => {
    if (part.piece) piece += 1
    return part.piece && piece === which ? [part, part] : [part]
  })
}

/** What becomes of the connection after the parts before the fault. */
export function breakOff({ wire, exchange, incoming }: Sending, fault: Fault): void {
  if (fault === 'reset') exchange.drop(incoming)
  else if (fault === 'truncate') exchange.end('', null)
  else if (fault === 'malformed') exchange.end('event: broken\ndata: {"type": "broken", \n\n', null)
  else if (typeof fault === 'string') return
  else if ('streamError' in fault) exchange.end(frameText(wire.streamError(fault.streamError)), null)
  else if ('cutAtByte' in fault && fault.by === 'end') exchange.end('', null)
  else if ('pieceTwice' in fault) exchange.end('', null)
  else exchange.drop(incoming)
}
