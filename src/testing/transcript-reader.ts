import type { Json, JsonObject } from '../contracts/json.ts'
import type { Wire } from '../contracts/models/model.ts'
import type { AssistantMessage, Message, ToolCall } from '../contracts/runs/message.ts'
import type { ScriptedFile, ScriptedRequest } from './script.ts'

/** Collects the conversation of a wire's request as the product's messages. All parts of a model's turn become one message. */
export class TranscriptReader {
  readonly #messages: Message[] = []
  readonly #files: ScriptedFile[] = []
  readonly #tools = new Map<string, string>()
  readonly #wire: Wire

  constructor(wire: Wire) {
    this.#wire = wire
  }

  get messages(): readonly Message[] {
    return this.#messages
  }

  user(text: string): void {
    this.#messages.push({ role: 'user', text })
  }

  file(file: ScriptedFile): void {
    this.#files.push(file)
  }

  assistant(piece: { text?: string; toolCalls?: readonly ToolCall[]; wireItems: readonly Json[] }): void {
    const last = this.#messages.at(-1)
    const turn: AssistantMessage =
      last?.role === 'assistant'
        ? last
        : { role: 'assistant', text: '', toolCalls: [], wire: this.#wire, wireItems: [] }
    if (turn === last) this.#messages.pop()
    for (const call of piece.toolCalls ?? []) this.#tools.set(call.callId, call.tool)
    this.#messages.push({
      ...turn,
      text: turn.text + (piece.text ?? ''),
      toolCalls: [...turn.toolCalls, ...(piece.toolCalls ?? [])],
      wireItems: [...turn.wireItems, ...piece.wireItems],
    })
  }

  /** Refuses a result without a call, as the providers do. */
  tool(callId: string, content: string, isError: boolean): void {
    const tool = this.#tools.get(callId)
    if (tool === undefined) throw new Error(`no tool call found for the result with id ${callId}`)
    this.#messages.push({ role: 'tool', callId, tool, content, isError })
  }

  /** Refuses a call without a result, as the providers do. */
  finish(): Pick<ScriptedRequest, 'messages' | 'files'> {
    const answered = new Set(
      this.#messages.map((message) => (message.role === 'tool' ? message.callId : null)),
    )
    for (const callId of this.#tools.keys()) {
      if (!answered.has(callId)) throw new Error(`no tool output found for the call with id ${callId}`)
    }
    return { messages: this.#messages, ...(this.#files.length > 0 && { files: this.#files }) }
  }
}

/** Arguments as a client sends them back: JSON text from an earlier answer. */
export function readArguments(text: string): JsonObject {
  return text === '' ? {} : (JSON.parse(text) as JsonObject)
}
