/** How much of a value is logged, whatever its size: a line must not cost more than the work that it tells of. */
export const LOGGED_AT_MOST = {
  /** Objects within objects. */
  depth: 8,
  /** Entries of one object or list. */
  entries: 100,
  /** Values of one line. */
  values: 2_000,
  /** Characters of one text. */
  textCharacters: 8_192,
  /** Characters of all texts of a line. */
  lineCharacters: 65_536,
  /** Errors that are the cause of each other. */
  causes: 8,
} as const

/** A secret that is shorter is not looked for: it could be a part of common words. */
export const SECRET_MIN_CHARACTERS = 8

export const TEMPORAL_LOG = {
  /** Time between two looks whether Temporal is back. Milliseconds. */
  lookEveryMs: 1_000,
  /** Repeated lines of the SDK are counted for this long, then told as one. Milliseconds. */
  foldForMs: 60_000,
  /** Different lines that are counted at the same time. */
  foldedLines: 200,
} as const
