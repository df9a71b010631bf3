import { mock } from 'node:test'

/** A clock that stands until it is moved: `now` for us, and `Date.now` for cockatiel. */
export interface VirtualClock extends Disposable {
  now(): number
  pass(ms: number): void
}

export function virtualClock(): VirtualClock {
  mock.timers.enable({ apis: ['Date'], now: 1_000_000 })
  let nowMs = 0
  return {
    now: () => nowMs,
    pass(ms) {
      nowMs += ms
      mock.timers.tick(ms)
    },
    [Symbol.dispose]: () => mock.timers.reset(),
  }
}
