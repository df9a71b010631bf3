import type {
  ApprovalDecision,
  ApprovalId,
  ApprovalTerms,
  Approvers,
  DecisionKind,
} from '../../../../src/contracts/approvals/approval.ts'
import type {
  BudgetLimits,
  BudgetNotice,
  BudgetReached,
  RunBudget,
} from '../../../../src/contracts/budgets/budget.ts'
import type { ErrorCode } from '../../../../src/contracts/error-codes.ts'
import type { EscalationCause } from '../../../../src/contracts/models/routing.ts'
import { NO_USAGE, type RunUsage } from '../../../../src/contracts/models/usage.ts'
import type { RunPlan } from '../../../../src/contracts/runs/plan.ts'
import type { FoundOfCall } from '../../../../src/contracts/tools/look-up.ts'
import type { PendingToolCall, TightenedRule, Verdict } from '../../../../src/contracts/tools/tool.ts'
import type { Submission } from '../../../../src/workflows/state/admission-queue.ts'
import { type LedgerAnswers, newAnswers } from './answers.ts'
import { type LedgerContext, newContext } from './context.ts'
import { type LedgerModels, newModels } from './models.ts'

/*
 * What a run may do, derived from its plan and its occurrences without the reducer's help. Each rule has a name, and a mutation that
 * breaks it.
 */

export interface LedgerCall {
  readonly index: number
  readonly tool: string
  readonly seq: number
  argumentsSha256: string
  /** `unknown` until the call's facts are known. */
  verdict: Verdict | 'problem' | 'unknown'
  /** The call as the model has made it: the rules are applied again when its facts are known. */
  readonly asked: PendingToolCall
  /** Facts and approvers that were looked up for its present arguments. */
  found: FoundOfCall | null
  lookingUp: boolean
  /** An approval for a first run has been given and put on the record. */
  approved: boolean
  runs: number
  approvedAgain: number
  inFlight: boolean
  finished: boolean
  /** It may have been made, and its outcome is unknown. */
  unseen: boolean
  /** The run is giving it a result in the tool's place. */
  noting: boolean
  answered: boolean
  /** Set on a handoff from when the policy, or a person, allows it. */
  handsOver: boolean
  /** Tool calls that its sub-agent may make. */
  share: number
  /** Even the run's whole budget does not cover its sub-agent. */
  isTooDear: boolean
}

export interface LedgerApproval {
  readonly id: ApprovalId
  readonly call: LedgerCall
  readonly cause: string
  /** The hash that a decision has to name. */
  readonly decisionSha256: string
  /** Approvers that the tool has named. */
  readonly named: Approvers | null
  readonly terms: ApprovalTerms
  readonly askedAtMs: number
  readonly votes: Map<string, ApprovalDecision>
  /** Facts and approvers of the call as edited, where an edit counts. */
  edited: FoundOfCall | null
  outcome: DecisionKind | 'expired' | null
  recorded: boolean
}

/** The run's wait for its budget, since the store has withheld a hop or a sub-agent. */
interface Wait {
  reached: BudgetReached
  /** When it ends by itself at the latest. */
  readonly endsAtMs: number
  /** Whether a hop may be tried, to see; `must`: nothing keeps it from that. */
  look: 'no' | 'may' | 'must'
  lastLookMs: number
}

export interface LedgerBudget {
  /** The limits as people have set them. */
  limits: BudgetLimits
  /** Limits in force when a hop or a sub-agent was begun: what is booked for it must not exceed them. */
  readonly asked: Map<string, BudgetLimits>
  readonly changes: Set<string>
  accepted: number
  /** Kill switches that are on, by the signals that the run has received. */
  readonly switchedOn: Set<'tenant' | 'agent'>
  wait: Wait | null
  waits: number
  /** How often a kill switch stopped the run, by its signal or by the store. */
  switches: number
  /** A limit of the run's own has been reached since the last change. */
  met: boolean
  /** The step in which the limits changed: its hops stay on their chain. */
  changedInStep: number
  /** What the next hop has to be after the last one was withheld. */
  nextIs: 'cheaper' | 'last' | null
  /** The run has given the notice that its next call is the last. */
  finishing: boolean
  lastCallInFlight: boolean
  lastCallAnswered: boolean
  toolCalls: number
  /** When the run last certainly went on: no wait has begun before. */
  lastProgressMs: number
  /** Notices that are on the record. */
  readonly notices: BudgetNotice[]
  recordedWait: BudgetReached | null
}

