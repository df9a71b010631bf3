import type { AssistantMessage, Message, ToolMessage, UserMessage } from '../../../contracts/message.ts'

/** An answer, and what each of its calls came to: null where no result is on record. */
export interface AnswerWithResults {
  readonly message: AssistantMessage
  readonly results: (ToolMessage | null)[]
}

/**
 * Ties every result to its call. Ids come from models and may come twice: a result belongs to the latest answer that has a
 * call of this id still open. A result of no call is left out, since every provider refuses it.
 */
export function pairCalls(messages: readonly Message[]): (UserMessage | AnswerWithResults)[] {
  const paired: (UserMessage | AnswerWithResults)[] = []
  const open = new Map<string, { readonly answer: AnswerWithResults; readonly index: number }[]>()

  for (const message of messages) {
    if (message.role === 'user') {
      paired.push(message)
    } else if (message.role === 'assistant') {
      const answer = { message, results: message.toolCalls.map(() => null) }
      paired.push(answer)
      // The last one is taken first: calls of one answer are answered in order.
      for (const [index, { callId }] of [...message.toolCalls.entries()].toReversed())
        open.set(callId, [...(open.get(callId) ?? []), { answer, index }])
    } else {
      const call = open.get(message.callId)?.pop()
      if (call !== undefined) call.answer.results[call.index] = message
    }
  }
  return paired
}
