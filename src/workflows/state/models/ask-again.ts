import type { AnswerFault } from '../../../contracts/answer.ts'
import type { WorkflowPlan } from '../../../contracts/workflow-plan.ts'
import { mayTakeTurn } from '../endings.ts'
import { nextTurn, type RunState } from '../run-state.ts'
import type { AnswersState } from './answers-state.ts'
import { firstHop, nextHop, startOfChain } from './chain.ts'

/** Another turn for an answer that could not be used. */
interface AnotherTurn {
  readonly hop: number
  readonly answers: AnswersState
}

/**
 * An answer can't be used as it is: the model is asked again, or the run ends with what there is. An answer that was cut off is asked
 * for again of the same model. One that does not fit goes to its model for repair, and then to the next one of the chain.
 *
 * @param seq the answer's place in the transcript
 */
export function askAgain(plan: WorkflowPlan, state: RunState, fault: AnswerFault, seq: number): RunState {
  const isMisfit = fault.problem === 'output_invalid'
  const another = isMisfit ? turnOfMisfit(plan, state) : turnOfCutOff(plan, state)
  if (another === null || !mayTakeTurn(plan, state)) {
    const reason = isMisfit ? 'output_invalid' : 'max_output_tokens'
    return { ...state, ending: { status: 'incomplete', reason, answer: { seq } } }
  }
  const next = nextTurn(plan, state)
  // A message between the parts of an answer would be answered in the middle of it: messages wait until the answer is whole.
  const inbox = fault.problem === 'cut_off' ? [] : state.inbox
  return {
    ...next,
    turn: { ...next.turn, hop: hopInChain(plan, state, another.hop), inbox },
    inbox: state.inbox.slice(inbox.length),
    answers: { ...another.answers, again: fault },
  }
}

function turnOfCutOff(plan: WorkflowPlan, { answers, turn }: RunState): AnotherTurn | null {
  const cutOff = answers.cutOff + 1
  if (cutOff > (plan.limits.answerContinuations ?? 0)) return null
  return { hop: turn.hop, answers: { ...answers, cutOff } }
}

/**
 * `repairHop` only goes up, so that a step that begins with the first hop again, as after calls or a wait for models, brings the run no
 * turn more.
 */
function turnOfMisfit(plan: WorkflowPlan, state: RunState): AnotherTurn | null {
  const { answers, turn } = state
  const last = answers.repairHop ?? -1
  const repairs = turn.hop > last ? 0 : answers.repairs
  const repairHop = Math.max(turn.hop, last)
  if (repairs < (plan.limits.answerRepairs ?? 0)) {
    return { hop: turn.hop, answers: { ...answers, cutOff: 0, repairHop, repairs: repairs + 1 } }
  }
  const next = nextHop(plan, state)
  if (next === null || next <= repairHop) return null
  return { hop: next, answers: { ...answers, cutOff: 0, repairHop: next, repairs: 0 } }
}

/** The hop, unless the budget wants the run on its other chain by now. */
function hopInChain(plan: WorkflowPlan, state: RunState, hop: number): number {
  const first = firstHop(plan, state)
  return startOfChain(plan, state, hop) === first ? hop : first
}
