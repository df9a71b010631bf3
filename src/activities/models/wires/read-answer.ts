import { SIZES } from '../../../policies/limits.ts'
import { ModelFailure } from '../failures/model-failure.ts'
import { toModelFailure } from '../failures/to-model-failure.ts'
import { findToldError } from '../failures/told-error.ts'
import { createFrameReader, type Frame } from './frames.ts'
import type { ModelAnswer, ModelRequest } from './model-adapter.ts'
import { toAnswer } from './to-answer.ts'
import type { WireReader } from './wire-reader.ts'

/** Milliseconds; the rows are in the policy table `MODEL_CLOCKS`. */
export interface ModelClocks {
  /** From the request to the first byte of the answer. */
  readonly firstEventMs: number
  /** Between two signs of life of an answer that has begun; every byte is one, comments and pings included. */
  readonly idleMs: number
  /** From an answer's last word to the account of its tokens, on wires that send it afterwards. */
  readonly usageMs: number
  /** From an answer's known end to that of its connection, which can be used again if the server ends it in good order. */
  readonly closeMs: number
}

export interface AnswerReading {
  readonly request: ModelRequest
  readonly signal: AbortSignal
  readonly clocks: ModelClocks
  readonly reader: WireReader
  readonly requestIdHeader: string
  /** Sends the request. */
  open(signal: AbortSignal): Promise<Response>
  onProgress(delta: string): void
}

/**
 * Reads one answer to its end, under clocks of our own: the SDKs' timeouts end with the response's head, so a stream that falls
 * silent would hang for ever. Rejects with a `ModelFailure`, whatever was sent and whatever goes wrong in reading it, or with the
 * signal's reason; in both cases the socket is closed first. An answer that is whole stays so whatever happens to its connection
 * afterwards: it is paid for.
 */
export async function readAnswer(reading: AnswerReading): Promise<ModelAnswer> {
  const { request, reader, signal } = reading
  signal.throwIfAborted()
  const progress: Progress = { requestId: null, answering: false, lastFrame: null }
  const context = () => ({ ...progress, hasBegun: reader.hasBegun })
  try {
    await receive(reading, progress)
  } catch (error) {
    if (reader.progress === 'open') throw signal.aborted ? signal.reason : toModelFailure(error, context())
  }
  // The SDKs end an aborted stream as if it were over.
  if (reader.progress === 'open') signal.throwIfAborted()
  try {
    if (reader.progress === 'open') throw brokenOff(progress)
    return toAnswer(reader.said(), request.model, progress.requestId)
  } catch (error) {
    throw toModelFailure(error, context())
  }
}

interface Progress {
  requestId: string | null
  answering: boolean
  lastFrame: Frame | null
}

/** Feeds the reader with what arrives, until the bytes end or a clock strikes. */
async function receive(reading: AnswerReading, progress: Progress): Promise<void> {
  const { signal, clocks, reader, onProgress } = reading
  const request = new AbortController()
  let late: ModelFailure | undefined
  let running: keyof ModelClocks = 'firstEventMs'
  let clock = setTimeout(expire, clocks.firstEventMs)

  function expire(): void {
    late = new ModelFailure(reader.hasBegun ? 'model_stalled' : 'model_timed_out', idOf(progress.requestId))
    request.abort(late)
  }
  function abort(): void {
    request.abort(signal.reason)
  }
  function wind(next: keyof ModelClocks): void {
    // Signs of life after the last word do not put the end off.
    if (next === running && next !== 'idleMs') return
    if (next === running) return void clock.refresh()
    running = next
    clearTimeout(clock)
    clock = setTimeout(expire, clocks[next])
  }
  function take(frame: Frame): void {
    if (reader.progress === 'ended') return
    progress.lastFrame = frame
    onProgress(takeFrame(reader, frame))
  }

  signal.addEventListener('abort', abort, { once: true })
  try {
    const response = await reading.open(request.signal)
    progress.requestId =
      response.headers.get(reading.requestIdHeader)?.slice(0, SIZES.maxNameCharacters) ?? null
    progress.answering = true
    const frames = createFrameReader()
    for await (const bytes of response.body ?? []) {
      onProgress('')
      frames.push(bytes).forEach(take)
      wind(NEXT_CLOCK[reader.progress])
    }
    frames.end().forEach(take)
  } catch (error) {
    throw late ?? error
  } finally {
    clearTimeout(clock)
    signal.removeEventListener('abort', abort)
  }
  if (late !== undefined) throw late
}

const NEXT_CLOCK = { open: 'idleMs', said: 'usageMs', ended: 'closeMs' } as const

function takeFrame(reader: WireReader, { event, data, kind }: Frame): string {
  if (data.trim() === '[DONE]') {
    reader.done()
    return ''
  }
  const value = parse(data, kind)
  if (value === null || typeof value !== 'object') return ''
  const fields = (event === null ? value : { type: event, ...value }) as Readonly<Record<string, unknown>>
  const told = findToldError(fields)
  if (told !== null) throw told
  const delta = reader.take(fields)
  if (kind === 'body' && reader.progress === 'open')
    throw new Error(`no answer: ${data.slice(0, SIZES.loggedExcerptCharacters)}`)
  return delta
}

/** null for a piece of an event that the connection's end has cut off. */
function parse(data: string, kind: Frame['kind']): unknown {
  try {
    const parsed: unknown = JSON.parse(data)
    // Google's servers wrap an error's body in a list.
    return Array.isArray(parsed) ? parsed[0] : parsed
  } catch (error) {
    if (kind === 'cut') return null
    throw error
  }
}

/** The bytes have ended before the answer. What came last may say why, in words that only a person understands. */
function brokenOff({ lastFrame, requestId }: Progress): ModelFailure {
  if (lastFrame === null) return new ModelFailure('model_answer_malformed', idOf(requestId))
  const cause = new Error(`it ended after ${lastFrame.data.slice(0, SIZES.loggedExcerptCharacters)}`)
  return new ModelFailure('model_stalled', { cause, ...idOf(requestId) })
}

function idOf(requestId: string | null): { requestId?: string } {
  return requestId === null ? {} : { requestId }
}
