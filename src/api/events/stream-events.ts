import type { FastifyReply } from 'fastify'
import type { Delta } from '../../contracts/events/event.ts'
import type { RunId } from '../../contracts/runs/run.ts'
import { whileValid } from '../access/while-valid.ts'
import type { ApiContext } from '../context.ts'
import { openSseStream } from '../http/sse-stream.ts'
import type { DeltaResource } from './event.schema.ts'
import { followEvents } from './follow-events.ts'
import { toEventResource } from './to-event-resource.ts'

interface Place {
  readonly tenant: string
  readonly runId: RunId
  readonly after: number
}

/**
 * Streams a run's events to one reader until the run ends, the reader disconnects or its key becomes invalid. A reader that disconnects
 * ends only the stream. Text on its way is passed on once the reader has all events before it, beginning with the text so far.
 */
export async function streamEvents(context: ApiContext, place: Place, reply: FastifyReply): Promise<void> {
  const { hub, limits } = context
  const { log } = reply.request
  limits?.streams.open(reply)
  reply.request.work.onlyWaits()
  const stream = openSseStream(reply)
  const signal = AbortSignal.any([stream.closed, hub.closing, whileValid(reply)])

  let live = false
  const send = (delta: Delta) => stream.send({ event: delta.type, data: toWire(delta) })
  const unsubscribe = hub.subscribeText(place.runId, {
    onDelta: (delta) => {
      if (live) send(delta)
    },
  })
  const onLive = () => {
    if (!live) hub.textSoFar(place.runId).forEach(send)
    live = true
  }
  try {
    for await (const event of followEvents(context, { ...place, signal, onLive })) {
      stream.send({ id: event.seq, event: event.type, data: toEventResource(event) })
      await stream.drained()
    }
  } catch (error) {
    // The answer has begun, so no problem can be sent. A stream that ends without a last event makes the reader reconnect.
    log.error({ err: error, runId: place.runId }, 'event stream broke off')
  } finally {
    unsubscribe()
    stream.end()
  }
}

function toWire({ runId, type, step, hop, attempt, text }: Delta): DeltaResource {
  const about = { object: 'delta', run_id: runId, step, hop, attempt } as const
  return type === 'model.delta' ? { ...about, type, text } : { ...about, type }
}
