import type { AnswerFault, AnswerProblem } from '../../../contracts/models/answer.ts'
import type { EscalationCause } from '../../../contracts/models/routing.ts'
import type { RunReason } from '../../../contracts/runs/run.ts'
import type { WorkflowPlan } from '../../../contracts/runs/workflow-plan.ts'
import { mayTakeTurn } from '../endings.ts'
import { nextTurn, type RunState } from '../run-state.ts'
import { type AnswersState, NO_FAULTS } from './answers-state.ts'
import { firstHop, nextHop, startOfChain } from './chain.ts'
import { escalate } from './route.ts'

/** Another turn for an answer that could not be used. */
interface AnotherTurn {
  readonly hop: number
  readonly answers: AnswersState
}

/**
 * An answer can't be used as it is: the model is asked again, or the run ends with what there is. An answer that was cut off is asked
 * for again of the same model. One that does not fit goes to its model for repair, and then to the next one of the chain. Where the
 * agent has stronger models for it, they are asked at once in place of that.
 *
 * @param seq the answer's place in the transcript
 */
export function askAgain(plan: WorkflowPlan, state: RunState, fault: AnswerFault, seq: number): RunState {
  const escalated = escalate(plan, state, CAUSES[fault.problem])
  const another =
    escalated === null ? anotherTurn(plan, state, fault) : turnOfStronger(plan, escalated, fault)
  if (another === null || !mayTakeTurn(plan, state)) {
    return { ...state, ending: { status: 'incomplete', reason: REASONS[fault.problem], answer: { seq } } }
  }
  const next = nextTurn(plan, escalated ?? state)
  // A message between the parts of an answer would be answered in the middle of it: messages wait until the answer is whole.
  const inbox = fault.problem === 'cut_off' ? [] : state.inbox
  return {
    ...next,
    turn: { ...next.turn, hop: hopInChain(plan, state, another.hop), inbox },
    inbox: state.inbox.slice(inbox.length),
    answers: { ...another.answers, again: fault },
  }
}

/** What each problem is to escalations … */
const CAUSES = {
  cut_off: 'cut_off',
  call_cut_off: 'cut_off',
  output_invalid: 'output_invalid',
  refused: 'refusal',
} as const satisfies Record<AnswerProblem, EscalationCause>

/** … and the reason of the run's end, where no turn is left for it. */
const REASONS = {
  cut_off: 'max_output_tokens',
  call_cut_off: 'max_output_tokens',
  output_invalid: 'output_invalid',
  refused: 'refusal',
} as const satisfies Record<AnswerProblem, RunReason>

function anotherTurn(plan: WorkflowPlan, state: RunState, { problem }: AnswerFault): AnotherTurn | null {
  if (problem === 'refused') return null
  return problem === 'output_invalid' ? turnOfMisfit(plan, state) : turnOfCutOff(plan, state)
}

/** The stronger models have turns of their own. Where they go on with an answer that was cut off, its parts are counted on. */
function turnOfStronger(plan: WorkflowPlan, state: RunState, { problem }: AnswerFault): AnotherTurn | null {
  const hop = firstHop(plan, state)
  if (CAUSES[problem] !== 'cut_off') return { hop, answers: NO_FAULTS }
  const goesOn = turnOfCutOff(plan, state)
  return goesOn && { hop, answers: { ...NO_FAULTS, cutOff: goesOn.answers.cutOff } }
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
