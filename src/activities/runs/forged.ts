import type { ErrorCode } from '../../contracts/error-codes.ts'

/** Ways in which an activity's input contradicts the store. */
const CODES = {
  // The run is not this workflow's.
  no_workflow: 'run_not_accepted',
  unknown_run: 'run_not_accepted',
  other_workflow: 'run_not_accepted',
  other_identity: 'run_not_accepted',
  other_plan: 'run_not_accepted',
  // Nobody has asked for the call, or has decided so.
  not_requested: 'call_not_authorised',
  not_decided: 'call_not_authorised',
} as const satisfies Record<string, ErrorCode>

export type ForgeryProblem = keyof typeof CODES

/** An activity's input contradicts the store. Thrown before the activity does anything; the guard records it and fails the activity. */
export class Forged extends Error {
  readonly problem: ForgeryProblem

  constructor(problem: ForgeryProblem) {
    super(`An activity was refused: ${problem}`)
    this.name = 'Forged'
    this.problem = problem
  }

  get code(): (typeof CODES)[ForgeryProblem] {
    return CODES[this.problem]
  }
}
