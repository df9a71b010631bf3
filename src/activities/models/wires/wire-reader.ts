import type { StopReason } from '../../../contracts/models/model.ts'
import type { ReadArguments } from './read-arguments.ts'
import type { ReportedCounts } from './read-usage.ts'

/** Why an answer ended. `unknown` is a reason that the wire's list lacks: such an answer may be broken off anywhere. */
export type AnswerEnding = StopReason | 'content_filtered' | 'context_too_long' | 'unknown'

/** An answer as its wire's reader has put it together, unchecked. */
export interface RawAnswer {
  readonly text: string
  readonly ending: AnswerEnding
  /** The provider's own word for the ending, for the log. */
  readonly reason: string | undefined
  readonly calls: readonly RawCall[]
  readonly counts: ReportedCounts
  readonly model: string | undefined
  /**
   * The provider's items that the next request has to contain, with the calls as they were read: place n of `calls` belongs to call n,
   * and an absent one was left out. null where the items do not have the answer's text.
   */
  wireItems(calls: readonly (SentBackCall | undefined)[]): readonly unknown[] | null
}

export interface RawCall {
  readonly id: string | undefined
  readonly name: string | undefined
  /** JSON text, or the value itself; undefined where there is nothing. */
  readonly arguments: unknown
}

/** A call under the id and name that we have stored. */
export interface SentBackCall extends Pick<ReadArguments, 'arguments' | 'text'> {
  readonly callId: string
  readonly tool: string
}

/** Puts one answer of a wire together, event by event. It skips events and fields that it does not know. */
export interface WireReader {
  /** `open`: the answer is not complete. `answered`: it is, and its token counts may follow. `ended`: nothing can follow. */
  readonly progress: 'open' | 'answered' | 'ended'
  /** Whether a part of the answer has arrived: the model has worked, and may be billed. */
  readonly hasBegun: boolean
  /**
   * Takes one event, or a whole answer in the place of a stream.
   *
   * @returns the text of the answer in it
   * @throws ReportedError where the event reports a failure
   */
  take(event: Readonly<Record<string, unknown>>): string
  /** Takes the end of a stream that some wires send as `[DONE]`. */
  done(): void
  /** The answer so far. */
  rawAnswer(): RawAnswer
}
