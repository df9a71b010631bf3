import { messagesReader } from '../../../../src/activities/models/wires/anthropic-messages/reader.ts'
import { chatReader } from '../../../../src/activities/models/wires/openai-chat/reader.ts'
import { responsesReader } from '../../../../src/activities/models/wires/openai-responses/reader.ts'
import { readUsage } from '../../../../src/activities/models/wires/read-usage.ts'
import type { WireReader } from '../../../../src/activities/models/wires/wire-reader.ts'
import type { Wire } from '../../../../src/contracts/models/model.ts'
import type { CallUsage } from '../../../../src/contracts/models/usage.ts'

/** Tokens of a call, each counted once. */
export interface Tokens {
  readonly fresh: number
  readonly cached: number
  readonly written: number
  readonly output: number
}

/** An answer's usage as the provider spells it. */
export function spelled(wire: Wire, { fresh, cached, written, output }: Tokens): object {
  const input = fresh + cached + written
  switch (wire) {
    case 'openai-responses':
      return {
        input_tokens: input,
        input_tokens_details: { cached_tokens: cached, cache_write_tokens: written },
        output_tokens: output,
        output_tokens_details: { reasoning_tokens: 0 },
        total_tokens: input + output,
      }
    case 'openai-chat':
      return {
        prompt_tokens: input,
        prompt_tokens_details: { cached_tokens: cached, cache_write_tokens: written },
        completion_tokens: output,
        total_tokens: input + output,
      }
    case 'anthropic-messages':
      return {
        input_tokens: fresh,
        cache_read_input_tokens: cached,
        cache_creation_input_tokens: written,
        output_tokens: output,
      }
  }
}

const READERS: Readonly<Record<Wire, () => WireReader>> = {
  'openai-responses': responsesReader,
  'openai-chat': chatReader,
  'anthropic-messages': messagesReader,
}

/** A whole answer with nothing but this usage in it. */
const OBJECTS: Readonly<Record<Wire, object>> = {
  'openai-responses': { object: 'response', status: 'completed', output: [] },
  'openai-chat': { choices: [] },
  'anthropic-messages': { type: 'message', content: [], stop_reason: 'end_turn' },
}

/** The same as the wire's reader understands it. */
export function understood(wire: Wire, tokens: Tokens): CallUsage {
  return usageOf(wire, spelled(wire, tokens))
}

/** What the wire's reader takes for the usage, whatever stands in its place. */
export function usageOf(wire: Wire, usage: unknown): CallUsage {
  const reader = READERS[wire]()
  reader.take({ ...OBJECTS[wire], usage })
  return readUsage(reader.rawAnswer().counts)
}
