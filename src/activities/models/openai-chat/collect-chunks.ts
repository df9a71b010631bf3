import type { ChatCompletionChunk } from 'openai/resources/chat/completions'
import type { CompletionUsage } from 'openai/resources/completions'
import type { JsonObject } from '../../../contracts/json.ts'
import { type KeptFields, keepFields } from './keep-fields.ts'

export interface CollectedCall {
  id: string
  name: string
  arguments: string
  readonly kept: KeptFields
}

/** A chat answer put together from its chunks. */
export interface CollectedChat {
  model: string | null
  content: string
  refusal: string
  /** What a compatible server says besides, such as its thinking. Some of them want it back. */
  readonly kept: KeptFields
  readonly calls: CollectedCall[]
  finishReason: string | null
  usage: CompletionUsage | null
}

export function newChat(): CollectedChat {
  return { model: null, content: '', refusal: '', kept: {}, calls: [], finishReason: null, usage: null }
}

const DEFINED = new Set(['role', 'content', 'refusal', 'tool_calls', 'function_call', 'audio', 'annotations'])
const DEFINED_OF_CALL = new Set(['index', 'id', 'type', 'function'])

/** Adds one chunk; gives back the text of the answer in it. */
export function addChunk(chat: CollectedChat, chunk: ChatCompletionChunk): string {
  if (chunk.model) chat.model = chunk.model
  if (chunk.usage) chat.usage = chunk.usage
  const choice = chunk.choices?.[0]
  if (choice === undefined) return ''
  if (choice.finish_reason) chat.finishReason = choice.finish_reason

  const delta: Partial<typeof choice.delta> = choice.delta ?? {}
  keepFields(chat.kept, delta as JsonObject, DEFINED)
  for (const piece of delta.tool_calls ?? []) {
    // Some servers send every call whole and give all of them the index 0: an id of its own begins a call of its own.
    const known = chat.calls[piece.index]
    const index = known !== undefined && piece.id && known.id !== piece.id ? chat.calls.length : piece.index
    const call = chat.calls[index] ?? { id: '', name: '', arguments: '', kept: {} }
    chat.calls[index] = call
    if (piece.id) call.id = piece.id
    if (piece.function?.name) call.name = piece.function.name
    keepFields(call.kept, { ...piece } as unknown as JsonObject, DEFINED_OF_CALL)
    call.arguments += piece.function?.arguments ?? ''
  }
  chat.content += delta.content ?? ''
  chat.refusal += delta.refusal ?? ''
  return (delta.content ?? '') + (delta.refusal ?? '')
}
