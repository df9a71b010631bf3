import type {
  ApprovalDecision,
  ApprovalId,
  ApprovalTerms,
  Approvers,
  DecisionKind,
} from '../../../../src/contracts/approval.ts'
import type {
  BudgetLimits,
  BudgetNotice,
  BudgetReached,
  RunBudget,
} from '../../../../src/contracts/budget.ts'
import type { ErrorCode } from '../../../../src/contracts/error-codes.ts'
import type { FoundOfCall } from '../../../../src/contracts/look-up.ts'
import type { RunPlan } from '../../../../src/contracts/plan.ts'
import type { PendingToolCall, TightenedRule, Verdict } from '../../../../src/contracts/tool.ts'
import { NO_USAGE, type RunUsage } from '../../../../src/contracts/usage.ts'
import type { Submission } from '../../../../src/workflows/state/admission-queue.ts'
import { type LedgerModels, newModels } from './models.ts'

/*
 * The other side's books: what a run may do, worked out from the plan and from what was said, without the reducer's help.
 * Each rule has a name, and a mutation that breaks it.
 */

export interface LedgerCall {
  readonly index: number
  readonly tool: string
  readonly seq: number
  argumentsSha256: string
  /** `unknown` until its facts are. */
  verdict: Verdict | 'problem' | 'unknown'
  /** The model's, as the run knows them: the rules are asked again when facts are known. */
  readonly asked: PendingToolCall
  /** What was looked up of it, with the arguments that it has now. */
  found: FoundOfCall | null
  lookingUp: boolean
  /** An approval for a first run has been given and put on the record. */
  cleared: boolean
  runs: number
  clearedAgain: number
  inFlight: boolean
  finished: boolean
  /** It may have been made, and nobody has seen how it ended. */
  unseen: boolean
  /** The run itself has an answer to it under way. */
  noting: boolean
  answered: boolean
  /** Set on a handoff from when the policy, or a person, allows it. */
  handsOver: boolean
  /** Tool calls that its sub-agent may make. */
  share: number
  /** The run's whole budget would not do for its sub-agent. */
  isTooDear: boolean
}

export interface LedgerApproval {
  readonly id: ApprovalId
  readonly call: LedgerCall
  readonly cause: string
  /** What it has to be decided by. */
  readonly decisionSha256: string
  /** Whom the tool has named. */
  readonly named: Approvers | null
  readonly terms: ApprovalTerms
  readonly askedAtMs: number
  readonly voices: Map<string, ApprovalDecision>
  /** Of the call as an edit has it that counts. */
  edited: FoundOfCall | null
  outcome: DecisionKind | 'expired' | null
  recorded: boolean
}

/** The run waits for more of a budget, from when the store withheld something. */
interface Wait {
  reached: BudgetReached
  /** When it ends by itself at the latest. */
  readonly endsAtMs: number
  /** Whether a hop may be tried, to see; `must`: nothing keeps it from that. */
  look: 'no' | 'may' | 'must'
  lastLookMs: number
}

export interface LedgerBudget {
  /** As people have set them. */
  limits: BudgetLimits
  /** Those in force when a hop or a sub-agent was asked for: what is booked for it keeps to them. */
  readonly asked: Map<string, BudgetLimits>
  readonly changes: Set<string>
  accepted: number
  /** Kill switches that the run was told of. */
  readonly told: Set<'tenant' | 'agent'>
  wait: Wait | null
  waits: number
  /** How often a kill switch kept it, by the signal or by the store. */
  switches: number
  /** A limit of the run's own has been met since the last change. */
  met: boolean
  /** The step in which a change came: its hops go on along the chain that they are in. */
  changedInStep: number
  /** What the next hop has to be after the last one was withheld. */
  nextIs: 'cheaper' | 'last' | null
  /** The run says that its next call is the last. */
  finishing: boolean
  lastCallInFlight: boolean
  lastCallAnswered: boolean
  toolCalls: number
  /** When the run last went on for certain: the earliest that a wait may have begun. */
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
  /** Messages that the run heard of in time, without the store's help. */
  readonly told: Set<string>
  /** What others want of the run and it has not taken or refused yet, in the order in which it came. */
  readonly arrivals: Submission[]
  /** Keys of what nobody signed, and of edits that do not fit their tool. */
  readonly forged: Set<string>
  readonly unusable: Set<string>
  /** What became of signed submissions, by their keys. */
  readonly admissions: Map<string, ErrorCode | null>
  dropped: number
  refusals: number
  recordedRefusals: number
  readonly budget: LedgerBudget
  readonly models: LedgerModels
  resumes: number
  /** Messages that only the store told a resumed run of. */
  lateMessages: number
  /** Stricter rules that the run knew when it was closed: one that comes later comes too late. */
  rulesAtEnd: number
  /** Steps that resuming has brought. */
  moreSteps: number
  readonly children: Set<string>
  withheldChildren: number
  /** The specialist that has the run, and the one that gets it with the next step. */
  speaker: string | null
  handoffs: number
  /** Calls that were judged by facts, and decisions of people whom a tool had named. */
  judgedByFacts: number
  decidedByNamed: number
  opened: boolean
  handOverPending: boolean
  answers: number
  /** Of its own calls and its sub-agents'. */
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
    told: new Set(),
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
      told: new Set(),
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
    resumes: 0,
    lateMessages: 0,
    rulesAtEnd: 0,
    moreSteps: 0,
    children: new Set(),
    withheldChildren: 0,
    speaker: null,
    handoffs: 0,
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
