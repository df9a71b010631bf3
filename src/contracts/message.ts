import type { Json, JsonObject } from './json.ts'
import type { Wire } from './model.ts'

/** What the caller said: the run's input, or a message added while it runs. */
export interface UserMessage {
  readonly role: 'user'
  readonly text: string
  /** Who added it while the run went on. The input has none: it is the principal's, or for a sub-agent its parent's. */
  readonly by?: string
  /**
   * The line that a model is shown before the text, where somebody other than the run's principal wrote it. It is stored with
   * the text, so that the record says what was shown, and the estimate of a call's input counts it.
   */
  readonly introduction?: string
}

/**
 * What a model answered. `wireItems` are the provider's own output items, unchanged, so that the same wire gets them back
 * exactly (reasoning and thinking items lose their meaning otherwise); another wire is told `text` and `toolCalls`.
 */
export interface AssistantMessage {
  readonly role: 'assistant'
  readonly text: string
  readonly toolCalls: readonly ToolCall[]
  readonly wire: Wire | 'none'
  readonly wireItems: readonly Json[]
}

export interface ToolCall {
  /** The provider's id for the call; only it ties the result to the call. */
  readonly callId: string
  readonly tool: string
  readonly arguments: JsonObject
}

/** What a tool, or the run in its place, told the model. */
export interface ToolMessage {
  readonly role: 'tool'
  readonly callId: string
  readonly tool: string
  /** Text that we wrote or JSON from a handler of ours; foreign error text never stands here. */
  readonly content: string
  readonly isError: boolean
}

export type Message = UserMessage | AssistantMessage | ToolMessage

/** A message at its place in the run's transcript. `seq` is given by the workflow, so storing it twice is storing it once. */
export interface TranscriptEntry {
  readonly seq: number
  readonly message: Message
  readonly createdAt: string
}
