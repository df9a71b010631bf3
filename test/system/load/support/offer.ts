export interface Offered {
  readonly kind: 'start' | 'list' | 'cancel' | 'decide'
  /** Sent at a rate, whether earlier ones are answered or not; or so many at a time, each after the answer to the one before. */
  readonly pace: { readonly perSecond: number } | { readonly atOnce: number }
  readonly method: 'GET' | 'POST'
  /** One request after the other; begun anew after the last, unless they may be sent only once. */
  readonly paths: readonly string[]
  readonly once?: boolean
  readonly body?: object
}

export interface Offer {
  readonly url: string
  readonly seconds: number
  readonly offered: readonly Offered[]
}

/** What became of the requests of one kind. */
export interface Outcome {
  readonly sent: number
  /** Answered as wanted within {@link IN_TIME_MS}. */
  readonly good: number
  /** Answered as wanted, whenever. */
  readonly through: number
  /** Refused with 503. */
  readonly refused: number
  /** Anything else: another status, or no answer. */
  readonly failed: number
  readonly failures: readonly string[]
}

export type Outcomes = Readonly<Partial<Record<Offered['kind'], Outcome>>>

/** What a generator tells of its offer. */
export interface Sent {
  readonly outcomes: Outcomes
  /** Its own processor time. */
  readonly processorMs: number
  /** How late it was with a request, at most: what it is late with was not offered at the rate. */
  readonly latestMs: number
}

export const IN_TIME_MS = 2_000
