import type { Json, JsonObject } from './json.ts'
import type { Provider, Wire } from './model.ts'
import type { CallProblem } from './tool.ts'

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
 * What a model answered. `wireItems` are the provider's own output items, so that who made them gets them back as they came
 * (reasoning and thinking items lose their meaning otherwise); any other wire, provider or model is told `text` and `toolCalls`. In
 * both, characters that can't be stored are replaced, and the calls have the ids and arguments of `toolCalls`.
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
  /** Ties the result to the call. The provider's, unless that can't be sent back or is that of another call too. */
  readonly callId: string
  readonly tool: string
  readonly arguments: JsonObject
  /** Set where the call can't be made as it stands; the model has been told. */
  readonly problem?: CallProblem
  /** The beginning of what stands in the place of arguments that can't be used; these are then empty. */
  readonly received?: string
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
