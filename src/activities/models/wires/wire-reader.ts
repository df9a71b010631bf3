import type { StopReason } from '../../../contracts/model.ts'
import type { ReadArguments } from './read-arguments.ts'
import type { ReportedCounts } from './read-usage.ts'

/** Why an answer ended. `unknown` is a reason that the wire's list does not have: such an answer may be broken off anywhere. */
export type Ending = StopReason | 'content_filtered' | 'context_too_long' | 'unknown'

/** An answer as its wire has put it together: nothing of it is checked. */
export interface SaidAnswer {
  readonly text: string
  readonly ending: Ending
  /** The provider's own word for it, for the log. */
  readonly reason: string | undefined
  readonly calls: readonly SaidCall[]
  readonly counts: ReportedCounts
  readonly model: string | undefined
  /**
   * The items that the next request has to carry, with the calls as they were read: the one at place n belongs to call n, and one
   * that is missing was left out. null where the wire's items do not say what was said.
   */
  wireItems(calls: readonly (SentBackCall | undefined)[]): readonly unknown[] | null
}

export interface SaidCall {
  readonly id: string | undefined
  readonly name: string | undefined
  /** JSON text, or the value itself; undefined where there is nothing. */
  readonly arguments: unknown
}

/** A call under the id and name that we know it by. */
export interface SentBackCall extends Pick<ReadArguments, 'arguments' | 'text'> {
  readonly callId: string
  readonly tool: string
}

/** Puts one answer of a wire together, event by event. What it does not know, it skips. */
export interface WireReader {
  /**
   * `open`: more has to come. `said`: the answer is whole, an account of its tokens may follow. `ended`: nothing can follow.
   */
  readonly progress: 'open' | 'said' | 'ended'
  /** Some of an answer has arrived, so that the provider has worked. */
  readonly hasBegun: boolean
  /**
   * Takes one event, or a whole answer in the place of a stream; gives the text of the answer in it. Throws a `ToldError` for a
   * failure that the event reports.
   */
  take(event: Readonly<Record<string, unknown>>): string
  /** Takes the word that ends a stream on some wires: `[DONE]`. */
  done(): void
  /** What was said so far. */
  said(): SaidAnswer
}
