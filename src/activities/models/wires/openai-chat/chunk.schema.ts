import { z } from 'zod'
import { listOf, maybe, maybeNumber, maybeText } from '../lenient.schema.ts'

/** Of one tool call, or all of it. Fields of a server's own go back with the call. */
const CALL_PIECE = z.looseObject({
  index: maybeNumber,
  id: maybeText,
  function: maybe(z.object({ name: maybeText, arguments: maybe(z.unknown()) })),
})

/** Fields of a server's own, such as its thinking, go back with the message. */
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

/** What is read of a chunk, and of a whole answer, whose choice has a `message` in the place of a `delta`. */
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
