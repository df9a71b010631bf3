/** Runs that are started at a steady rate, as users do. */
export interface Traffic {
  /** Starts no more, and waits for the starts that are under way. @throws the first error of a start */
  stop(): Promise<void>
}

/** @param start starts the `n`-th run; an answer of the API that refuses it is no error */
export function steadily(perSecond: number, start: (n: number) => Promise<unknown>): Traffic {
  const underWay = new Set<Promise<void>>()
  const errors: unknown[] = []
  let started = 0
  const timer = setInterval(() => {
    const starting = start(started++)
      .then(
        () => undefined,
        (error: unknown) => void errors.push(error),
      )
      .finally(() => underWay.delete(starting))
    underWay.add(starting)
  }, 1_000 / perSecond)
  return {
    async stop() {
      clearInterval(timer)
      await Promise.all(underWay)
      if (errors.length > 0) throw errors[0]
    },
  }
}
