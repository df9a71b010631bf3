import type { RunPlan } from '../../../../src/contracts/runs/plan.ts'
import type { Resume } from '../../../../src/workflows/state/resume.ts'
import type { RunState } from '../../../../src/workflows/state/run-state.ts'
import { type Ledger, must } from './ledger.ts'
import { observeChange } from './limits.ts'
import { forgetEnd } from './queue.ts'

/** An ended run goes on: its counters, its stricter rules and who has it stay, and its end is undone. */
export function observeResume(
  ledger: Ledger,
  plan: RunPlan,
  { by, limits, unread = [] }: Resume,
  after: RunState,
): void {
  const { budget, models, context } = ledger
  ledger.closed -= 1
  ledger.resumes += 1
  ledger.opened = false
  ledger.handOverPending = false
  if (ledger.answers >= plan.limits.maxSteps + ledger.moreSteps) ledger.moreSteps += plan.limits.maxSteps
  budget.switchedOn.clear()
  budget.wait = null
  budget.recordedWait = null
  budget.met = false
  budget.nextIs = null
  budget.finishing = false
  budget.lastCallInFlight = false
  budget.lastCallAnswered = false
  budget.changedInStep = ledger.answers + 1
  Object.assign(ledger.faults, { fault: null, cutOff: 0, misfits: 0 })
  models.codes.length = 0
  models.wait = null
  models.recordedWait = false
  models.isToldAway = false
  context.tooLong = null
  context.measured = null
  ledger.tightened.length = ledger.rulesAtEnd
  forgetEnd(ledger)
  for (const id of unread) {
    if (!ledger.knownMessages.has(id)) ledger.lateMessages += 1
    ledger.knownMessages.add(id)
  }
  if (limits !== undefined) observeChange(ledger, { limits, by })
  must(JSON.stringify(after.usage) === JSON.stringify(ledger.usage), 'a resumed run keeps what it has used')
  must(
    JSON.stringify(after.tightened) === JSON.stringify(ledger.tightened),
    'a resumed run keeps its stricter rules',
  )
  must(
    JSON.stringify(after.inbox) === JSON.stringify(unread),
    'a resumed run begins with every message that it has not shown, in order',
  )
  must(after.budget.toolCalls === budget.toolCalls, 'a resumed run keeps what it has called')
}
