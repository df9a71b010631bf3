import { SIZES } from '../../../policies/limits.ts'
import { noteWholeAnswer } from '../../dossier/exchange-scope.ts'
import { ModelFailure } from '../failures/model-failure.ts'
import { findReportedError } from '../failures/reported-error.ts'
import { toModelFailure } from '../failures/to-model-failure.ts'
import { UnreadableAnswer } from '../failures/unreadable-answer.ts'
import { createFrameReader, type Frame } from './frame-reader.ts'
import type { ModelAnswer, ModelRequest } from './model-adapter.ts'
import { readRemaining } from './read-remaining.ts'
import { toAnswer } from './to-answer.ts'
import type { WireReader } from './wire-reader.ts'

/** Milliseconds; the rows are in the policy table `MODEL_CLOCKS`. */
export interface ModelClocks {
  /** From the request to the first byte of the answer. */
  readonly firstEventMs: number
  /** Between two reads of an answer that has begun; comments and pings count as well. */
  readonly idleMs: number
  /** From the end of an answer's text to its token counts, on wires that send them afterwards. */
  readonly usageMs: number
  /** From an answer's end to the end of its response: a connection whose response the server has ended can be used again. */
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
 * Reads one answer to its end, under our own timeouts: those of the SDKs end with the response's head, so a stream that falls silent
 * would hang for ever. Rejects with a `ModelFailure`, whatever was sent and whatever goes wrong in reading it, or with the signal's
 * reason; in both cases the socket is closed first. A whole answer counts whatever happens to its connection afterwards: it is billed.
 */
export async function readAnswer(reading: AnswerReading): Promise<ModelAnswer> {
  const { request, reader, signal } = reading
  signal.throwIfAborted()
  const progress: Progress = {
    requestId: null,
    remaining: {},
    answering: false,
    isPage: false,
    lastFrame: null,
  }
  const context = () => ({ ...progress, hasBegun: reader.hasBegun })
  try {
    await receive(reading, progress)
  } catch (error) {
    if (reader.progress === 'open') throw signal.aborted ? signal.reason : toModelFailure(error, context())
  }
  // The SDKs end an aborted stream as if it were over.
  if (reader.progress === 'open') signal.throwIfAborted()
  else noteWholeAnswer()
  try {
    if (reader.progress === 'open') throw truncatedAnswer(progress)
    return { ...toAnswer(reader.rawAnswer(), request.model, progress.requestId), ...progress.remaining }
  } catch (error) {
    throw toModelFailure(error, context())
  }
}

interface Progress {
  requestId: string | null
  remaining: Pick<ModelAnswer, 'remaining'>
  answering: boolean
  /** The response is no model's: a page for people, or nothing by its status. */
  isPage: boolean
  lastFrame: Frame | null
}

/** Gives the reader each frame that arrives, until the response ends or a timeout expires. */
async function receive(reading: AnswerReading, progress: Progress): Promise<void> {
  const { signal, clocks, reader, onProgress } = reading
  const request = new AbortController()
  let expired: ModelFailure | undefined
  let running: keyof ModelClocks = 'firstEventMs'
  let clock = setTimeout(expire, clocks.firstEventMs)

  function expire(): void {
    expired = new ModelFailure(
      running === 'firstEventMs' ? 'model_timed_out' : 'model_stalled',
      idOf(progress.requestId),
    )
    request.abort(expired)
  }
  function abort(): void {
    request.abort(signal.reason)
  }
  function restartClock(next: keyof ModelClocks): void {
    // Only `idleMs` starts anew with every byte: a server that keeps sending after its answer must not put the end off.
    if (next === running && next !== 'idleMs') return
    if (next === running) return void clock.refresh()
    running = next
    clearTimeout(clock)
    clock = setTimeout(expire, clocks[next])
  }
  function takeFrame(frame: Frame): void {
    if (reader.progress === 'ended') return
    progress.lastFrame = frame
    onProgress(readFrame(reader, frame))
  }

  signal.addEventListener('abort', abort, { once: true })
  try {
    const response = await reading.open(request.signal)
    progress.requestId =
      response.headers.get(reading.requestIdHeader)?.slice(0, SIZES.maxNameCharacters) ?? null
    progress.remaining = readRemaining(response.headers)
    progress.answering = true
    progress.isPage = isPage(response)
    const frames = createFrameReader()
    for await (const bytes of response.body ?? []) {
      onProgress('')
      frames.push(bytes).forEach(takeFrame)
      restartClock(NEXT_CLOCK[reader.progress])
    }
    frames.end().forEach(takeFrame)
  } catch (error) {
    throw expired ?? error
  } finally {
    clearTimeout(clock)
    signal.removeEventListener('abort', abort)
  }
  if (expired !== undefined) throw expired
}

const NEXT_CLOCK = { open: 'idleMs', answered: 'usageMs', ended: 'closeMs' } as const

function readFrame(reader: WireReader, { event, data, kind }: Frame): string {
  if (data.trim() === '[DONE]') {
    reader.done()
    return ''
  }
  const value = parse(data, kind)
  if (value === null || typeof value !== 'object') {
    if (kind === 'body') throw new UnreadableAnswer(NO_ANSWER, data)
    return ''
  }
  const fields = (event === null ? value : { type: event, ...value }) as Readonly<Record<string, unknown>>
  // The reader of a whole response takes its error together with its token counts.
  const reported = fields['object'] === 'response' ? null : findReportedError(fields)
  if (reported !== null) throw reported
  const delta = reader.take(fields)
  if (kind === 'body' && reader.progress === 'open') throw new UnreadableAnswer(NO_ANSWER, data)
  return delta
}

const NO_ANSWER = 'what was sent is no answer'

/** The frame's JSON; null for the part of an event that the end of the connection has cut off. */
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

/** The response has ended before the answer. Its last frame may have the reason in words that only a person understands. */
function truncatedAnswer({ lastFrame, requestId, isPage }: Progress): ModelFailure {
  if (lastFrame === null) {
    // A gateway in front of the provider has answered, and no model has worked.
    return new ModelFailure('model_answer_malformed', { ...idOf(requestId), ...(isPage && { billed: 'no' }) })
  }
  const cause = new UnreadableAnswer('it ended after this', lastFrame.data)
  return new ModelFailure('model_stalled', { cause, ...idOf(requestId) })
}

function idOf(requestId: string | null): { requestId?: string } {
  return requestId === null ? {} : { requestId }
}

function isPage({ status, headers }: Response): boolean {
  return status === 204 || (headers.get('content-type') ?? '').toLowerCase().startsWith('text/html')
}
