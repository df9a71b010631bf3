/** Bounds of what agents keep about people. */
export const MEMORY = {
  factCharacters: 1_000,
  aboutCharacters: 100,
  queryCharacters: 500,
  /** Facts of one principal. The next new one is refused. */
  factsOfPrincipal: 500,
  /** Facts of one recall: all of them, at their longest, fit into one tool result. */
  recalled: 10,
  /** Sources that a fact names at most. */
  sources: 8,
} as const
