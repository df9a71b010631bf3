import type { RunStreamEntry } from '../generated.ts'
import { HoldfastError } from '../holdfast-error.ts'
import { readEventStream } from './read-event-stream.ts'
import { toOutgoing } from './requests.ts'
import type { Send } from './send.ts'
import { delayOf, sleep, type Timing } from './timing.ts'

export interface StreamOptions {
  /** `seq` of the last event that is known; from the beginning where it is not given. */
  readonly after?: number
  readonly signal?: AbortSignal | undefined
}

const ENDS: readonly string[] = [
  'run.completed',
  'run.incomplete',
  'run.failed',
  'run.cancelled',
  'run.expired',
]

/**
 * A run's events, then those that come, to its end. A connection that breaks is opened again, and the stream goes on behind the last
 * event: each event comes once, in order.
 */
export async function* followRun(
  send: Send,
  timing: Timing,
  id: string,
  { after = 0, signal }: StreamOptions,
): AsyncGenerator<RunStreamEntry> {
  let place = after
  let hasEnded = false
  for (let failures = 0; ; failures += 1) {
    if (failures > 0) await sleep(delayOf(timing, failures - 1), signal)
    const { status, body } = await send(
      toOutgoing('GET /v1/runs/{id}/events', {
        path: { id },
        headers: { accept: 'text/event-stream', 'last-event-id': String(place) },
        signal,
      }),
      async (response) => response,
    )
    // The run has ended, and there is nothing behind this place.
    if (status === 204 || body === null) return
    const onBytes = () => {
      failures = 0
    }
    try {
      for await (const { data } of readEventStream(body, { silenceMs: timing.silenceMs, signal, onBytes })) {
        const entry = JSON.parse(data) as RunStreamEntry
        if (entry.object === 'event') {
          place = entry.seq
          // A run that was resumed has events after an end.
          hasEnded = ENDS.includes(entry.type)
        }
        yield entry
      }
      if (hasEnded) return
      // The API has stopped, or a proxy has cut the stream off.
      if (failures >= timing.retries) throw new HoldfastError('no_answer', 'The event stream is empty.')
    } catch (error) {
      if (!isBroken(error) || failures >= timing.retries) throw error
    }
  }
}

function isBroken(error: unknown): boolean {
  return error instanceof HoldfastError && error.code === 'no_answer'
}
