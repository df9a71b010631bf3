import { EXIT } from './exit-codes.ts'

/** Ends the process, without a word, once nobody reads its output any more: `head` leaves after its lines. */
export function endWhenUnread(): void {
  for (const stream of [process.stdout, process.stderr])
    stream.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code !== 'EPIPE') throw error
      process.exit(EXIT.unread)
    })
}
