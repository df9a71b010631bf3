import { setTimeout as delay } from 'node:timers/promises'
import { firstHalf } from '../answer-parts.ts'
import type { PlannedAnswer } from '../planned-answer.ts'
import type { ScriptedStreamError } from '../script.ts'
import { frame, type SseFrame } from '../sse-frame.ts'
import {
  outputItems,
  responseFrames,
  responseHead,
  responseId,
  responseObject,
} from '../wires/openai-responses-answer.ts'

interface Playing {
  readonly chunkDelayMs?: number | undefined
  /** The response fails with this after its first half. */
  readonly fails?: ScriptedStreamError['streamError'] | undefined
}

/** A response that goes on without its client. */
export interface BackgroundResponse {
  readonly id: string
  /** The response as it is now. */
  object(): unknown
  /** Has no effect on a response that has ended. */
  cancel(): void
  /** The events after this sequence number, those to come as well, until the response ends or the signal aborts. */
  follow(after: number, signal: AbortSignal): AsyncGenerator<SseFrame>
  /** Settles when the response has ended, to whether it is whole. */
  readonly ended: Promise<boolean>
}

/** Begins a response, whose events come with the script's waits between them. */
export function startBackgroundResponse(
  answer: PlannedAnswer,
  { chunkDelayMs = 0, fails }: Playing,
): BackgroundResponse {
  const sent: SseFrame[] = []
  const cancelled = new AbortController()
  let status: 'queued' | 'in_progress' | 'completed' | 'failed' | 'cancelled' = 'queued'
  let next = Promise.withResolvers<void>()

  function send(event: SseFrame): void {
    sent.push(event)
    next.resolve()
    next = Promise.withResolvers()
  }

  async function play(): Promise<boolean> {
    const all = responseFrames(answer)
    for (const event of fails === undefined ? all : firstHalf(all)) {
      // Also without a wait the request is answered first, as with a provider.
      await delay(event.piece ? chunkDelayMs : 0, undefined, { signal: cancelled.signal })
      if (status === 'queued') status = 'in_progress'
      if (event === all.at(-1)) status = 'completed'
      send(event)
    }
    if (fails === undefined) return true
    status = 'failed'
    const type = 'response.failed'
    send(frame(type, { type, sequence_number: sent.length, response: object() }))
    return false
  }

  function object(): unknown {
    if (status === 'completed') return responseObject(answer, outputItems(answer))
    const error = fails && { code: fails.code ?? fails.type, message: fails.message ?? fails.type }
    return { ...responseHead(answer), status, ...(status === 'failed' && { error }) }
  }

  const ended = play()
    .catch(() => false)
    .finally(() => next.resolve())
  return {
    id: responseId(answer.id),
    object,
    ended,
    cancel() {
      if (status !== 'queued' && status !== 'in_progress') return
      status = 'cancelled'
      cancelled.abort()
    },
    async *follow(after, signal) {
      const gone = new Promise<void>((resolve) =>
        signal.addEventListener('abort', () => resolve(), { once: true }),
      )
      for (let at = after + 1; !signal.aborted; at += 1) {
        while (sent[at] === undefined && isGoingOn(status) && !signal.aborted)
          await Promise.race([next.promise, gone])
        const event = sent[at]
        if (event === undefined) return
        yield event
      }
    },
  }
}

function isGoingOn(status: string): boolean {
  return status === 'queued' || status === 'in_progress'
}