export interface Ledger {
  nextSeq: number
  readonly calls: Map<number, LedgerCall>
  readonly approvals: Map<string, LedgerApproval>
  readonly messages: Map<string, 'waiting' | 'shown'>
  readonly tightened: TightenedRule[]
  /** Messages that a signal has announced to the run while it went on. */
  readonly knownMessages: Set<string>
  /** Submissions that wait for their turn, in the order in which they came. */
  readonly arrivals: Submission[]
  /** Keys of submissions without a valid signature. */
  readonly forged: Set<string>
  /** Keys of edits that do not fit their tool. */
  readonly unusable: Set<string>
  /** Answers to signed submissions, by their keys; null where one counts. */
  readonly admissions: Map<string, ErrorCode | null>
  dropped: number
  refusals: number
  recordedRefusals: number
  readonly budget: LedgerBudget
  readonly models: LedgerModels
  readonly context: LedgerContext
  readonly faults: LedgerAnswers
  resumes: number
  /** Number of messages that a resumed run has got from the store alone. */
  lateMessages: number
  /** Stricter rules that the run knew when it was closed: one that comes later comes too late. */
  rulesAtEnd: number
  /** Steps that were granted when the run was resumed. */
  moreSteps: number
  readonly children: Set<string>
  withheldChildren: number
  /** The specialist that has the run; null for the agent that it started with. */
  currentAgent: string | null
  handoffs: number
  /** The routes of agents whose rules were judged; null for an agent's own chain. */
  readonly routes: Map<string, number | null>
  chosenRoutes: number
  /** What is wrong with the last answer, as far as stronger models may be asked over it. */
  failedCheck: EscalationCause | null
  escalating: boolean
  escalations: number
  /** Calls that were judged by facts, and decisions of people whom a tool had named. */
  judgedByFacts: number
  decidedByNamed: number
  opened: boolean
  handOverPending: boolean
  answers: number
  /** Usage of the run's own calls and of its sub-agents. */
  usage: RunUsage
  /** The run's own time: at least, and at most, where waiting for a person and for a record can't be told apart from outside. */
  leastActiveMs: number
  mostActiveMs: number
  closed: number
}

export function newLedger(plan: RunPlan, inputCount: number): Ledger {
  return {
    nextSeq: inputCount,
    calls: new Map(),
    approvals: new Map(),
    messages: new Map(),
    tightened: [],
    knownMessages: new Set(),
    arrivals: [],
    forged: new Set(),
    unusable: new Set(),
    admissions: new Map(),
    dropped: 0,
    refusals: 0,
    recordedRefusals: 0,
    budget: {
      limits: plan.budget?.limits ?? {},
      asked: new Map(),
      changes: new Set(),
      accepted: 0,
      switchedOn: new Set(),
      wait: null,
      waits: 0,
      switches: 0,
      met: false,
      changedInStep: -1,
      nextIs: null,
      finishing: false,
      lastCallInFlight: false,
      lastCallAnswered: false,
      toolCalls: 0,
      lastProgressMs: 0,
      notices: [],
      recordedWait: null,
    },
    models: newModels(),
    context: newContext(),
    faults: newAnswers(),
    resumes: 0,
    lateMessages: 0,
    rulesAtEnd: 0,
    moreSteps: 0,
    children: new Set(),
    withheldChildren: 0,
    currentAgent: null,
    handoffs: 0,
    routes: new Map(),
    chosenRoutes: 0,
    failedCheck: null,
    escalating: false,
    escalations: 0,
    judgedByFacts: 0,
    decidedByNamed: 0,
    opened: false,
    handOverPending: false,
    answers: 0,
    usage: NO_USAGE,
    leastActiveMs: 0,
    mostActiveMs: 0,
    closed: 0,
  }
}

export function must(holds: boolean, rule: string): asserts holds {
  if (!holds) throw new Error(`Invariant broken: ${rule}`)
}

export function callAt(ledger: Ledger, index: number): LedgerCall {
  const call = ledger.calls.get(index)
  must(call !== undefined, 'a call was made by the model in this step')
  return call
}

/** How a run without a budget of its own waits for those that many share. */
const NO_BUDGET = {
  softRatio: 0.8,
  onReached: 'pause',
  pauseMs: 604_800_000,
  lookAgainMs: 3_600_000,
} as const

export function wayOf(plan: RunPlan): Pick<RunBudget, 'softRatio' | 'onReached' | 'pauseMs' | 'lookAgainMs'> {
  return plan.budget ?? NO_BUDGET
}

/** Whether the plan leaves something for a cheaper way or a last call. */
export function keepsBack(plan: RunPlan): boolean {
  const { onReached } = wayOf(plan)
  return onReached === 'degrade' || onReached === 'finish'
}
