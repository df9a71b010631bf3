import type { AnswerFault } from '../../../contracts/answer.ts'

/** How often the run has asked again for answers that could not be used. */
export interface AnswersState {
  /** Answers in a row that were cut off. */
  readonly cutOff: number
  /** The last hop of the chain whose answer did not fit; null where none has since an answer fitted. */
  readonly misfitHop: number | null
  /** How often that hop has been asked to repair its answer. */
  readonly repairs: number
  /** Why the present turn asks again; null where it does not. */
  readonly again: AnswerFault | null
}

export const NO_FAULTS: AnswersState = { cutOff: 0, misfitHop: null, repairs: 0, again: null }
