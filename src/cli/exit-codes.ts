import type { TerminalStatus } from '../contracts/runs/run.ts'

/** What scripts can go by. `docs/guides/command-line.md` has the same list. */
export const EXIT = {
  failed: 1,
  /** The command line cannot be understood. */
  usage: 2,
  notFound: 3,
  /** That is not done, for this key or at all. */
  refused: 4,
  /** No answer, or "not now": the same may succeed later. */
  unavailable: 5,
  /** A conversation without a person has come to a turn that waits for a decision, or for budget. */
  waits: 14,
  /** Ctrl-C, before the run had ended. Shells have this number for it: 128, and that of SIGINT. */
  interrupted: 130,
  /** Nobody reads the output any more. Shells have this number for it: 128, and that of SIGPIPE. */
  unread: 141,
} as const

/** How a run ended that a command has waited for. */
export const EXIT_OF_END: Readonly<Record<TerminalStatus, number>> = {
  completed: 0,
  incomplete: 10,
  failed: 11,
  cancelled: 12,
  expired: 13,
}
