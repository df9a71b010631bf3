import { SIZES } from '../../../policies/limits.ts'
import { ModelFailure } from '../failures/model-failure.ts'

/** One event of a provider's answer, not parsed yet. */
export interface Frame {
  /** The event's name, where the stream gives it one. */
  readonly event: string | null
  readonly data: string
  /** `body`: the whole body is this one JSON value. `cut`: the bytes ended in it. */
  readonly kind: 'event' | 'body' | 'cut'
}

export interface FrameReader {
  /** The frames that these bytes complete. */
  push(bytes: Uint8Array): readonly Frame[]
  /** The frames that are left once the response has ended. */
  end(): readonly Frame[]
}

/**
 * Divides a response's body into frames: server-sent events, wherever its bytes are divided and however its lines end; or, where the
 * body begins as JSON, one frame with all of it, since some servers answer a request for a stream with a whole answer, or with an error
 * and status 200. The SDKs' own decoders drop an event without an `event:` line, or fail on an event that they do not know.
 *
 * `push` throws a `ModelFailure` once the body is larger than `SIZES.maxStreamBytes`.
 */
export function createFrameReader(): FrameReader {
  const decoder = new TextDecoder()
  let bytesSoFar = 0
  let mode: 'unknown' | 'events' | 'json' = 'unknown'
  let whole = ''
  let line = ''
  let endedInReturn = false
  let event: string | null = null
  let data: string[] = []

  function add(text: string): Frame[] {
    if (mode === 'unknown') {
      const first = text.trimStart()[0]
      if (first !== undefined) mode = first === '{' || first === '[' ? 'json' : 'events'
    }
    if (mode === 'json') whole += text
    return mode === 'events' ? addLines(text) : []
  }

  function addLines(text: string): Frame[] {
    if (text === '') return []
    const lines = (endedInReturn && text.startsWith('\n') ? text.slice(1) : text).split(/\r\n|\n|\r/)
    endedInReturn = text.endsWith('\r')
    lines[0] = line + (lines[0] ?? '')
    line = lines.pop() ?? ''
    return lines.flatMap(addLine)
  }

  function addLine(text: string): Frame[] {
    if (text === '') return dispatch('event')
    const colon = text.indexOf(':')
    const field = colon === -1 ? text : text.slice(0, colon)
    const value = colon === -1 ? '' : text.slice(colon + (text[colon + 1] === ' ' ? 2 : 1))
    if (field === 'data') data.push(value)
    if (field === 'event') event = value
    return []
  }

  function dispatch(kind: Frame['kind']): Frame[] {
    const frame = { event, data: data.join('\n'), kind }
    event = null
    data = []
    return frame.data === '' ? [] : [frame]
  }

  return {
    push(bytes) {
      bytesSoFar += bytes.length
      if (bytesSoFar > SIZES.maxStreamBytes) {
        const cause = new Error(`the answer is over ${SIZES.maxStreamBytes} bytes`)
        throw new ModelFailure('model_answer_malformed', { cause })
      }
      return add(decoder.decode(bytes, { stream: true }))
    },
    end() {
      const frames = add(decoder.decode())
      if (mode === 'json') return [{ event: null, data: whole, kind: 'body' }]
      return [...frames, ...addLine(line), ...dispatch('cut')]
    },
  }
}
