import type { CloseRunInput } from '../../../../src/contracts/runs/ending.ts'
import type { RunPlan } from '../../../../src/contracts/runs/plan.ts'
import type { Ending, RunState } from '../../../../src/workflows/state/run-state.ts'
import { type Ledger, must } from './ledger.ts'
import { observeLastModelNotices } from './models.ts'
import { observeLastNotices } from './notices.ts'
import { verdictOnQueue } from './queue.ts'

export function observeClose(ledger: Ledger, { status, steps, reason }: Omit<CloseRunInput, 'run'>): void {
  ledger.closed += 1
  ledger.rulesAtEnd = ledger.tightened.length
  const { answers, budget } = ledger
  if (reason === 'budget' && budget.accepted === 0) {
    const isBegun = steps === answers || steps === answers + 1
    must(
      isBegun && steps <= (budget.limits.maxSteps ?? Number.POSITIVE_INFINITY),
      'a run tells the steps it took',
    )
  }
  if (status !== 'completed') return
  for (const id of ledger.knownMessages) {
    must(
      ledger.messages.get(id) === 'shown',
      'a run sets out to complete only when it has shown every message',
    )
  }
}

/** The plan's own limit of steps ends a run that has taken them, those included that resuming has brought. */
export function observeStepsEnd(ledger: Ledger, plan: RunPlan, { reason }: Ending): void {
  if (reason !== 'max_steps') return
  must(ledger.answers >= plan.limits.maxSteps + ledger.moreSteps, 'steps run out when they are taken')
}

/** Messages that the store has and no model was shown: over these a run does not complete. */
export function unreadOf(ledger: Ledger): string[] {
  return [...ledger.messages].flatMap(([id, where]) => (where === 'waiting' ? [id] : []))
}

/** Checks what must be true when the run is over. */
export function verdictOnEnd(ledger: Ledger, state: RunState): void {
  must(ledger.closed === 1, 'a run is closed once')
  must(state.ending !== null, 'a closed run has an end')
  must(JSON.stringify(state.usage) === JSON.stringify(ledger.usage), 'every answer is counted, to the token')
  observeLastNotices(ledger, state)
  observeLastModelNotices(ledger)
  verdictOnQueue(ledger, state)
  if (state.ending.status !== 'completed') return
  for (const [id, where] of ledger.messages)
    must(where === 'shown', `a completed run has shown every message (${id})`)
  for (const call of ledger.calls.values())
    must(call.answered, 'a completed run leaves no call without a result')
}
