/**
 * How the bytes of an answer arrive. None of this changes what is said: a client that reads the wire as it is defined, and as servers in
 * the field speak it, gets the same answer.
 */
export interface Delivery {
  /** Divides the body at random places, in lines and characters as well; the same seed divides the same body at the same places. */
  readonly dividedBySeed?: number
  /** How the lines of a stream end; `lf` where it is not given. */
  readonly lineEnds?: keyof typeof LINE_ENDS
  /** Writes the data of each event over several `data:` lines. */
  readonly severalDataLines?: boolean
  /** Comments and keep-alives between the events of a stream. */
  readonly comments?: boolean
  /** Leaves out the `[DONE]` of a chat stream. */
  readonly withoutDone?: boolean
  /** `missing`: no token counts. `twice`: the last of them comes again. */
  readonly usage?: 'missing' | 'twice'
  /** Sends the head or the body a few bytes at a time. */
  readonly drip?: Drip
}

export interface Drip {
  readonly part: 'head' | 'body'
  readonly everyMs: number
  /** 1 where it is not given. */
  readonly bytes?: number
}

export const LINE_ENDS = { lf: '\n', crlf: '\r\n', cr: '\r' } as const
