import type { Message } from '../../contracts/runs/message.ts'
import { CONTEXT_TEXTS } from '../../policies/models/context.ts'

/** The messages with every tool result cut to so many bytes of UTF-8, and a mark where something is left out. */
export function cutResults(messages: readonly Message[], resultBytes: number | null): readonly Message[] {
  return resultBytes === null ? messages : messages.map((message) => cutResult(message, resultBytes))
}

export function cutResult(message: Message, resultBytes: number): Message {
  if (message.role !== 'tool') return message
  const bytes = Buffer.byteLength(message.content)
  if (bytes <= resultBytes) return message
  const start = utf8Start(message.content, resultBytes)
  return { ...message, content: start + CONTEXT_TEXTS.cutResult(bytes - Buffer.byteLength(start)) }
}

/** The text's beginning, whole characters of it, in at most so many bytes. */
function utf8Start(text: string, bytes: number): string {
  // A streaming decoder keeps the bytes of a character that is cut back.
  return new TextDecoder().decode(Buffer.from(text).subarray(0, bytes), { stream: true })
}
