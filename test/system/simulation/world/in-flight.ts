import type { BookedLimits } from '../../../../src/contracts/budgets/budget.ts'
import type { Command } from '../../../../src/workflows/state/command.ts'

/** Something in flight: a command whose end has not been seen. */
export interface InFlight {
  readonly command: Command
  stopped: boolean
  /** A model call that a provider has been asked for. */
  attempt: Attempt | null
  /** A sub-agent that has begun. */
  child: Child | null
}

/** What it may use at most. */
export interface Attempt {
  readonly inputTokens: number
  readonly capTokens: number
}

export interface Child {
  /** What it is held to. */
  readonly limits: BookedLimits
  waits: boolean
}

export function inFlight(command: Command): InFlight {
  return { command, stopped: false, attempt: null, child: null }
}
