import type { Message } from '../../../contracts/runs/message.ts'

/**
 * The answer so far, where the next one goes on with it: the transcript ends with the run's message that the answer was cut off, or with
 * an answer that its provider has paused. '' where the next answer is a new one.
 */
export function cutOffPart(transcript: readonly Message[]): string {
  const last = transcript.at(-1)
  if (last?.role === 'assistant' && last.paused) return last.output ?? last.text
  const [answer, note] = transcript.slice(-2)
  if (note?.role !== 'user' || note.about !== 'cut_off' || answer?.role !== 'assistant') return ''
  return answer.output ?? answer.text
}
