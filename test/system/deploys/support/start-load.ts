import { type PlayedRun, playRun } from './played-run.ts'

export interface Load {
  /** Starts no more runs. */
  cease(): void
  /** Starts no more runs, and waits for those that are under way. */
  stop(): Promise<{
    readonly runs: readonly PlayedRun[]
    readonly failures: readonly string[]
    readonly leftOut: number
  }>
}

/** Seconds' worth of runs that may be under way. A machine that can't keep up would never see the end of an open queue. */
const MOST_SECONDS = 15

/** Starts runs at this rate, whether earlier ones have ended or not, as users do; fewer where the machine can't keep up. */
export function startLoad(
  url: string,
  perSecond: number,
  bodyOf: (run: number) => Parameters<typeof playRun>[1],
): Load {
  const runs: PlayedRun[] = []
  const failures: string[] = []
  const underWay = new Set<Promise<void>>()
  let started = 0
  let leftOut = 0

  const timer = setInterval(() => {
    if (underWay.size >= MOST_SECONDS * perSecond) {
      leftOut += 1
      return
    }
    const playing = playRun(url, bodyOf(started++))
      .then(
        (run) => void runs.push(run),
        (error: Error) => void failures.push(`${error.message} ${String(error.cause ?? '')}`),
      )
      .finally(() => underWay.delete(playing))
    underWay.add(playing)
  }, 1_000 / perSecond)

  return {
    cease: () => clearInterval(timer),
    async stop() {
      clearInterval(timer)
      await Promise.all(underWay)
      return { runs, failures, leftOut }
    },
  }
}
