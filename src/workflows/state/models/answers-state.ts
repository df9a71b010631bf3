import type { AnswerFault } from '../../../contracts/models/answer.ts'

/** How often the run has asked again for answers that could not be used. */
export interface AnswersState {
  /** Answers in a row that were cut off. */
  readonly cutOff: number
  /** The last hop of the chain that was asked for an answer that fits, since one did not; null where every answer fits. */
  readonly repairHop: number | null
  /** How often that hop has been asked to repair its answer. */
  readonly repairs: number
  /** Why the present turn asks again; null where it does not. */
  readonly again: AnswerFault | null
}

export const NO_FAULTS: AnswersState = { cutOff: 0, repairHop: null, repairs: 0, again: null }
