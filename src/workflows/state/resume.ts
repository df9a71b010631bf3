import type { BudgetLimits } from '../../contracts/budgets/budget.ts'
import type { WorkflowPlan } from '../../contracts/runs/workflow-plan.ts'
import type { AdmissionQueue } from './admission-queue.ts'
import { applyBudgetChange } from './budgets/apply-budget-change.ts'
import { plannedSteps } from './budgets/usable-limits.ts'
import { isResumable } from './endings.ts'
import { NO_FAULTS } from './models/answers-state.ts'
import { NO_MODEL_WAIT } from './models/models-state.ts'
import { type Ending, type RunState, SEEN_MESSAGES } from './run-state.ts'

/** What a run is resumed with. */
export interface Resume {
  readonly by: string
  /** New limits, where the person who resumes the run has set any. */
  readonly limits?: BudgetLimits
  /** Stored messages that no model was shown, oldest first. Those that came while the run ended have reached it in no other way. */
  readonly unread?: readonly string[]
}

/** The state to keep with a run that can be resumed; null for any other end. */
export function stateToKeep(ending: Ending, state: RunState): RunState | null {
  return isResumable(ending) ? { ...state, calls: [] } : null
}

/**
 * The state of a resumed run, about to be opened again. It goes on with the step that no model answered, or with the step after the
 * last answer. Its counters, its current agent, its stricter rules and the time that it has taken stay.
 */
export function resumeRun(
  plan: WorkflowPlan,
  ended: RunState,
  { by, limits, unread = [] }: Resume,
  nowMs: number,
): RunState {
  const { ending, step, turn, inbox, seen, budget, clock } = ended
  const stepsDone = ending?.rest !== undefined && ending.reason !== 'max_steps' ? step - 1 : step
  const isAtLimit = stepsDone >= plannedSteps(plan, ended)
  const opening: RunState = {
    ...ended,
    phase: 'opening',
    step: stepsDone,
    turn: { stage: 'idle', hop: 0, failedHops: [], inbox: [] },
    inbox: [...new Set([...unread, ...turn.inbox, ...inbox])],
    seen: [...new Set([...seen, ...unread])].slice(-SEEN_MESSAGES),
    moreSteps: ended.moreSteps + (isAtLimit ? plan.limits.maxSteps : 0),
    budget: {
      ...budget,
      mode: 'usual',
      pause: null,
      // An ended run gets no signal that a switch is off again. The first hop asks the store, which knows.
      switchedOff: [],
    },
    models: { ...NO_MODEL_WAIT, progress: ended.models.progress, spared: ended.models.spared },
    context: { ...ended.context, measured: null, due: null, stage: 'idle' },
    answers: NO_FAULTS,
    queue: reopenedQueue(ended),
    clock: { spentMs: clock.spentMs, runningSinceMs: nowMs },
    bookkeeping: 'none',
    ending: null,
    handOver: false,
  }
  return limits === undefined ? opening : applyBudgetChange(plan, opening, { by, limits })
}

/** The queue of a run that goes on, which is empty. Submissions that were refused because the run had ended may be sent again. */
function reopenedQueue({ queue }: RunState): AdmissionQueue {
  const answers = queue.answers.filter(({ problem }) => problem !== 'run_ended')
  return { ...queue, answers, beforeHandOver: 0 }
}
