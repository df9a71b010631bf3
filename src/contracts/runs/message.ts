import type { MessageFile } from '../files/message-file.ts'
import type { Json, JsonObject } from '../json.ts'
import type { AnswerProblem } from '../models/answer.ts'
import type { Provider, Wire } from '../models/model.ts'
import type { CallProblem } from '../tools/tool.ts'

/** A message of a person or a parent's run: the run's input, or one that was added while the run went on. */
export interface UserMessage {
  readonly role: 'user'
  readonly text: string
  /** Images and PDFs, at their places in the text. Absent where there are none. */
  readonly files?: readonly MessageFile[]
  /** Who added the message while the run went on. Absent in the input, which is the principal's, or a sub-agent's parent's. */
  readonly by?: string
  /**
   * The line that a model is shown before the text, where somebody other than the run's principal wrote it. It is stored with
   * the text, so that the record says what was shown, and the estimate of a call's input counts it.
   */
  readonly introduction?: string
  /** Set on a message that the run itself has written, about the answer before it. */
  readonly about?: AnswerProblem
  /** The text stands for earlier messages, which are not shown. Only a window has such a message, never the transcript. */
  readonly standsFor?: MessagesLeftOut
}

/** Provenance of a window's first words. */
export interface MessagesLeftOut {
  readonly messages: number
  /** How many of them, the oldest, the summary is of; 0 where the text says only that they are left out. */
  readonly summarised: number
  /** Positions of the first and the last of them. */
  readonly fromSeq: number
  readonly toSeq: number
  /** The model that wrote the summary, as its provider names it. */
  readonly writtenBy?: string
  /** RFC 3339 */
  readonly writtenAt?: string
}

/**
 * A model's answer. `wireItems` are the provider's own output items. Later requests to the model that made them contain them unchanged,
 * since reasoning items would lose their meaning otherwise; requests on another wire, or to another provider or model, contain `text`
 * and `toolCalls`. In both, characters that can't be stored are replaced, and the calls have the ids and arguments of `toolCalls`.
 */
export interface AssistantMessage {
  readonly role: 'assistant'
  readonly text: string
  readonly toolCalls: readonly ToolCall[]
  readonly wire: Wire | 'none'
  readonly wireItems: readonly Json[]
  /** The model that was asked. Absent in messages of 0.2.0 and older, and in messages without a model. */
  readonly madeBy?: { readonly provider: Provider; readonly model: string }
  /** The provider has stopped in the middle of its turn: the next request to this model ends in this message. */
  readonly paused?: true
  /** What the answer comes to, where that is not its `text`: its parts joined, where it was cut off; JSON without the fence around it. */
  readonly output?: string
  /** The answer is JSON that fits its agent's output schema. */
  readonly fits?: true
}

export interface ToolCall {
  /** Identifies the call for its result. It is the provider's id, unless providers refuse that one, or another call has it. */
  readonly callId: string
  readonly tool: string
  readonly arguments: JsonObject
  /** Why the call can't be made; its result tells the model so. */
  readonly problem?: CallProblem
  /** The beginning of the model's text where it can't be used as arguments; `arguments` is then empty. */
  readonly received?: string
}

/** A call's result for the model, from the tool or from the run in its place. */
export interface ToolMessage {
  readonly role: 'tool'
  readonly callId: string
  readonly tool: string
  /** Text of ours, or JSON from the tool's handler; never the text of a foreign error. */
  readonly content: string
  /** Images of the result, behind its content. Absent where there are none. */
  readonly files?: readonly MessageFile[]
  readonly isError: boolean
}

export type Message = UserMessage | AssistantMessage | ToolMessage

/** A message at its place in the run's transcript. `seq` is given by the workflow, so storing it twice is storing it once. */
export interface TranscriptEntry {
  readonly seq: number
  readonly message: Message
  readonly createdAt: string
}
