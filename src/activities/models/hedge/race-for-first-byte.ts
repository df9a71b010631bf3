import { CancelledFailure } from '@temporalio/common'

/** A call's part in a race of two. */
export interface Lane {
  /** Aborted with a `CancelledFailure` once the other call has its first byte. */
  readonly signal: AbortSignal
  /** Reports the first byte. False where the other call has had its own before: this one has lost. */
  begin(): boolean
}

export type Ask<T> = (lane: Lane) => Promise<T>

/** A second call that may begin. */
export interface Ready<T> {
  readonly ask: Ask<T>
  /** Called in place of `ask` where the first call has gone on meanwhile. */
  release(): Promise<void>
}

interface Running<T> {
  readonly answer: Promise<T>
  /** Resolves with the first byte, or with the call's end. */
  readonly moved: Promise<void>
  readonly whenMoved: AbortSignal
  hasMoved(): boolean
}

/**
 * Makes a call, and another one beside it where the first has not had a byte after `afterMs`. Whichever has the first byte goes on, and
 * the other is stopped: from its first byte on an answer has a reader. A call that fails before its first byte leaves the race to the
 * other. Both have ended when this settles.
 *
 * @param second null where nothing can be asked; must not reject. Its signal is aborted once the first call has moved
 * @returns the answer. Where neither has one, it rejects with the failure of the first call, or of the second where that had won
 */
export async function raceForFirstByte<T>(
  first: Ask<T>,
  afterMs: number,
  second: (signal: AbortSignal) => Promise<Ready<T> | null>,
): Promise<T> {
  const stops: AbortController[] = []
  let winner: number | null = null

  const one = start(first)
  const isSilent = await isSilentFor(one, afterMs)
  const other = isSilent ? await second(one.whenMoved) : null
  if (other === null) return one.answer
  if (one.hasMoved()) {
    await other.release()
    return one.answer
  }
  const two = start(other.ask)
  const [ofFirst, ofSecond] = await Promise.allSettled([one.answer, two.answer])
  if (ofFirst.status === 'fulfilled') return ofFirst.value
  if (ofSecond.status === 'fulfilled') return ofSecond.value
  throw winner === 1 ? ofSecond.reason : ofFirst.reason

  function start(ask: Ask<T>): Running<T> {
    const stop = new AbortController()
    const place = stops.push(stop) - 1
    const { promise: moved, resolve } = Promise.withResolvers<void>()
    const mover = new AbortController()
    const move = () => {
      mover.abort(new CancelledFailure('The first model has gone on.'))
      resolve()
    }
    const begin = () => {
      winner ??= place
      if (winner !== place) return false
      move()
      const other = stops[1 - place]
      other?.abort(new CancelledFailure('The other model has sent the first byte.'))
      return true
    }
    const answer = ask({ signal: stop.signal, begin })
    answer.then(move, move)
    return { answer, moved, whenMoved: mover.signal, hasMoved: () => mover.signal.aborted }
  }
}

async function isSilentFor({ moved, hasMoved }: Running<unknown>, ms: number): Promise<boolean> {
  const { promise: late, resolve } = Promise.withResolvers<void>()
  const timer = setTimeout(resolve, ms)
  await Promise.race([moved, late])
  clearTimeout(timer)
  return !hasMoved()
}
