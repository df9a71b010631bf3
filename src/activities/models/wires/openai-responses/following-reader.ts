import { z } from 'zod'
import { maybe, maybeNumber, maybeText } from '../lenient.schema.ts'
import type { WireReader } from '../wire-reader.ts'
import { responsesReader } from './reader.ts'

/** Where an event stands, and the response that it is of. A response that is sent whole has the last three at its top. */
const PLACE = z.object({
  sequence_number: maybeNumber,
  response: maybe(z.object({ id: maybeText })),
  object: maybeText,
  id: maybeText,
  status: maybeText,
})

/** Ids that are stored and sent back. An answer with another one is read like one that is not in the background. */
const ID = /^[\w.-]{1,200}$/

/** A reader that can go on with another stream of the same response. */
export interface FollowingReader extends WireReader {
  /** null until the provider has named the response. */
  readonly responseId: string | null
  /** Sequence number of the last event; null before the first. */
  readonly lastEvent: number | null
}

/** The provider has sent the response as it is, and it has not ended. */
export class StillRunning extends Error {
  override readonly name = 'StillRunning'
}

/** @param onNamed called once, with the id of a response that has none yet */
export function followingReader(
  known: string | null,
  onNamed: (responseId: string) => void = () => undefined,
): FollowingReader {
  const reader = responsesReader()
  let responseId = known
  let lastEvent: number | null = null

  return {
    get responseId() {
      return responseId
    },
    get lastEvent() {
      return lastEvent
    },
    get progress() {
      return reader.progress
    },
    get hasBegun() {
      return reader.hasBegun
    },
    take(fields) {
      const { sequence_number: place, response, object, id, status } = PLACE.parse(fields)
      const isWhole = object === 'response'
      lastEvent = place ?? lastEvent
      const named = isWhole ? id : response?.id
      if (responseId === null && named !== undefined && ID.test(named)) {
        responseId = named
        onNamed(named)
      }
      if (isWhole && (status === 'queued' || status === 'in_progress')) throw new StillRunning()
      return reader.take(fields)
    },
    done: () => reader.done(),
    rawAnswer: () => reader.rawAnswer(),
  }
}
