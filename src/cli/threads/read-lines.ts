import { createInterface } from 'node:readline'

/** Lines that a person writes, or that are piped in. Those that come before anybody asks for them wait. */
export interface Lines {
  /** The next line; null where there is none any more, or the signal was aborted before one came. */
  next(prompt: string, signal: AbortSignal): Promise<string | null>
  /** The same for a question: a line that a person wrote before it was asked is no answer to it. */
  answer(question: string, signal: AbortSignal): Promise<string | null>
  /** @returns the lines that nobody has asked for */
  close(): readonly string[]
}

/**
 * @param isTerminal whether a person sits there, who is shown the prompt
 * @param onInterrupt called at each Ctrl-C
 */
export function readLines(isTerminal: boolean, onInterrupt: () => void): Lines {
  const { stdin, stdout } = process
  const reader = createInterface({
    input: stdin,
    ...(isTerminal && { output: stdout }),
    terminal: isTerminal,
  })
  const unread: string[] = []
  let hasEnded = false
  let wake = (): void => undefined
  reader.on('line', (line) => {
    unread.push(line)
    wake()
  })
  reader.on('close', () => {
    hasEnded = true
    wake()
  })
  // On a terminal readline gets the key, and the process no signal.
  reader.on('SIGINT', onInterrupt)
  process.on('SIGINT', onInterrupt)

  async function next(prompt: string, signal: AbortSignal): Promise<string | null> {
    if (isTerminal && !hasEnded) {
      reader.setPrompt(prompt)
      reader.prompt()
    }
    for (;;) {
      const line = unread.shift()
      if (line !== undefined) return line
      if (hasEnded || signal.aborted) return null
      const woken = Promise.withResolvers<void>()
      wake = woken.resolve
      signal.addEventListener('abort', wake)
      await woken.promise
      signal.removeEventListener('abort', wake)
    }
  }

  return {
    next,
    async answer(question, signal) {
      const before = isTerminal ? unread.splice(0) : []
      const answer = await next(question, signal)
      unread.unshift(...before)
      return answer
    },
    close() {
      process.off('SIGINT', onInterrupt)
      reader.close()
      return unread.splice(0)
    },
  }
}
