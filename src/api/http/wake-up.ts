/** Wakes one waiter. A wake-up that finds nobody waiting is kept for the next wait, so that none is lost between two waits. */
export interface WakeUp {
  wake(): void
  /** Resolves at the next wake-up (`woken`), after `timeoutMs`, or as soon as `signal` aborts. */
  wait(timeoutMs: number, signal: AbortSignal): Promise<'woken' | 'timeout' | 'aborted'>
}

export function createWakeUp(): WakeUp {
  let isWoken = false
  let resume: (() => void) | null = null

  return {
    wake() {
      isWoken = true
      resume?.()
    },
    wait(timeoutMs, signal) {
      return new Promise((resolve) => {
        const done = (outcome: 'woken' | 'timeout' | 'aborted') => {
          clearTimeout(timer)
          signal.removeEventListener('abort', onAbort)
          resume = null
          if (outcome === 'woken') isWoken = false
          resolve(outcome)
        }
        const onAbort = () => done('aborted')
        const timer = setTimeout(() => done('timeout'), timeoutMs)
        signal.addEventListener('abort', onAbort, { once: true })
        resume = () => done('woken')
        if (signal.aborted) done('aborted')
        else if (isWoken) done('woken')
      })
    },
  }
}
