import type { Message } from '../../../contracts/message.ts'

/**
 * The answer so far, where the next one goes on with it: the transcript ends with the run's message that the answer was cut off. '' where
 * the next answer is a new one.
 */
export function cutOffPart(transcript: readonly Message[]): string {
  const [answer, note] = transcript.slice(-2)
  if (note?.role !== 'user' || note.about !== 'cut_off' || answer?.role !== 'assistant') return ''
  return answer.output ?? answer.text
}
