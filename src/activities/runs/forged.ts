import type { ErrorCode } from '../../contracts/error-codes.ts'

/** What gives an activity's input away: the store says otherwise. */
const CODES = {
  // Whose the call is
  no_workflow: 'run_not_accepted',
  unknown_run: 'run_not_accepted',
  other_workflow: 'run_not_accepted',
  other_identity: 'run_not_accepted',
  other_plan: 'run_not_accepted',
  // What is called
  not_requested: 'call_not_authorised',
  not_decided: 'call_not_authorised',
} as const satisfies Record<string, ErrorCode>

export type ForgeryProblem = keyof typeof CODES

/** Thrown before anything is done. Whoever calls activities puts it on the record and fails the activity for good. */
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
