import type { CloseRunInput } from '../../contracts/runs/ending.ts'
import { plannedTool } from '../../contracts/runs/read-plan.ts'
import type { WorkflowPlan } from '../../contracts/runs/workflow-plan.ts'
import { nextAdmission, recordRefusals } from './admission.ts'
import { EMPTY_QUEUE } from './admission-queue.ts'
import { openApprovals, recordApproval } from './approvals/record-approval.ts'
import { recordBudget } from './budgets/record-budget.ts'
import { freeToolCalls } from './budgets/usable-limits.ts'
import { runChild } from './children.ts'
import type { Command } from './command.ts'
import { callModel } from './models/call-model.ts'
import { compact, isCompactionDue } from './models/compaction.ts'
import { recordModelWait } from './models/model-wait.ts'
import { chooseRoute, isRouteDue } from './models/route.ts'
import { stateToKeep } from './resume.ts'
import { type Ending, isBusy, type RunState, waitsForBudget } from './run-state.ts'
import type { CallState } from './tools/call-state.ts'
import { lookUps, noteResults, runTool } from './tools/tool-commands.ts'

/**
 * The commands to begin now. Pure. The shell reports each as `issued` to `apply` before it calls this again, so that a command is
 * given once.
 */
export function decide(plan: WorkflowPlan, state: RunState): readonly Command[] {
  if (state.phase === 'closed') return recordRefusals(state)
  if (state.ending !== null) return commandsOfEnding(plan, state)
  if (state.phase === 'opening') return state.bookkeeping === 'none' ? [{ type: 'open_run' }] : []
  const records: Command[] = [
    ...state.calls.flatMap((call) => recordApproval(plan, state, call)),
    ...noteResults(state),
    ...recordBudget(plan, state),
    ...recordModelWait(state),
    ...recordRefusals(state),
  ]
  // A sub-agent may wait for a person for days. A hand-over waits for the child, and must not hold the step's other calls up so long.
  const childRuns = state.calls.some((call) => call.stage === 'running' && isChild(plan, call))
  if (state.handOver && !childRuns) {
    // Only a few more submissions are admitted before the hand-over, since a flood of them would put it off for ever. The next
    // execution gets the rest of the queue.
    const admits = state.queue.beforeHandOver > 0 || isBusy({ ...state, queue: EMPTY_QUEUE })
    const due = admits ? [...records, ...nextAdmission(state)] : records
    return due.length > 0 || isBusy(state) ? due : [{ type: 'continue_as_new' }]
  }
  records.push(...nextAdmission(state))
  if (waitsForBudget(state)) return records
  if (state.phase === 'thinking') {
    const isIdle = state.turn.stage === 'idle' && state.context.stage === 'idle'
    if (!isIdle || state.models.wait?.probing === false) return records
    return [...records, nextOfTurn(plan, state)]
  }
  records.push(...lookUps(plan, state))
  const ready = state.calls.filter(({ stage }) => stage === 'ready').slice(0, freeToolCalls(state))
  // A sub-agent is started alone: its share depends on what the calls before it have taken.
  const [first] = ready
  if (first !== undefined && isChild(plan, first)) return [...records, runChild(plan, state, first)]
  const own = ready.filter((call) => !isChild(plan, call))
  return [...records, ...own.map((call) => runTool(plan, state, call))]
}

/** What the turn does next. The models are chosen first: how much they can read differs. */
function nextOfTurn(plan: WorkflowPlan, state: RunState): Command {
  if (isRouteDue(plan, state)) return chooseRoute(plan, state)
  return isCompactionDue(plan, state) ? compact(plan, state) : callModel(plan, state)
}

function isChild(plan: WorkflowPlan, { tool }: CallState): boolean {
  return plannedTool(plan, tool).execution === 'child'
}

/** Once the run's end is decided: stops what is in flight, waits for it, puts the last notices on the record, and closes the run. */
function commandsOfEnding(plan: WorkflowPlan, state: RunState): readonly Command[] {
  const stops: Command[] = state.calls.flatMap(({ stage, index }) =>
    stage === 'running' || stage === 'looking_up' ? [{ type: 'stop_tool', index } as const] : [],
  )
  if (state.turn.stage === 'running') stops.push({ type: 'stop_model' })
  if (state.context.stage === 'running') stops.push({ type: 'stop_compaction' })
  if (stops.length > 0 || isBusy(state) || state.ending === null) return stops
  const notices = [...recordBudget(plan, state), ...recordModelWait(state), ...recordRefusals(state)]
  if (notices.length > 0) return notices
  const { status, reason, error } = state.ending
  const answer = answerOf(state, state.ending)
  const resumable = stateToKeep(state.ending, state)
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

/** The transcript position of the answer. A run without one gets the position that the next answer would have. */
function answerOf({ nextSeq, turn }: RunState, { answer, rest }: Ending): CloseRunInput['answer'] {
  return rest === undefined ? answer : { seq: nextSeq + turn.inbox.length, ...rest, fromRecord: true }
}

/** Steps that the run has taken. A step whose first hop the budget withheld does not count. */
export function stepsTaken(state: RunState): number {
  const { step, phase, turn, ending } = state
  const isAnswered = ending?.answer !== undefined && ending.answer.text === undefined
  const isWithheld = waitsForBudget(state) || (ending?.reason === 'budget' && !isAnswered)
  return phase === 'thinking' && isWithheld && turn.failedHops.length === 0 ? step - 1 : step
}
