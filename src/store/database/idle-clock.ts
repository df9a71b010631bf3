export interface IdleClock {
  start(): void
  /** Sends a statement. @throws where the transaction is over */
  during<T>(send: () => Promise<T>): Promise<T>
  /** The transaction is over: what is sent from now on would be outside it. */
  stop(): void
  /** Rejects when no statement has been under way for long enough. */
  readonly expired: Promise<never>
}

/** Measures how long a transaction sends nothing. Without `ms` it never expires. */
export function createIdleClock(ms: number | undefined): IdleClock {
  const { promise: expired, reject } = Promise.withResolvers<never>()
  // Only who waits for it wants to hear of it.
  expired.catch(() => undefined)
  let timer: NodeJS.Timeout | undefined
  let underWay = 0
  let isOver = false

  function start(): void {
    clearTimeout(timer)
    if (ms === undefined || isOver || underWay > 0) return
    timer = setTimeout(() => {
      isOver = true
      reject(new Error(`The transaction was rolled back: it has sent no statement for ${ms} ms.`))
    }, ms)
  }

  return {
    start,
    async during(send) {
      if (isOver) throw new Error('The transaction is over.')
      clearTimeout(timer)
      underWay += 1
      try {
        return await send()
      } finally {
        underWay -= 1
        start()
      }
    },
    stop() {
      isOver = true
      clearTimeout(timer)
    },
    expired,
  }
}
