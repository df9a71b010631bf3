import { withWordsBefore } from '../../contracts/files/message-file.ts'
import type { Message } from '../../contracts/runs/message.ts'

/** The transcript as a model is shown it: words of somebody other than the run's principal come after the line that says whose they are. */
export function introduced(transcript: readonly Message[]): readonly Message[] {
  return transcript.map((message) => {
    if (message.role !== 'user' || message.introduction === undefined) return message
    return { role: 'user', ...withWordsBefore(message.introduction, message) }
  })
}
