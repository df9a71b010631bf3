/**
 * Why an answer can't be used as it is.
 *
 * - `cut_off`: its text ends at the output cap
 * - `call_cut_off`: a tool call in it ends there, so that none of its calls is made
 * - `output_invalid`: it does not fit its agent's output schema
 * - `refused`: the model declines, and stronger models are asked over that
 */
export const ANSWER_PROBLEMS = ['cut_off', 'call_cut_off', 'output_invalid', 'refused'] as const
export type AnswerProblem = (typeof ANSWER_PROBLEMS)[number]

export interface AnswerFault {
  readonly problem: AnswerProblem
  /** With `output_invalid`: how many things in it do not fit. */
  readonly misfits?: number
}
