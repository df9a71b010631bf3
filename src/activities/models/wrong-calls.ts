import type { Message } from '../../contracts/message.ts'

/** How many answers at a transcript's end ask for nothing but calls that could not be made, one after the other. */
export function wrongCallsInARow(transcript: readonly Message[]): number {
  const turns = transcript.filter(({ role }) => role !== 'tool').toReversed()
  const end = turns.findIndex((turn) => !isWrong(turn))
  return end === -1 ? turns.length : end
}

function isWrong(message: Message): boolean {
  return (
    message.role === 'assistant' &&
    message.toolCalls.length > 0 &&
    message.toolCalls.every(({ problem }) => problem !== undefined)
  )
}
