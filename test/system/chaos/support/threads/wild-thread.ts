import type { MultitaskStrategy } from '../../../../../src/contracts/threads/thread.ts'
import { seeded } from '../../../simulation/random.ts'

/** A message that somebody sends to a thread, whatever becomes of it. */
export interface WildMessage {
  /** Tells its run from all others: the only input of the run. */
  readonly text: string
  readonly strategy: MultitaskStrategy
  /** Calls of tools, one after the other, before the answer. */
  readonly calls: number
  /** What it waits for before it is sent: nothing, the first request of the message before, or the end of that one's run. */
  readonly after: 'nothing' | 'asked' | 'ended'
  /** When its run is cancelled. */
  readonly cancelled: 'never' | 'at_once' | 'asked'
  /** How long each of its models takes, in milliseconds. */
  readonly delayMs: number
}

/** The schedule of a thread's messages; the same for the same seed and number. */
export function wildThread(seed: number, number: number): readonly WildMessage[] {
  const random = seeded(seed * 1_009 + number)
  return Array.from({ length: 3 + random.below(4) }, (_, place) => ({
    text: `Thread ${number}, message ${place}`,
    strategy: strategyOf(random.next()),
    calls: random.below(3),
    after: random.pick(['nothing', 'nothing', 'asked', 'ended'] as const),
    cancelled: random.chance(0.2) ? random.pick(['at_once', 'asked'] as const) : 'never',
    delayMs: 10 + random.below(150),
  }))
}

function strategyOf(chance: number): MultitaskStrategy {
  if (chance < 0.68) return 'enqueue'
  if (chance < 0.76) return 'reject'
  return chance < 0.88 ? 'interrupt' : 'rollback'
}
