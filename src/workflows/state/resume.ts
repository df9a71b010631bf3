import type { BudgetLimits } from '../../contracts/budget.ts'
import type { WorkflowPlan } from '../../contracts/workflow-plan.ts'
import type { AdmissionQueue } from './admission-queue.ts'
import { limitsChanged } from './budgets/budget.ts'
import { plannedSteps } from './budgets/usable-limits.ts'
import { isResumable } from './endings.ts'
import { NO_MODEL_WAIT } from './models/models-state.ts'
import { type Ending, type RunState, SEEN_MESSAGES } from './run-state.ts'

/** What whoever resumes a run gives it. */
export interface Resume {
  readonly by: string
  /** In force from then on, where they are others than before. */
  readonly limits?: BudgetLimits
  /** Messages that the store has and no model was shown, oldest first: the run hears of those that came while it ended from here. */
  readonly unread?: readonly string[]
}

/** What a resumed run needs of the state that it ended with; null where it can't be resumed. */
export function keptFor(ending: Ending, state: RunState): RunState | null {
  return isResumable(ending) ? { ...state, calls: [] } : null
}

/**
 * A run that had ended, about to be opened again. It goes on with the step that no model answered, or with the one after the last
 * answer. Its counters, its speaker and its stricter rules stay; so does the time that it has taken.
 */
export function resumed(
  plan: WorkflowPlan,
  ended: RunState,
  { by, limits, unread = [] }: Resume,
  nowMs: number,
): RunState {
  const { ending, step, turn, inbox, seen, budget, clock } = ended
  const taken = ending?.rest !== undefined && ending.reason !== 'max_steps' ? step - 1 : step
  const isAtLimit = taken >= plannedSteps(plan, ended)
  const opening: RunState = {
    ...ended,
    phase: 'opening',
    step: taken,
    turn: { stage: 'idle', hop: 0, failedHops: [], inbox: [] },
    inbox: [...new Set([...unread, ...turn.inbox, ...inbox])],
    seen: [...new Set([...seen, ...unread])].slice(-SEEN_MESSAGES),
    moreSteps: ended.moreSteps + (isAtLimit ? plan.limits.maxSteps : 0),
    budget: {
      ...budget,
      mode: 'usual',
      pause: null,
      // Nobody told an ended run that a switch is off again. The store knows, and a hop asks it.
      switchedOff: [],
    },
    models: { ...NO_MODEL_WAIT, progress: ended.models.progress, spared: ended.models.spared },
    queue: reopenedQueue(ended),
    clock: { spentMs: clock.spentMs, runningSinceMs: nowMs },
    bookkeeping: 'none',
    ending: null,
    handOver: false,
  }
  return limits === undefined ? opening : limitsChanged(plan, opening, { by, limits })
}

/** Nothing waits when a run ends. What was refused because of the end alone deserves another look now that there is none. */
function reopenedQueue({ queue }: RunState): AdmissionQueue {
  const answers = queue.answers.filter(({ problem }) => problem !== 'run_ended')
  return { ...queue, answers, beforeHandOver: 0 }
}
