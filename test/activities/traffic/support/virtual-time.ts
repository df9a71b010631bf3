import type { TestContext } from 'node:test'
import { setImmediate as turn } from 'node:timers/promises'

export interface VirtualTime {
  readonly now: () => number
  sleep(ms: number): Promise<void>
  /** Lets so much time pass, in steps; what comes of each step is done before the next. */
  pass(ms: number): Promise<void>
}

const STEP_MS = 5

/** Time that passes when the test says so: timers are mocked, and so is the clock that the gates are given. */
export function virtualTime(t: TestContext): VirtualTime {
  t.mock.timers.enable({ apis: ['setTimeout'] })
  let nowMs = 0
  return {
    now: () => nowMs,
    sleep: (ms) =>
      new Promise((resolve) => {
        setTimeout(resolve, ms)
      }),
    async pass(ms) {
      for (const end = nowMs + ms; nowMs < end; ) {
        nowMs += STEP_MS
        t.mock.timers.tick(STEP_MS)
        await turn()
      }
    },
  }
}

/** Numbers from 0 to 1 that are the same in every run. */
export function seeded(seed: number): () => number {
  let state = seed
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return state / 2 ** 32
  }
}
