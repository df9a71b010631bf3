import { z } from 'zod'
import { anyObject, listOf, maybe, maybeNumber, maybeText } from '../lenient.schema.ts'

const USAGE = z.object({
  input_tokens: maybe(z.unknown()),
  output_tokens: maybe(z.unknown()),
  total_tokens: maybe(z.unknown()),
  input_tokens_details: maybe(
    z.object({ cached_tokens: maybe(z.unknown()), cache_write_tokens: maybe(z.unknown()) }),
  ),
  output_tokens_details: maybe(z.object({ reasoning_tokens: maybe(z.unknown()) })),
})

/** The whole answer, as its last event has it. */
export const RESPONSE = z.object({
  status: maybeText,
  model: maybeText,
  output: listOf(anyObject),
  incomplete_details: maybe(z.object({ reason: maybeText })),
  error: maybe(anyObject),
  usage: maybe(USAGE),
})

export const EVENT = z.object({
  type: maybeText,
  output_index: maybeNumber,
  item_id: maybeText,
  item: maybe(anyObject),
  delta: maybeText,
  text: maybeText,
  arguments: maybeText,
  response: maybe(RESPONSE),
})

/** The fields that are read of an item; later requests contain all of it unchanged. */
export const ITEM = z.object({
  id: maybeText,
  type: maybeText,
  call_id: maybeText,
  name: maybeText,
  arguments: maybe(z.unknown()),
  content: listOf(z.object({ type: maybeText, text: maybeText, refusal: maybeText })),
})

export type ResponsesEvent = z.output<typeof EVENT>
export type FinalResponse = z.output<typeof RESPONSE>
export type ResponsesUsage = z.output<typeof USAGE>
export type Item = Readonly<Record<string, unknown>>
