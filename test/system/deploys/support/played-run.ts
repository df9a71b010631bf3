import type { RunResource } from '../../../../src/api/runs/run.schema.ts'
import { post } from '../../../api/support/post.ts'
import { readStream } from '../../../api/support/read-stream.ts'
import { createCaller } from '../../runs/support/caller.ts'

/** What came of one run, as its caller has seen it. */
export interface PlayedRun {
  readonly id: string
  readonly input: string
  readonly status: string
  /** How often its event stream ended before the run did, so that the caller came back with `Last-Event-ID`. */
  readonly returns: number
  /** Numbers of the events, in the order in which they came. */
  readonly places: readonly number[]
  /** Longest time to accept the run, and between two of its events. */
  readonly acceptedInMs: number
  readonly longestSilenceMs: number
}

/** Starts a run and reads along until it has ended. @throws where a request fails: it is never sent again */
export async function playRun(
  url: string,
  body: { readonly agent: string; readonly input: string },
): Promise<PlayedRun> {
  const caller = createCaller(url)
  const asked = performance.now()
  const started = await post<RunResource>(caller.v1('/runs'), body)
  if (started.status !== 202) throw new Error(`POST /v1/runs was answered ${started.status}: ${started.text}`)
  const acceptedInMs = performance.now() - asked
  const { id } = started.body

  const places: number[] = []
  let last = performance.now()
  let longestSilenceMs = 0
  let returns = -1
  let ended = false
  while (!ended) {
    returns += 1
    const place = places.at(-1)
    const headers = place === undefined ? {} : { 'last-event-id': String(place) }
    for await (const { id: seq, event } of readStream(caller.v1(`/runs/${id}/events`), headers)) {
      longestSilenceMs = Math.max(longestSilenceMs, performance.now() - last)
      last = performance.now()
      if (seq !== null) places.push(Number(seq))
      ended = /^run\.(completed|incomplete|failed|cancelled|expired)$/.test(event)
    }
  }
  const { status } = await caller.run(id)
  return { id, input: body.input, status, returns, places, acceptedInMs, longestSilenceMs }
}
