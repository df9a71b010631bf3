import type { AnswerFault } from '../../../../src/contracts/models/answer.ts'
import type { RunPlan } from '../../../../src/contracts/runs/plan.ts'
import type { RunState } from '../../../../src/workflows/state/run-state.ts'
import { type Ledger, must } from './ledger.ts'
import { hopsFor, lengthOf } from './routes.ts'
import { currentAgent } from './team.ts'

/** Answers that could not be used, and what was asked for again. */
export interface LedgerAnswers {
  fault: AnswerFault | null
  /** The hop that gave the last answer. */
  hop: number
  /** Answers in a row that were cut off. */
  cutOff: number
  /** Answers that did not fit since the last one that did, or since the run was handed on. */
  misfits: number
  goneOn: number
  repaired: number
}

export function newAnswers(): LedgerAnswers {
  return { fault: null, hop: 0, cutOff: 0, misfits: 0, goneOn: 0, repaired: 0 }
}

/** An answer is there: it is the run's, or it is asked for again as often as the plan says. */
export function observeFault(
  ledger: Ledger,
  plan: RunPlan,
  {
    fault,
    calls,
    hop,
  }: { readonly fault: AnswerFault | undefined; readonly calls: number; readonly hop?: number | undefined },
  before: RunState,
  { ending }: RunState,
): void {
  const { faults } = ledger
  const wasRepair = faults.fault?.problem === 'output_invalid'
  faults.fault = fault ?? null
  faults.hop = hop ?? before.turn.hop
  if (fault === undefined) {
    if (wasRepair && calls === 0) faults.repaired += 1
    faults.cutOff = 0
    if (calls === 0) faults.misfits = 0
    return
  }
  must(ending?.status !== 'completed', 'a run completes only with an answer that can be used')
  const isMisfit = fault.problem === 'output_invalid'
  const isCutOff = !isMisfit && fault.problem !== 'refused'
  faults.cutOff = isCutOff ? faults.cutOff + 1 : 0
  faults.misfits += isMisfit ? 1 : 0
  if (before.ending !== null) return
  const { answerContinuations = 0, answerRepairs = 0 } = plan.limits
  const agent = currentAgent(ledger, plan)
  const { usual, cheaper } = hopsFor(ledger, agent)
  if (ending === null) {
    faults.goneOn += fault.problem === 'cut_off' ? 1 : 0
    must(faults.cutOff <= answerContinuations, 'an answer is gone on with no more often than its plan says')
    const most = (lengthOf(usual) + lengthOf(cheaper)) * (answerRepairs + 1) - 1
    // One more may lead to stronger models.
    const escalates = agent.escalation?.on.includes('output_invalid') ? 1 : 0
    must(faults.misfits <= most + escalates, 'an answer is repaired no more often than its plan says')
    return
  }
  if (ledger.budget.lastCallAnswered) return
  const { maxSteps } = ledger.budget.limits
  const isAtLimit = maxSteps === undefined && ledger.answers >= plan.limits.maxSteps + ledger.moreSteps
  if (ending.reason === 'max_output_tokens') {
    must(isAtLimit || faults.cutOff > answerContinuations, 'a run gives an answer up when its turns are used')
  }
  if (ending.reason === 'output_invalid') {
    must(isAtLimit || faults.misfits > answerRepairs, 'a run gives an answer up when its turns are used')
  }
}

/** A model is asked: for the rest of an answer it is the same one, and nothing is said in between. */
export function observeAskedAgain(ledger: Ledger, hop: number, inbox: readonly string[]): void {
  const { faults, budget, models, answers } = ledger
  if (faults.fault?.problem === 'cut_off') {
    must(inbox.length === 0, 'nothing is said between the parts of an answer')
  }
  if (faults.fault === null || models.wait !== null || budget.changedInStep >= answers) return
  // A run whose next call is its last has no money for the stronger models that its answer was to be asked of.
  if (budget.nextIs === 'last' || budget.finishing) return
  must(hop >= faults.hop, 'an answer is asked for again of its model, or of a later one')
}
