import type { ChatCompletionChunk } from 'openai/resources/chat/completions'
import type { CompletionUsage } from 'openai/resources/completions'

export interface CollectedCall {
  id: string
  name: string
  arguments: string
}

/** A chat answer put together from its chunks. */
export interface CollectedChat {
  model: string | null
  content: string
  refusal: string
  /** Thinking, where a compatible server shows it: the field's name → its text. Some of them want it back. */
  readonly reasoning: Record<string, string>
  readonly calls: CollectedCall[]
  finishReason: string | null
  usage: CompletionUsage | null
}

export function newChat(): CollectedChat {
  return { model: null, content: '', refusal: '', reasoning: {}, calls: [], finishReason: null, usage: null }
}

const REASONING_FIELDS = ['reasoning_content', 'reasoning'] as const

/** Adds one chunk; gives back the text of the answer in it. */
export function addChunk(chat: CollectedChat, chunk: ChatCompletionChunk): string {
  if (chunk.model) chat.model = chunk.model
  if (chunk.usage) chat.usage = chunk.usage
  const choice = chunk.choices?.[0]
  if (choice === undefined) return ''
  if (choice.finish_reason) chat.finishReason = choice.finish_reason

  const delta: Partial<typeof choice.delta> = choice.delta ?? {}
  for (const field of REASONING_FIELDS) {
    const piece: unknown = Reflect.get(delta, field)
    if (typeof piece === 'string' && piece !== '')
      chat.reasoning[field] = (chat.reasoning[field] ?? '') + piece
  }
  for (const piece of delta.tool_calls ?? []) {
    // Some servers send every call whole and give all of them the index 0: an id of its own begins a call of its own.
    const known = chat.calls[piece.index]
    const index = known !== undefined && piece.id && known.id !== piece.id ? chat.calls.length : piece.index
    const call = chat.calls[index] ?? { id: '', name: '', arguments: '' }
    chat.calls[index] = call
    if (piece.id) call.id = piece.id
    if (piece.function?.name) call.name = piece.function.name
    call.arguments += piece.function?.arguments ?? ''
  }
  chat.content += delta.content ?? ''
  chat.refusal += delta.refusal ?? ''
  return (delta.content ?? '') + (delta.refusal ?? '')
}
