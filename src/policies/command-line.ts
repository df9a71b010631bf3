/** How long the commands that ask an API wait for one that does not answer: what they change of the client's own retries and times. */
export const COMMAND_LINE = {
  /** For a person who waits for an answer now: an API that is away is said to be away soon. */
  soon: { retries: 2 },
  /** For a command that waits for a run: it outlives an API that is away for 2 minutes, and gives up after 5 at the latest. */
  patient: { retries: 60, longestDelayMs: 5_000 },
  /** What a person has left at Ctrl-C is asked to stop for so long, in milliseconds. */
  cancelMs: 15_000,
} as const
