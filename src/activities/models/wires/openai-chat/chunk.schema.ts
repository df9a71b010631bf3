import { z } from 'zod'
import { listOf, maybe, maybeNumber, maybeText } from '../lenient.schema.ts'

/** A part of a tool call, or all of it. Later requests have to contain a server's own fields with the call. */
const CALL_PIECE = z.looseObject({
  index: maybeNumber,
  id: maybeText,
  function: maybe(z.object({ name: maybeText, arguments: maybe(z.unknown()) })),
})

/** Later requests have to contain a server's own fields, such as its reasoning, with the message. */
const DELTA = z.looseObject({
  /** Text, or a list of parts. */
  content: maybe(z.union([z.string(), z.array(z.unknown())])),
  refusal: maybeText,
  tool_calls: listOf(CALL_PIECE),
})

const USAGE = z.object({
  prompt_tokens: maybe(z.unknown()),
  completion_tokens: maybe(z.unknown()),
  total_tokens: maybe(z.unknown()),
  prompt_tokens_details: maybe(
    z.object({ cached_tokens: maybe(z.unknown()), cache_write_tokens: maybe(z.unknown()) }),
  ),
  completion_tokens_details: maybe(z.object({ reasoning_tokens: maybe(z.unknown()) })),
})

/** A chunk, or a whole answer, whose choice has a `message` in the place of a `delta`. */
export const CHUNK = z.object({
  model: maybeText,
  usage: maybe(USAGE),
  choices: listOf(
    z.object({
      delta: maybe(DELTA),
      message: maybe(DELTA),
      finish_reason: maybeText,
      usage: maybe(USAGE),
    }),
  ),
})

export type ChatUsage = z.output<typeof USAGE>
export type ChatDelta = z.output<typeof DELTA>
export type CallPiece = z.output<typeof CALL_PIECE>
