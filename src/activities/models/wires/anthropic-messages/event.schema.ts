import { z } from 'zod'
import { anyObject, listOf, maybe, maybeNumber, maybeText } from '../lenient.schema.ts'

/** Token counts; those that do not apply are absent or null. */
const USAGE = z.object({
  input_tokens: maybe(z.unknown()),
  cache_read_input_tokens: maybe(z.unknown()),
  cache_creation_input_tokens: maybe(z.unknown()),
  output_tokens: maybe(z.unknown()),
  output_tokens_details: maybe(z.object({ thinking_tokens: maybe(z.unknown()) })),
})

/** The first event of an answer, or all of it where the server sends no stream. */
export const MESSAGE = z.object({
  model: maybeText,
  usage: maybe(USAGE),
  content: listOf(anyObject),
  stop_reason: maybeText,
})

export const EVENT = z.object({
  type: maybeText,
  index: maybeNumber,
  message: maybe(MESSAGE),
  content_block: maybe(anyObject),
  delta: maybe(
    z.object({
      type: maybeText,
      text: maybeText,
      partial_json: maybeText,
      thinking: maybeText,
      signature: maybeText,
      citation: maybe(z.unknown()),
      stop_reason: maybeText,
    }),
  ),
  usage: maybe(USAGE),
})

export type MessagesEvent = z.output<typeof EVENT>
export type Delta = NonNullable<MessagesEvent['delta']>
export type MessagesUsage = z.output<typeof USAGE>
