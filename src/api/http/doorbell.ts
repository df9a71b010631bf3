/** Wakes one waiter. A ring that finds nobody waiting is kept, so that nothing is missed between two waits. */
export interface Doorbell {
  ring(): void
  /** Resolves at the next ring (`rung`), after `timeoutMs`, or as soon as `signal` aborts. */
  wait(timeoutMs: number, signal: AbortSignal): Promise<'rung' | 'timeout' | 'aborted'>
}

export function createDoorbell(): Doorbell {
  let rung = false
  let wake: (() => void) | null = null

  return {
    ring() {
      rung = true
      wake?.()
    },
    wait(timeoutMs, signal) {
      return new Promise((resolve) => {
        const done = (outcome: 'rung' | 'timeout' | 'aborted') => {
          clearTimeout(timer)
          signal.removeEventListener('abort', onAbort)
          wake = null
          if (outcome === 'rung') rung = false
          resolve(outcome)
        }
        const onAbort = () => done('aborted')
        const timer = setTimeout(() => done('timeout'), timeoutMs)
        signal.addEventListener('abort', onAbort, { once: true })
        wake = () => done('rung')
        if (signal.aborted) done('aborted')
        else if (rung) done('rung')
      })
    },
  }
}
