import type { AssistantMessage, Message, ToolMessage, UserMessage } from '../../../contracts/runs/message.ts'

/** An answer with the result of each of its calls; null where the transcript has none. */
export interface AnswerWithResults {
  readonly message: AssistantMessage
  readonly results: (ToolMessage | null)[]
}

/**
 * Pairs every result with its call. Models make the ids, and may repeat one: a result belongs to the latest answer with a call of this
 * id that has no result yet. A result without a call is left out, since every provider refuses it.
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
      // `pop` takes the last one. Results of one answer come in the order of its calls, so the first call has to be last.
      for (const [index, { callId }] of [...message.toolCalls.entries()].toReversed())
        open.set(callId, [...(open.get(callId) ?? []), { answer, index }])
    } else {
      const call = open.get(message.callId)?.pop()
      if (call !== undefined) call.answer.results[call.index] = message
    }
  }
  return paired
}
