import type { FastifyBaseLogger } from 'fastify'

/**
 * Runs `work` every `everyMs`, and never twice at once. A failure is logged, and the next round tries again.
 *
 * @param until `success`: the first round that succeeds is the last
 */
export function repeat(
  everyMs: number,
  work: (signal: AbortSignal) => Promise<void>,
  logger: FastifyBaseLogger,
  until: 'stopped' | 'success' = 'stopped',
): () => Promise<void> {
  const stopped = new AbortController()
  let running: Promise<void> | null = null

  const timer = setInterval(() => {
    running ??= work(stopped.signal)
      .then(() => {
        if (until === 'success') clearInterval(timer)
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
