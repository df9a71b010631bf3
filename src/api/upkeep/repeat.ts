import type { FastifyBaseLogger } from 'fastify'

/**
 * Runs `work` every `everyMs`, and never twice at once. A failure is logged, and the next round tries again.
 *
 * @param work resolves to `done` where it need not be run again
 */
export function repeat(
  everyMs: number,
  work: (signal: AbortSignal) => Promise<unknown>,
  logger: FastifyBaseLogger,
): () => Promise<void> {
  const stopped = new AbortController()
  let running: Promise<void> | null = null

  const timer = setInterval(() => {
    running ??= work(stopped.signal)
      .then((result) => {
        if (result === 'done') clearInterval(timer)
      })
      .catch((error: unknown) => logger.warn({ err: error }, 'a sweep failed'))
      .finally(() => {
        running = null
      })
  }, everyMs)

  return async () => {
    clearInterval(timer)
    stopped.abort()
    await running
  }
}
