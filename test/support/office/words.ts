import type { Message } from '../../../src/contracts/runs/message.ts'

/** What a run was started with: tests know a run's model calls by it. */
export function firstWords(messages: readonly Message[]): string {
  return messages[0] === undefined ? '' : wordsOf(messages[0])
}

export function wordsOf(message: Message): string {
  return message.role === 'tool' ? message.content : message.text
}
