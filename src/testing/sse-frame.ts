import { type Delivery, LINE_ENDS } from './delivery.ts'

/** One server-sent event. A piece has text or arguments; a script may ask for a wait before each piece. */
export interface SseFrame {
  readonly event: string | null
  readonly data: string
  readonly piece: boolean
}

export function frame(event: string | null, data: unknown, piece = false): SseFrame {
  return { event, data: JSON.stringify(data), piece }
}

/** The end of a chat stream, which is not JSON. */
export const DONE: SseFrame = { event: null, data: '[DONE]', piece: false }

/** The bytes of an event, as text. */
export function frameText(
  { event, data }: Pick<SseFrame, 'event' | 'data'>,
  delivery: Pick<Delivery, 'lineEnds' | 'severalDataLines' | 'comments'> = {},
): string {
  const { lineEnds = 'lf', severalDataLines = false, comments = false } = delivery
  const dataLines = severalDataLines && data.startsWith('{') ? spread(data) : [data]
  return [
    ...(event === null ? [] : [`event: ${event}`]),
    ...dataLines.map((line) => `data: ${line}`),
    '',
    ...(comments ? [': keep-alive', ''] : []),
    '',
  ].join(LINE_ENDS[lineEnds])
}

/** JSON over several lines, which mean the same when a client joins them again. */
function spread(json: string): string[] {
  return JSON.stringify(JSON.parse(json), null, 1).split('\n')
}

/** Cuts a text into pieces as long as a provider's under load, and no character in two. */
export function pieces(text: string): readonly string[] {
  return text.match(/.{1,48}/gsu) ?? []
}
