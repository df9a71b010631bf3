import type { Delivery } from './delivery.ts'
import type { PlannedAnswer } from './planned-answer.ts'
import type { ProviderWire } from './provider-wire.ts'
import { DONE, frameText, type SseFrame } from './sse-frame.ts'

/** A part of an answer's body. A script may ask for a wait before each piece. */
export interface Part {
  readonly bytes: Buffer
  readonly piece: boolean
}

/** The body of a streamed answer: a part for each event. */
export function streamedParts(
  wire: ProviderWire,
  answer: PlannedAnswer,
  delivery: Delivery = {},
): readonly Part[] {
  return withUsage(wire.streamed(answer), delivery.usage)
    .filter((frame) => frame !== DONE || delivery.withoutDone !== true)
    .map((frame) => ({ bytes: Buffer.from(frameText(frame, delivery)), piece: frame.piece }))
}

/** The body of an answer to a request that did not ask for a stream, in two halves. */
export function wholeParts(
  wire: ProviderWire,
  answer: PlannedAnswer,
  { usage }: Delivery = {},
): readonly Part[] {
  const object = wire.whole(answer)
  const text = usage === 'missing' ? withoutUsage(JSON.stringify(object)) : JSON.stringify(object)
  const body = Buffer.from(usage === 'twice' ? text.replace('"usage":', '"usage":null,"usage":') : text)
  const middle = Math.ceil(body.length / 2)
  return [body.subarray(0, middle), body.subarray(middle)].map((bytes) => ({ bytes, piece: true }))
}

/** The parts up to the middle piece: the answer has begun and does not end. */
export function firstHalf<T extends { readonly piece: boolean }>(parts: readonly T[]): readonly T[] {
  const places = parts.flatMap((part, place) => (part.piece ? [place] : []))
  const middle = places[Math.ceil(places.length / 2) - 1] ?? 0
  return parts.slice(0, middle + 1)
}

function withUsage(frames: readonly SseFrame[], usage: Delivery['usage']): readonly SseFrame[] {
  if (usage === undefined) return frames
  if (usage === 'missing') {
    return frames.map((frame) =>
      frame.data.includes('"usage":') ? { ...frame, data: withoutUsage(frame.data) } : frame,
    )
  }
  const last = frames.findLastIndex(({ data }) => /"usage":\{/.test(data))
  return frames.flatMap((frame, place) => (place === last ? [frame, frame] : [frame]))
}

function withoutUsage(json: string): string {
  return JSON.stringify(JSON.parse(json), (key, value: unknown) => (key === 'usage' ? undefined : value))
}

export function joined(parts: readonly Part[]): Buffer {
  return Buffer.concat(parts.map(({ bytes }) => bytes))
}
