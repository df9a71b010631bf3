import { apply } from '../../../src/workflows/state/apply.ts'
import { checkDecision } from '../../../src/workflows/state/approvals/check-decision.ts'
import { nextAlarm } from '../../../src/workflows/state/clock.ts'
import { decide } from '../../../src/workflows/state/decide.ts'
import { resumeRun } from '../../../src/workflows/state/resume.ts'

/** The reducer under simulation. A test double of it, broken on purpose, shows that the simulation can fail. */
export interface Reducer {
  readonly decide: typeof decide
  readonly apply: typeof apply
  readonly checkDecision: typeof checkDecision
  readonly nextAlarm: typeof nextAlarm
  readonly resumeRun: typeof resumeRun
}

export const REDUCER: Reducer = { decide, apply, checkDecision, nextAlarm, resumeRun }
