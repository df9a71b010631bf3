import type { Json, JsonObject } from './json.ts'
import type { Provider, Wire } from './model.ts'

/** What the caller said: the run's input, or a message added while it runs. */
export interface UserMessage {
  readonly role: 'user'
  readonly text: string
}

/**
 * What a model answered. `wireItems` are the provider's own output items, so that who made them gets them back (reasoning and
 * thinking items lose their meaning otherwise); any other wire, provider or model is told `text` and `toolCalls`.
 */
export interface AssistantMessage {
  readonly role: 'assistant'
  readonly text: string
  readonly toolCalls: readonly ToolCall[]
  readonly wire: Wire | 'none'
  readonly wireItems: readonly Json[]
  /** The model that was asked. Absent in messages of 0.2.0 and older, and in those that no model made. */
  readonly madeBy?: { readonly provider: Provider; readonly model: string }
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
