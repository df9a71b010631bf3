import type { CloseRunInput } from '../../contracts/ending.ts'
import { plannedTool } from '../../contracts/read-plan.ts'
import type { WorkflowPlan } from '../../contracts/workflow-plan.ts'
import { EMPTY_QUEUE } from './admission-queue.ts'
import { admission, recordRefusals } from './admit.ts'
import { openApprovals, recordApproval } from './approvals/record-approval.ts'
import { recordBudget } from './budgets/record-budget.ts'
import { freeToolCalls } from './budgets/usable-limits.ts'
import { runChild } from './children.ts'
import type { Command } from './command.ts'
import { callModel } from './models/call-model.ts'
import { recordModelWait } from './models/model-wait.ts'
import { keptFor } from './resume.ts'
import { type Ending, isBusy, isHeld, type RunState } from './run-state.ts'
import type { CallState } from './tools/call-state.ts'
import { lookUps, noteResults, runTool } from './tools/tool-commands.ts'

/**
 * What to begin now. Pure, and says each command once: whoever carries it out tells `apply` that it was issued before
 * asking again.
 */
export function decide(plan: WorkflowPlan, state: RunState): readonly Command[] {
  if (state.phase === 'closed') return recordRefusals(state)
  if (state.ending !== null) return wrapUp(plan, state)
  if (state.phase === 'opening') return state.bookkeeping === 'none' ? [{ type: 'open_run' }] : []
  const records: Command[] = [
    ...state.calls.flatMap((call) => recordApproval(plan, state, call)),
    ...noteResults(state),
    ...recordBudget(plan, state),
    ...recordModelWait(state),
    ...recordRefusals(state),
  ]
  // A sub-agent may wait for a person for days: the rest of its step does not wait with it.
  const childRuns = state.calls.some((call) => call.stage === 'running' && isChild(plan, call))
  if (state.handOver && !childRuns) {
    // Few admissions keep the run from handing over: a flood of them would, for ever. The rest of the queue is carried over.
    const admits = state.queue.beforeHandOver > 0 || isBusy({ ...state, queue: EMPTY_QUEUE })
    const due = admits ? [...records, ...admission(state)] : records
    return due.length > 0 || isBusy(state) ? due : [{ type: 'continue_as_new' }]
  }
  records.push(...admission(state))
  if (isHeld(state)) return records
  if (state.phase === 'thinking') {
    const isDue = state.turn.stage === 'idle' && state.models.wait?.probing !== false
    return isDue ? [...records, callModel(plan, state)] : records
  }
  records.push(...lookUps(plan, state))
  const ready = state.calls.filter(({ stage }) => stage === 'ready').slice(0, freeToolCalls(state))
  // A sub-agent's share depends on what the calls before it have taken.
  const [first] = ready
  if (first !== undefined && isChild(plan, first)) return [...records, runChild(plan, state, first)]
  const own = ready.filter((call) => !isChild(plan, call))
  return [...records, ...own.map((call) => runTool(plan, state, call))]
}

function isChild(plan: WorkflowPlan, { tool }: CallState): boolean {
  return plannedTool(plan, tool).execution === 'child'
}

/** Once the end is decided: stop what runs, wait for it, then close. */
function wrapUp(plan: WorkflowPlan, state: RunState): readonly Command[] {
  const stops: Command[] = state.calls.flatMap(({ stage, index }) =>
    stage === 'running' || stage === 'looking_up' ? [{ type: 'stop_tool', index } as const] : [],
  )
  if (state.turn.stage === 'running') stops.push({ type: 'stop_model' })
  if (stops.length > 0 || isBusy(state) || state.ending === null) return stops
  const notices = [...recordBudget(plan, state), ...recordModelWait(state), ...recordRefusals(state)]
  if (notices.length > 0) return notices
  const { status, reason, error } = state.ending
  const answer = answerOf(state, state.ending)
  const resumable = keptFor(state.ending, state)
  return [
    {
      type: 'close_run',
      input: {
        status,
        ...(reason !== undefined && { reason }),
        ...(error !== undefined && { error }),
        ...(answer !== undefined && { answer }),
        ...(state.turn.failedHops.length > 0 && { failedHops: state.turn.failedHops }),
        steps: stepsTaken(state),
        approvals: openApprovals(state),
        ...(resumable !== null && { resumable }),
      },
    },
  ]
}

/** What there is of a run without an answer takes the place that the next answer would have. */
function answerOf({ nextSeq, turn }: RunState, { answer, rest }: Ending): CloseRunInput['answer'] {
  return rest === undefined ? answer : { seq: nextSeq + turn.inbox.length, ...rest, fromRecord: true }
}

/** A step whose first hop was withheld has not been taken. */
export function stepsTaken(state: RunState): number {
  const { step, phase, turn, ending } = state
  const isAnswered = ending?.answer !== undefined && ending.answer.text === undefined
  const isWithheld = isHeld(state) || (ending?.reason === 'budget' && !isAnswered)
  return phase === 'thinking' && isWithheld && turn.failedHops.length === 0 ? step - 1 : step
}
